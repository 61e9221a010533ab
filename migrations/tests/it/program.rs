//! The program as operators and scripts run it.

use std::process::{Command, Output};

use lab::Scratch;

use crate::scratch::{connect, record_unknown};

fn run(uri: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mysms-migrate"))
        .args(arguments)
        .env_clear()
        .env("MONGO_URI", uri)
        .output()
        .unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn check_tells_by_its_exit_code_whether_migrations_are_pending() {
    let scratch = Scratch::new();
    let pending = run(&scratch.uri(), &["--check"]);
    assert_eq!(code(&pending), Some(3), "{}", said(&pending));
    let again = run(&scratch.uri(), &["--check"]);
    assert_eq!(code(&again), Some(3), "to check changes nothing");

    let applied = run(&scratch.uri(), &[]);
    assert_eq!(code(&applied), Some(0), "{}", said(&applied));
    assert!(said(&applied).contains("applied migration 1"));
    let checked = run(&scratch.uri(), &["--check"]);
    assert_eq!(code(&checked), Some(0), "{}", said(&checked));
    let repeated = run(&scratch.uri(), &[]);
    assert_eq!(code(&repeated), Some(0), "{}", said(&repeated));
    assert!(!said(&repeated).contains("applied"));
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn a_newer_major_version_has_an_exit_code_of_its_own() {
    let scratch = Scratch::new();
    record_unknown(&connect(&scratch).await, 6).await;
    for arguments in [&[][..], &["--check"]] {
        let refused = run(&scratch.uri(), arguments);
        assert_eq!(code(&refused), Some(4), "{}", said(&refused));
        assert!(said(&refused).contains("newer version"));
    }
    scratch.remove().await.unwrap();
}

#[test]
fn what_cannot_be_done_says_why_without_the_password() {
    // Nobody listens on port 9, which is set aside for discarding what is sent there.
    let away = run("mongodb://user:s3cret@127.0.0.1:9/mysms", &[]);
    let misnamed = run("postgres://user:s3cret@127.0.0.1/mysms", &["--check"]);
    let misspelt = run("mongodb://user:s3cret@127.0.0.1/mysms?tls=maybe", &[]);
    let wrong_flag = run("mongodb://127.0.0.1/mysms", &["--force"]);
    for (output, exit, why) in [
        (&away, 1, "127.0.0.1:9"),
        (&misnamed, 2, "MONGO_URI must"),
        (&misspelt, 1, "tls"),
        (&wrong_flag, 2, "--force"),
    ] {
        assert_eq!(code(output), Some(exit), "{}", said(output));
        assert!(said(output).contains(why), "{}", said(output));
        assert!(!said(output).contains("s3cret"), "{}", said(output));
    }
}

#[test]
fn help_and_version_need_no_database() {
    let help = run("", &["--help"]);
    assert_eq!(code(&help), Some(0));
    assert!(said(&help).contains("Exit codes:"));
    let version = run("", &["--version"]);
    assert_eq!(code(&version), Some(0));
    assert!(said(&version).contains(env!("CARGO_PKG_VERSION")));
}
