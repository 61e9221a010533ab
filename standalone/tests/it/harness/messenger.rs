//! A running messenger, in whichever shape.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab::{Launch, Process, Programs, Scratch, Signal, amqp_url, eventually};
use mongo::Mongo;
use runtime::config::MongoConfig;
use serde_json::json;
use tempfile::TempDir;

use super::{Client, Ended, Judge, run};

/// The ways in which the messenger runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One process on SQLite and the queue in memory.
    Embedded,
    /// Two APIs and two workers as processes of their own, over MongoDB and RabbitMQ.
    Servers,
}

/// A program of the messenger and what its environment adds to the common one.
struct Role {
    program: &'static str,
    environment: BTreeMap<String, String>,
    /// Answers `/readyz` here.
    base: String,
}

pub(crate) struct Messenger {
    /// Where the API listens.
    pub(crate) base: String,
    roles: Vec<Role>,
    processes: Vec<Process>,
    directory: TempDir,
}

impl Messenger {
    /// Starts a messenger whose provider is `judge`, with times short enough for tests.
    pub(crate) async fn start(mode: Mode, judge: &Judge) -> Self {
        Self::start_with(mode, judge, &[]).await
    }

    /// The same with some settings of its own.
    pub(crate) async fn start_with(mode: Mode, judge: &Judge, settings: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let mut common = quick_environment();
        common.extend(pairs(&[
            ("SMS_PROVIDER", "simulator"),
            ("TWILIO_API_BASE_URL", judge.url()),
            ("PUBLIC_BASE_URL", &base),
        ]));
        common.extend(pairs(settings));
        let inbound = format!("{base}/webhooks/twilio/inbound#rc=5&rp=all");
        judge.set(json!({ "inbound_url": inbound })).await;
        let roles = match mode {
            Mode::Embedded => vec![embedded(&common, port, directory.path())],
            Mode::Servers => servers(common, port, directory.path()).await,
        };
        let mut messenger = Self {
            base,
            roles,
            processes: Vec::new(),
            directory,
        };
        messenger.restart().await;
        messenger
    }

    pub(crate) async fn client(&self, username: &str) -> Client {
        Client::sign_up(&self.base, username).await
    }

    /// Where each API listens, the first one first.
    pub(crate) fn apis(&self) -> Vec<String> {
        let apis = self
            .roles
            .iter()
            .filter(|role| role.program != "mysms-worker");
        apis.map(|role| role.base.clone()).collect()
    }

    /// Ends everything as a crash would.
    pub(crate) fn kill(&mut self) {
        for process in &mut self.processes {
            process.kill().expect("the process is ours");
        }
    }

    /// One worker, always the same.
    pub(crate) fn a_worker(&mut self) -> &mut Process {
        self.workers().next().expect("a worker")
    }

    pub(crate) fn workers(&mut self) -> impl Iterator<Item = &mut Process> {
        let processes = self.processes.iter_mut();
        processes.filter(|process| process.name() == "mysms-worker")
    }

    /// Requires that every process still runs.
    pub(crate) fn assert_all_run(&mut self) {
        for process in &mut self.processes {
            let ended = process.ended().expect("the process is ours");
            assert_eq!(ended, None, "{} ended", process.name());
        }
    }

    /// The most memory that each process ever took, in KiB.
    pub(crate) fn peak_memory(&self) -> Vec<(&str, u64)> {
        let peak = |process: &Process| process.usage().expect("it runs").peak_kib;
        let processes = self.processes.iter();
        processes
            .map(|process| (process.name(), peak(process)))
            .collect()
    }

    /// Whether every process says that it is ready.
    pub(crate) async fn is_ready(&self) -> bool {
        for role in &self.roles {
            if !role.is_ready().await {
                return false;
            }
        }
        true
    }

    /// What a program of this messenger has in its environment.
    pub(crate) fn environment(&self, program: &str) -> BTreeMap<String, String> {
        let role = self.roles.iter().find(|role| role.program == program);
        role.expect("such a program runs").environment.clone()
    }

    /// Runs a command of an operator, who types `answer`, with the environment of the workers.
    pub(crate) async fn operate(
        &self,
        program: &str,
        arguments: &[&str],
        answer: &'static str,
    ) -> Ended {
        let environment = &self.roles.last().expect("something runs").environment;
        run(&binary(program), arguments, environment, answer).await
    }

