use std::io::Write;

use secrecy::ExposeSecret;
use tempfile::NamedTempFile;

use super::*;
use crate::config::testing::{accepted, env, refused};
use crate::config::variables::*;

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

#[test]
fn every_problem_is_reported_at_once_one_a_line() {
    let mut env = env(&[("PORT", "http"), ("AMQP_QUEUE", "q")]);
    let port = env.number(PORT, 0..=u16::MAX);
    let uri = env.secret(MONGO_URI);
    let queue = env.text(AMQP_QUEUE);
    let values = || Some((port?, uri?, queue?));
    let error = env.finish(values()).err().unwrap();
    let lines: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines[1..],
        [
            "  PORT must be a whole number from 0 to 65535; for example PORT=3000",
            "  MONGO_URI must be set; for example MONGO_URI=mongodb://user:password@mongo:27017/mysms?authSource=admin",
        ]
    );
}

#[test]
fn a_problem_refuses_even_what_is_not_needed() {
    let mut env = env(&[("HEALTH_PORT", "x")]);
    let port = env.optional_parsed(HEALTH_PORT, "a port", |text| text.parse::<u16>().ok());
    assert!(port.is_none());
    assert!(env.finish(Some(())).is_err());
}

#[test]
fn blank_is_not_set() {
    let pairs = [
        ("PORT", " "),
        ("HEALTH_PORT", ""),
        ("TRUSTED_PROXIES_FILE", ""),
    ];
    assert_eq!(accepted(&pairs, |env| env.text(PORT)), "3000");
    let health = accepted(&pairs, |env| Some(env.optional_text(HEALTH_PORT)));
    assert!(health.is_none());
    assert!(!env(&pairs).is_set(TRUSTED_PROXIES));
}

#[test]
fn a_file_gives_the_value_less_one_trailing_newline() {
    let cases = [
        ("secret", "secret"),
        ("secret\n", "secret"),
        ("secret\r\n", "secret"),
        (" secret \n\n", " secret \n"),
    ];
    for (content, value) in cases {
        let file = file(content);
        let pairs = [("JWT_SECRET_KEY_FILE", path(&file))];
        let secret = accepted(&pairs, |env| env.secret(JWT_SECRET_KEY));
        assert_eq!(secret.expose_secret(), value);
    }
}

#[test]
fn a_file_that_gives_no_value_is_refused() {
    let empty = file("\n");
    let given = file("0123456789");
    let cases = [
        (
            vec![("PORT_FILE", path(&empty))],
            "PORT is empty in the file that PORT_FILE names",
        ),
        (
            vec![("PORT_FILE", path(&given)), ("PORT", "3000")],
            "PORT is set together with PORT_FILE: keep one of them",
        ),
        (
            vec![("PORT_FILE", "/nowhere/at/all")],
            "PORT cannot be read from the file that PORT_FILE names: No such file or directory (os error 2)",
        ),
    ];
    for (pairs, problem) in cases {
        assert_eq!(refused(&pairs, |env| env.text(PORT)), [problem]);
        let optional = refused(&pairs, |env| Some(env.optional_text(PORT)));
        assert_eq!(optional, [problem]);
    }
}

#[test]
fn neither_values_nor_paths_are_repeated_in_a_problem() {
    let secret = "hunter2hunter2";
    let pairs = [
        ("PORT", secret),
        ("AMQP_QUEUE_FILE", secret),
        ("START_WINDOW_SECONDS", secret),
    ];
    let mut env = env(&pairs);
    env.number(PORT, 0..=u16::MAX);
    env.text(AMQP_QUEUE);
    env.seconds(START_WINDOW_SECONDS);
    let error = env.finish(Some(())).err().unwrap();
    assert_eq!(error.problems().len(), 3);
    assert!(!format!("{error} {error:?}").contains(secret));
}

#[test]
fn seconds_may_have_fractions_within_a_millisecond_and_a_year() {
    let read = |env: &mut Env| env.seconds(START_WINDOW_SECONDS);
    for (text, millis) in [
        ("0.001", 1),
        ("0.25", 250),
        (" 5 ", 5_000),
        ("1e3", 1_000_000),
    ] {
        let duration = accepted(&[("START_WINDOW_SECONDS", text)], read);
        assert_eq!(duration, Duration::from_millis(millis), "{text}");
    }
    for text in ["0", "-1", "0.0001", "31536001", "nan", "inf", "5s", "1,5"] {
        refused(&[("START_WINDOW_SECONDS", text)], read);
    }
}

#[test]
fn a_number_stays_within_its_range() {
    let read = |env: &mut Env| env.number(WORKER_CONCURRENCY, 1..=10);
    assert_eq!(accepted(&[("WORKER_CONCURRENCY", "10")], read), 10);
    for text in ["0", "11", "-1", "1.5", "ten"] {
        let problems = refused(&[("WORKER_CONCURRENCY", text)], read);
        let expected = "WORKER_CONCURRENCY must be a whole number from 1 to 10";
        assert_eq!(problems, [expected], "{text}");
    }
}
