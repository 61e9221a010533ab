//! `.env.example` and docker-compose.yml offer the settings that the programs read.

use std::collections::{BTreeMap, BTreeSet};

use runtime::config::VARIABLES;

use crate::harness::{binary, run};

const EXAMPLE: &str = include_str!("../../../.env.example");
const COMPOSE: &str = include_str!("../../../docker-compose.yml");
/// What both the API and the worker read from files, with an account and without.
const PROVIDER: [&str; 2] = [
    include_str!("../../../deploy/compose/provider-account.env"),
    include_str!("../../../deploy/compose/provider.env"),
];

type Names = BTreeSet<String>;

/// Variables that `.env.example` leaves out, each for a reason.
const NOT_FOR_THE_EXAMPLE: [(&str, &str); 10] = [
    ("MONGO_URI", "the installation makes its own"),
    ("AMQP_URL", "the installation makes its own"),
    ("JWT_SECRET_KEY", "the installation makes its own"),
    ("JWT_SECRET_KEY_PREVIOUS", "only ever a file on a volume"),
    ("BIND_ADDRESS", "the images set it"),
    ("HEALTH_PORT", "the image of the worker sets it"),
    ("DATA_DIR", "only `mysms` has one"),
    ("SIMULATOR_PORT", "there it is the host's, for compose"),
    ("SIMULATOR_PAGE_URL", "follows from SIMULATOR_PORT"),
    (
        "SHUTDOWN_GRACE_SECONDS",
        "the time that compose gives to stop depends on it",
    ),
];

/// What only compose itself reads from `.env`.
const FOR_COMPOSE: [&str; 5] = [
    "PUBLISH_ADDRESS",
    "SIMULATOR_PORT",
    "WORKERS",
    "MYSMS_VERSION",
    "COMPOSE_PROJECT_NAME",
];

/// Read by every process that serves, yet not given to its container.
const NOT_GIVEN: [(&str, &str); 4] = [
    ("BIND_ADDRESS", "the image sets it"),
    ("PORT", "the image sets it; the host's port is another one"),
    ("HEALTH_PORT", "the image sets it"),
    ("SHUTDOWN_GRACE_SECONDS", "stop_grace_period depends on it"),
];

/// Read with the other times of delivery by whoever needs one of them; they concern workers alone.
const OF_WORKERS: [&str; 7] = [
    "WORKER_CONCURRENCY",
    "PROBE_INITIAL_SECONDS",
    "RESOLVE_GIVE_UP_SECONDS",
    "RETRY_INITIAL_SECONDS",
    "RETRY_MAX_SECONDS",
    "SWEEP_INTERVAL_MS",
    "RETENTION_DAYS",
];

/// Likewise; `after-restore` needs only those that make up a lease.
const NOT_OF_A_LEASE: [&str; 7] = [
    "MESSAGE_VALIDITY_SECONDS",
    "RESOLVE_INTERVAL_SECONDS",
    "ENQUEUE_GRACE_SECONDS",
    "STATUS_POLL_SECONDS",
    "CATCH_UP_INTERVAL_SECONDS",
    "ERASE_AT_PROVIDER",
    "ERASE_AFTER_SECONDS",
];

fn names(of: &[&str]) -> Names {
    of.iter().map(|name| (*name).to_owned()).collect()
}

/// The name without the `_FILE` that stands for it.
fn variable(name: &str) -> String {
    name.strip_suffix("_FILE").unwrap_or(name).to_owned()
}

/// The settings of the example, all commented out, with their values.
fn example() -> BTreeMap<&'static str, &'static str> {
    let lines = EXAMPLE.lines().filter_map(|line| line.strip_prefix('#'));
    let settings = lines.filter_map(|line| line.split_once('='));
    let is_name = |name: &str| {
        name.bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_uppercase())
    };
    settings.filter(|(name, _)| is_name(name)).collect()
}

#[test]
fn the_example_offers_every_variable_with_its_default_and_nothing_else() {
    let example = example();
    let known = VARIABLES.iter().map(|variable| variable.name.to_owned());
    let left_out = names(&NOT_FOR_THE_EXAMPLE.map(|(name, _)| name));
    let expected: Names = known.filter(|name| !left_out.contains(name)).collect();
    let offered: Names = example.keys().map(|name| variable(name)).collect();
    let offered: Names = offered.difference(&names(&FOR_COMPOSE)).cloned().collect();
    assert_eq!(offered, expected);
    for variable in VARIABLES {
        if let (Some(default), Some(value)) = (variable.default, example.get(variable.name)) {
            assert_eq!(*value, default, "{}", variable.name);
        }
    }
}