    /// Runs `admin` of the program that has it, which asks nothing.
    pub(crate) async fn operate_admin(&self, mode: Mode, arguments: &[&str]) -> Ended {
        let program = match mode {
            Mode::Embedded => "mysms",
            Mode::Servers => "mysms-api",
        };
        self.operate(program, &[&["admin"], arguments].concat(), "")
            .await
    }

    /// The broker's name of the queue.
    pub(crate) fn queue(&self) -> String {
        format!("{}.v1", self.roles[0].environment["AMQP_QUEUE"])
    }

    /// Asks everything to end, and requires that it does so cleanly.
    pub(crate) async fn terminate(&mut self) {
        for process in &mut self.processes {
            process.signal(Signal::TERM).expect("it runs");
        }
        for process in &mut self.processes {
            let ended = process.succeed(Duration::from_secs(30)).await;
            ended.expect("a clean end");
        }
    }

    /// Changes settings of all programs, from their next start on.
    pub(crate) fn change(&mut self, settings: &[(&str, &str)]) {
        for role in &mut self.roles {
            role.environment.extend(pairs(settings));
        }
    }

    /// Changes settings of one worker, the one that [`Self::a_worker`] gives, from its next start on.
    pub(crate) fn change_a_worker(&mut self, settings: &[(&str, &str)]) {
        let mut workers = self.roles.iter_mut();
        let worker = workers.find(|role| role.program == "mysms-worker");
        worker
            .expect("a worker")
            .environment
            .extend(pairs(settings));
    }

    /// What the processes answer on `/readyz`.
    pub(crate) async fn readiness(&self) -> Vec<serde_json::Value> {
        let mut answers = Vec::new();
        for role in &self.roles {
            let url = format!("{}/readyz", role.base);
            let answer = super::client::http().get(url).send().await;
            answers.push(answer.expect("an answer").json().await.expect("JSON"));
        }
        answers
    }

    /// Starts again with what the last run left behind.
    pub(crate) async fn restart(&mut self) {
        let start = |role: &Role| role.start(&self.log_of(role.program));
        self.processes = self.roles.iter().map(start).collect();
        for (role, process) in self.roles.iter().zip(&mut self.processes) {
            role.wait_until_ready(process).await;
        }
    }

    /// The database of the servers.
    pub(crate) async fn mongo(&self) -> Mongo {
        let uri = self.environment("mysms-api")["MONGO_URI"].clone();
        let (_, database) = uri.rsplit_once('/').expect("it names the database");
        let config = MongoConfig {
            database: database.to_owned(),
            uri: uri.into(),
        };
        Mongo::connect(&config, 1).await.expect("MongoDB answers")
    }

    /// Where `mysms` keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// What all processes of a program have logged.
    pub(crate) fn logged_by(&self, program: &str) -> String {
        std::fs::read_to_string(self.log_of(program)).unwrap_or_default()
    }

    /// What every process shows to Prometheus.
    pub(crate) async fn metrics(&self) -> Vec<String> {
        let mut shown = Vec::new();
        for role in &self.roles {
            let port = &role.environment["METRICS_PORT"];
            let url = format!("http://127.0.0.1:{port}/metrics");
            let answer = super::client::http().get(url).send().await;
            shown.push(answer.expect("an answer").text().await.expect("text"));
        }
        shown
    }

    fn log_of(&self, program: &str) -> PathBuf {
        self.directory.path().join(format!("{program}.log"))
    }
}

/// Shows the logs of a messenger whose test failed.
impl Drop for Messenger {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for program in ["mysms", "mysms-api", "mysms-worker"] {
                let log = self.logged_by(program);
                eprintln!("--- log of {program} ---\n{log}");
            }
        }
    }
}

impl Role {
    fn start(&self, log: &Path) -> Process {
        start(self.program, &self.environment, log)
    }

