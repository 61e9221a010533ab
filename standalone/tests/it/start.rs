//! What a newcomer meets when the messenger starts.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::harness::{Client, Process, eventually};

const MYSMS: &str = env!("CARGO_BIN_EXE_mysms");

/// Starts `mysms` as `make run` does, but for the port and the directory.
async fn start_plainly(directory: &Path) -> (Process, String) {
    let port = crate::harness::free_port().to_string();
    let environment: BTreeMap<String, String> = [
        ("PORT", port.as_str()),
        ("DATA_DIR", directory.to_str().unwrap()),
        ("LOG_FORMAT", "text"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let log = directory.join("mysms.log");
    let process = Process::start("mysms", Path::new(MYSMS), &environment, &log);
    let base = format!("http://127.0.0.1:{port}");
    let url = format!("{base}/readyz");
    eventually("mysms is ready", || async {
        let answer = reqwest::get(&url).await;
        answer.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    (process, base)
}

#[tokio::test]
async fn it_needs_nothing_and_delivers_through_its_own_simulator() {
    shared::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, base) = start_plainly(directory.path()).await;
    let client = Client::sign_up(&base, "newcomer").await;
    let id = client.send("+14155550100", "Hello").await;
    client.wait_for(&id, "delivered").await;
    process.kill();

    let log = std::fs::read_to_string(directory.path().join("mysms.log")).unwrap();
    assert!(log.contains(&base), "the banner names the URL: {log}");
    assert!(
        log.contains("SIMULATED"),
        "nobody may believe that texts go out: {log}"
    );
    assert!(log.contains("curl"), "the banner shows how to begin: {log}");
}

#[tokio::test]
async fn it_keeps_its_own_token_secret_to_itself() {
    shared::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, base) = start_plainly(directory.path()).await;
    Client::sign_up(&base, "keeper").await;
    process.kill();

    let secret = directory.path().join("jwt-secret");
    let mode = std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let first = std::fs::read(&secret).unwrap();
    let (mut process, _) = start_plainly(directory.path()).await;
    process.kill();
    assert_eq!(
        std::fs::read(&secret).unwrap(),
        first,
        "logins must survive a restart"
    );
}

#[tokio::test]
async fn every_problem_of_the_configuration_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let environment: BTreeMap<String, String> = [
        ("SMS_PROVIDER", "twilio"),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("PORT", "not a port"),
        ("DATA_DIR", directory.path().to_str().unwrap()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let log = directory.path().join("mysms.log");
    let mut process = Process::start("mysms", Path::new(MYSMS), &environment, &log);
    let status = process.wait(Duration::from_secs(20)).await;
    assert!(!status.success());
    let log = std::fs::read_to_string(log).unwrap();
    for variable in ["TWILIO_AUTH_TOKEN", "PORT", "SIGNUP", "PUBLIC_BASE_URL"] {
        let named = log.contains(variable);
        // Twilio works without callbacks too; only what is wrong is named.
        assert_eq!(named, variable != "PUBLIC_BASE_URL", "{variable}: {log}");
    }
}

#[test]
fn the_messenger_knows_the_simulators_credentials() {
    assert_eq!(
        shared::config::SIMULATOR_ACCOUNT_SID,
        twilio_sim::TEST_ACCOUNT_SID
    );
    assert_eq!(
        shared::config::SIMULATOR_AUTH_TOKEN,
        twilio_sim::TEST_AUTH_TOKEN
    );
    assert_eq!(shared::config::SIMULATOR_SENDER, twilio_sim::TEST_SENDER);
}
