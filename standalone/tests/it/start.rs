//! What a newcomer meets when the messenger starts.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use lab::{Launch, PATIENCE, Process, free_port};

use crate::harness::{Client, eventually, run};

const MYSMS: &str = env!("CARGO_BIN_EXE_mysms");

/// Starts `mysms` as `make run` does, but for the port and the directory.
async fn start_plainly(directory: &Path) -> (Process, String) {
    start_on("127.0.0.1", directory, &[]).await
}

/// The same on an address of this machine, with further settings.
async fn start_on(host: &str, directory: &Path, more: &[(&str, &str)]) -> (Process, String) {
    let port = free_port().unwrap();
    let environment = environment(directory, port, more);
    let log = directory.join("mysms.log");
    let process = launch(&[], &environment, &log);
    let base = format!("http://{host}:{port}");
    let url = format!("{base}/readyz");
    eventually("mysms is ready", || async {
        let answer = crate::harness::http().get(&url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    (process, base)
}

fn launch(args: &[&str], environment: &BTreeMap<String, String>, log: &Path) -> Process {
    let started = Process::start(&Launch {
        name: "mysms".to_owned(),
        program: MYSMS.into(),
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        environment: environment.clone(),
        log: log.to_owned(),
    });
    started.unwrap()
}

fn environment(directory: &Path, port: u16, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let port = port.to_string();
    let usual = [
        ("PORT", port.as_str()),
        ("DATA_DIR", directory.to_str().unwrap()),
        ("LOG_FORMAT", "text"),
    ];
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    usual.iter().chain(more).map(owned).collect()
}

#[tokio::test]
async fn a_command_on_a_directory_without_a_messenger_says_so_and_makes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(directory.path(), 1, &[]);
    for command in [
        &["after-restore", "--since", "1h", "--yes"][..],
        &["admin", "create-user", "--generate", "ghost"],
        &["admin", "status"],
    ] {
        let ended = run(Path::new(MYSMS), command, &environment, "").await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.said.contains("there is no ledger"), "{ended:?}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_restored_ledger_is_put_right_only_while_nobody_sends_from_it() {
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, _) = start_plainly(directory.path()).await;
    let environment = environment(directory.path(), 1, &[]);
    let restored = ["after-restore", "--since", "1h", "--yes"];
    let refused = run(Path::new(MYSMS), &restored, &environment, "").await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.said.contains("another mysms uses"), "{refused:?}");
    process.terminate(PATIENCE).await.unwrap();
    let done = run(Path::new(MYSMS), &restored, &environment, "").await;
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[tokio::test]
async fn on_whatever_address_it_listens_texts_are_delivered_and_it_is_found_healthy() {
    runtime::tls::install_provider();
    for (bind, host) in [
        ("127.0.0.2", "127.0.0.2"),
        ("::1", "[::1]"),
        ("0.0.0.0", "127.0.0.1"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let settings = [("BIND_ADDRESS", bind)];
        let (mut process, base) = start_on(host, directory.path(), &settings).await;
        let client = Client::sign_up(&base, "newcomer").await;
        let id = client.send("+14155550100", "Hello").await;
        client.wait_for(&id, "delivered").await;
        let port = base.rsplit(':').next().unwrap().parse().unwrap();
        let environment = environment(directory.path(), port, &settings);
        let log = directory.path().join("healthcheck.log");
        let mut check = launch(&["healthcheck"], &environment, &log);
        let status = check.wait(Duration::from_secs(20)).await.unwrap();
        assert!(status.success(), "{bind}");
        process.kill().unwrap();
        let log = std::fs::read_to_string(directory.path().join("mysms.log")).unwrap();
        assert!(log.contains(&base), "the banner names {base}: {log}");
    }
}

#[tokio::test]
async fn the_phones_are_found_again_after_a_restart_and_a_port_that_is_taken_is_named() {
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let port = free_port().unwrap().to_string();
    let settings = [("SIMULATOR_PORT", port.as_str())];
    let phones = format!("http://127.0.0.1:{port}/sim");
    for _ in 0..2 {
        let (mut process, _) = start_on("127.0.0.1", directory.path(), &settings).await;
        let page = crate::harness::http().get(&phones).send().await.unwrap();
        assert!(page.status().is_success());
        process.terminate(PATIENCE).await.unwrap();
    }
    let _taken = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    let environment = environment(directory.path(), 0, &settings);
    let ended = run(Path::new(MYSMS), &[], &environment, "").await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.contains("set SIMULATOR_PORT"), "{ended:?}");
}

#[tokio::test]
async fn what_is_for_the_simulator_goes_through_no_proxy() {
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    // Whoever would be asked there does not answer.
    let nobody = format!("http://127.0.0.1:{}", free_port().unwrap());
    let proxies = [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ];
    let proxies = proxies.map(|name| (name, nobody.as_str()));
    let (mut process, base) = start_on("127.0.0.1", directory.path(), &proxies).await;
    let client = Client::sign_up(&base, "newcomer").await;
    let id = client.send("+14155550100", "Hello").await;
    client.wait_for(&id, "delivered").await;
    process.kill().unwrap();
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_its_files() {
    runtime::tls::install_provider();
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("data");
    std::fs::create_dir(&directory).unwrap();
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (mut process, base) = start_plainly(&directory).await;
    let client = Client::sign_up(&base, "newcomer").await;
    let id = client.send("+14155550100", "Hello").await;
    client.wait_for(&id, "delivered").await;
    let open: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        // The test's own.
        .filter(|entry| entry.file_name() != "mysms.log")
        .filter(|entry| entry.metadata().unwrap().permissions().mode() & 0o077 != 0)
        .collect();
    assert!(open.is_empty(), "{open:?}");
    process.kill().unwrap();
}

#[tokio::test]
async fn a_second_messenger_in_one_directory_is_refused_whatever_the_provider() {
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, _) = start_plainly(directory.path()).await;
    let elsewhere = [
        ("SMS_PROVIDER", "simulator"),
        ("TWILIO_API_BASE_URL", "http://127.0.0.1:1"),
    ];
    for more in [&[][..], &elsewhere] {
        let environment = environment(directory.path(), free_port().unwrap(), more);
        let log = directory.path().join("second.log");
        let mut second = launch(&[], &environment, &log);
        let status = second.wait(Duration::from_secs(20)).await.unwrap();
        assert!(!status.success());
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("another mysms uses"), "{log}");
    }
    process.kill().unwrap();
}

#[tokio::test]
async fn it_needs_nothing_and_delivers_through_its_own_simulator() {
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, base) = start_plainly(directory.path()).await;
    let client = Client::sign_up(&base, "newcomer").await;
    let id = client.send("+14155550100", "Hello").await;
    client.wait_for(&id, "delivered").await;
    process.kill().unwrap();

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
    runtime::tls::install_provider();
    let directory = tempfile::tempdir().unwrap();
    let (mut process, base) = start_plainly(directory.path()).await;
    Client::sign_up(&base, "keeper").await;
    process.kill().unwrap();

    let secret = directory.path().join("jwt-secret");
    let mode = std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let first = std::fs::read(&secret).unwrap();
    let (mut process, _) = start_plainly(directory.path()).await;
    process.kill().unwrap();
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
    let mut process = launch(&[], &environment, &log);
    let status = process.wait(Duration::from_secs(20)).await.unwrap();
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
        runtime::config::SIMULATOR_ACCOUNT_SID,
        twilio_sim::TEST_ACCOUNT_SID
    );
    assert_eq!(
        runtime::config::SIMULATOR_AUTH_TOKEN,
        twilio_sim::TEST_AUTH_TOKEN
    );
    assert_eq!(runtime::config::SIMULATOR_SENDER, twilio_sim::TEST_SENDER);
}
