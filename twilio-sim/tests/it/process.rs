use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use serde_json::Value;
use twilio_sim::{TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use crate::support::{Account, Endpoint, TO, all_callbacks_settled, default_token};

/// The binary, killed when it is dropped.
struct Process {
    child: Child,
    account: Account,
    /// Kept open, as a process that cannot write its log does not end well.
    _log: BufReader<ChildStderr>,
}

impl Process {
    /// Starts it on a free port, which it says in its log.
    fn start(ledger: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twilio-sim"));
        Self::run(command.arg("--ledger").arg(ledger))
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command
            .args(["--port", "0", "--step-ms", "0"])
            .env("RUST_LOG", "info")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        log.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").expect(&line);
        let address = rest.split_once(": ").expect(&line).0;
        let account = Account::new(format!("http://{address}"), default_token());
        Self {
            child,
            account,
            _log: log,
        }
    }

    fn healthcheck(&self) -> bool {
        let port = self.account.base.rsplit_once(':').unwrap().1;
        let mut check = Command::new(env!("CARGO_BIN_EXE_twilio-sim"));
        let check = check
            .args(["healthcheck", "--port", port])
            .stderr(Stdio::null());
        check.status().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_killed_process_forgets_nothing_and_sigterm_ends_it_well() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = directory.path().join("ledger.jsonl");
    let endpoint = Endpoint::start().await;

    let mut first = Process::start(&ledger);
    assert!(first.healthcheck());
    endpoint.answer(&[0]);
    let message = first.account.send(TO, "hello", Some(&endpoint.base)).await;
    endpoint.wait(1).await;
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(!first.healthcheck());

    let mut second = Process::start(&ledger);
    assert_eq!(
        second
            .account
            .fetch(message["sid"].as_str().unwrap())
            .await
            .0,
        200
    );
    endpoint.wait(3).await;
    assert_eq!(endpoint.statuses(), ["sent", "sent", "delivered"]);
    all_callbacks_settled(&second.account).await;
    let pid = second.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(second.child.wait().unwrap().success());
}

#[tokio::test]
async fn senders_may_have_terms_from_the_start() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twilio-sim"));
    let terms = r#"{"Shop": {"segments_per_second": 0.5}, "+15005550010": {}}"#;
    let process = Process::run(command.env("SIM_TERMS", terms));
    let (_, senders) = process
        .account
        .control("GET", "/senders", Value::Null)
        .await;
    let senders: Vec<_> = senders.as_array().unwrap().iter().collect();
    let addresses: Vec<_> = senders.iter().map(|sender| &sender["address"]).collect();
    let expected = [
        TEST_SENDER,
        TEST_MESSAGING_SERVICE_SID,
        "+15005550010",
        "Shop",
    ];
    assert_eq!(addresses, expected);
    assert_eq!(senders[3]["terms"]["segments_per_second"], 0.5);
}

#[test]
fn senders_that_make_no_sense_keep_it_from_starting() {
    for terms in [
        "{\"12\": {}}",
        "{\"123\": {\"segments_per_second\": 0}}",
        "{\"123\": {\"segments\": 1}}",
        "[]",
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_twilio-sim"))
            .args(["--port", "0", "--terms", terms])
            .output()
            .unwrap();
        assert!(!output.status.success(), "{terms}");
    }
}

#[test]
fn help_and_version_are_there() {
    for flag in ["--help", "--version"] {
        let output = Command::new(env!("CARGO_BIN_EXE_twilio-sim"))
            .arg(flag)
            .output()
            .unwrap();
        assert!(output.status.success());
        assert!(!output.stdout.is_empty());
    }
}