    async fn is_ready(&self) -> bool {
        let url = format!("{}/readyz", self.base);
        let answer = super::client::http().get(url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    async fn wait_until_ready(&self, process: &mut Process) {
        let what = format!("{} is ready", self.program);
        eventually(&what, || {
            let ended = process.ended().expect("the process is ours");
            async move {
                assert_eq!(ended, None, "the process ended");
                self.is_ready().await
            }
        })
        .await;
    }
}

fn embedded(common: &BTreeMap<String, String>, port: u16, directory: &Path) -> Role {
    let mut environment = common.clone();
    let data = directory.join("data");
    environment.extend(pairs(&[
        ("PORT", &port.to_string()),
        ("METRICS_PORT", &free_port().to_string()),
        ("DATA_DIR", data.to_str().expect("a UTF-8 path")),
    ]));
    Role {
        program: "mysms",
        environment,
        base: format!("http://127.0.0.1:{port}"),
    }
}

/// A fresh database, migrated, and a fresh queue, for two APIs and two workers.
async fn servers(mut common: BTreeMap<String, String>, port: u16, directory: &Path) -> Vec<Role> {
    let server = common.remove("MONGO_URI");
    let scratch = server.map_or_else(Scratch::new, |uri| Scratch::on(&uri));
    common.entry("AMQP_URL".to_owned()).or_insert_with(amqp_url);
    common.extend(pairs(&[
        ("MONGO_URI", &scratch.uri()),
        ("AMQP_QUEUE", &format!("{}.send", scratch.name())),
        (
            "JWT_SECRET_KEY",
            "a secret that only the tests know, of enough bytes",
        ),
    ]));
    migrate(&common, directory).await;
    let mut roles = vec![
        role("mysms-api", &common, "PORT", port),
        role("mysms-api", &common, "PORT", free_port()),
    ];
    for _ in 0..2 {
        roles.push(role("mysms-worker", &common, "HEALTH_PORT", free_port()));
    }
    roles
}

fn role(
    program: &'static str,
    common: &BTreeMap<String, String>,
    variable: &str,
    port: u16,
) -> Role {
    let mut environment = common.clone();
    environment.extend(pairs(&[
        (variable, &port.to_string()),
        ("METRICS_PORT", &free_port().to_string()),
    ]));
    Role {
        program,
        environment,
        base: format!("http://127.0.0.1:{port}"),
    }
}

async fn migrate(environment: &BTreeMap<String, String>, directory: &Path) {
    let log = directory.join("migrate.log");
    let mut process = start("mysms-migrate", environment, &log);
    let migrated = process.succeed(Duration::from_mins(1)).await;
    let log = std::fs::read_to_string(log).unwrap_or_default();
    migrated.unwrap_or_else(|error| panic!("{error}: run `make services`?\n{log}"));
}

/// Starts a program with nothing in its environment but what is given here.
fn start(program: &str, environment: &BTreeMap<String, String>, log: &Path) -> Process {
    let started = Process::start(&Launch {
        name: program.to_owned(),
        program: binary(program),
        args: Vec::new(),
        environment: environment.clone(),
        log: log.to_owned(),
    });
    started.expect("a process")
}

/// The programs of the other packages are built beside `mysms`.
pub(crate) fn binary(program: &str) -> PathBuf {
    let programs = Programs::beside(env!("CARGO_BIN_EXE_mysms"));
    let found = programs.and_then(|programs| programs.find(program));
    found.expect("a program")
}

fn pairs(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Times that keep the order of the real ones but let a test see the end of each.
fn quick_environment() -> BTreeMap<String, String> {
    pairs(&[
        ("RUST_LOG", "info"),
        ("LOG_FORMAT", "text"),
        ("AUTH_ATTEMPTS_PER_MINUTE", "1000"),
        ("SIGNUPS_PER_HOUR", "1000"),
        ("COMMON_PASSWORDS", "allowed"),
        ("START_WINDOW_SECONDS", "2"),
        ("PROVIDER_TIMEOUT_SECONDS", "2"),
        ("PROVIDER_QUIET_SECONDS", "1"),
        ("RESOLVE_INTERVAL_SECONDS", "1"),
        ("RETRY_INITIAL_SECONDS", "0.1"),
        ("RETRY_MAX_SECONDS", "2"),
        ("PROBE_INITIAL_SECONDS", "0.5"),
        ("SWEEP_INTERVAL_MS", "100"),
        ("ENQUEUE_GRACE_SECONDS", "1"),
        ("SHUTDOWN_GRACE_SECONDS", "10"),
        // A provider gives up on a callback that a busy machine answers too late.
        ("STATUS_POLL_SECONDS", "20,40,60"),
    ])
}

fn free_port() -> u16 {
    lab::free_port().expect("a free port")
}