/// What stands deeper than a key, until something stands as high as it.
fn beneath<'a>(lines: &[&'a str], key: &str) -> Vec<&'a str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let is_key = |line: &&str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let at = lines.iter().position(is_key).expect(key);
    let deeper = |line: &&&str| line.trim().is_empty() || depth(line) > depth(lines[at]);
    lines[at + 1..].iter().take_while(deeper).copied().collect()
}

/// The variables that a service's container is given.
fn given(service: &str) -> Names {
    let all: Vec<_> = COMPOSE.lines().collect();
    let service = beneath(&beneath(&all, "services"), service);
    let mut lines = beneath(&service, "environment");
    if lines.iter().any(|line| line.trim() == "<<: *messenger") {
        lines.extend(beneath(&all, "x-messenger"));
    }
    let keys = lines.iter().filter_map(|line| line.trim().split_once(':'));
    let mut names: Names = keys.map(|(key, _)| variable(key)).collect();
    if service
        .iter()
        .any(|line| line.trim().starts_with("env_file:"))
    {
        let lines = PROVIDER.iter().flat_map(|file| file.lines());
        let lines = lines.filter(|line| !line.starts_with('#'));
        let keys = lines.filter_map(|line| line.split_once('='));
        names.extend(keys.map(|(key, _)| variable(key)));
    }
    names.remove("<<");
    names
        .into_iter()
        .filter(|name| !name.starts_with('#'))
        .collect()
}

/// The variables that a program misses when each is in a file that is not there.
async fn missed(program: &str, arguments: &[&str], provider: &[(&str, &str)]) -> Names {
    let is_given = |name: &str| provider.iter().any(|(given, _)| *given == name);
    let files = VARIABLES
        .iter()
        // The log's are read by themselves.
        .filter(|variable| !["RUST_LOG", "LOG_FORMAT"].contains(&variable.name))
        .filter(|variable| !is_given(variable.name))
        .map(|variable| (format!("{}_FILE", variable.name), "/nowhere".to_owned()));
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut environment: BTreeMap<_, _> = files.chain(provider.iter().map(owned)).collect();
    environment.insert("LOG_FORMAT".to_owned(), "text".to_owned());
    let ended = run(&binary(program), arguments, &environment, "").await;
    assert_eq!(ended.code, Some(2), "{program} {arguments:?}: {ended:?}");
    let problems = ended.said.lines().filter_map(|line| {
        let (name, _) = line.trim().split_once(" cannot be read")?;
        Some(name.to_owned())
    });
    problems.collect()
}

/// All that a program reads in any of its commands, whoever the provider is.
async fn read(program: &str, commands: &[&[&str]]) -> Names {
    let providers: [&[(&str, &str)]; 3] = [
        &[],
        &[("SMS_PROVIDER", "twilio")],
        &[
            ("SMS_PROVIDER", "simulator"),
            ("TWILIO_API_BASE_URL", "http://127.0.0.1:1"),
        ],
    ];
    let mut read = Names::new();
    for arguments in commands {
        for provider in providers {
            read.extend(missed(program, arguments, provider).await);
        }
    }
    read
}

fn assert_given(service: &str, read: &Names, not_given: &Names) {
    let expected: Names = read.difference(not_given).cloned().collect();
    assert_eq!(given(service), expected, "{service}");
}

#[tokio::test]
async fn compose_gives_each_program_what_it_reads_and_nothing_else() {
    let not_given = names(&NOT_GIVEN.map(|(name, _)| name));
    let log = names(&["RUST_LOG", "LOG_FORMAT"]);
    let of_workers = names(&OF_WORKERS);

    let api = read("mysms-api", &[&[], &["admin", "status"], &["healthcheck"]]).await;
    assert_given("api", &(&api | &log), &(&not_given | &of_workers));

    let retry: &[&str] = &["retry", "--since", "1h", "--failed"];
    let worker = read(
        "mysms-worker",
        &[&[], &["dead", "list"], retry, &["healthcheck"]],
    )
    .await;
    assert_given("worker", &(&worker | &log), &not_given);

    let restore: &[&str] = &["after-restore", "--since", "1h", "--yes"];
    let migrate = read("mysms-migrate", &[&[], restore, &["--check"]]).await;
    let needless = &of_workers | &names(&NOT_OF_A_LEASE);
    assert_given("migrate", &migrate, &(&not_given | &needless));
}
