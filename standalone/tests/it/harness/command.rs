//! Programs that end by themselves.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program ended with, and all that it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

/// Runs a program for somebody who types `answer`.
pub(crate) async fn run(
    program: &Path,
    arguments: &[&str],
    environment: &BTreeMap<String, String>,
    answer: &'static str,
) -> Ended {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Not everybody waits for an answer.
            let _ = stdin.write_all(answer.as_bytes());
        }
        child.wait_with_output()
    });
    let output = ended.await.expect("it is run").expect("it can be run");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    Ended {
        code: output.status.code(),
        said: String::from_utf8(said).expect("text"),
    }
}
