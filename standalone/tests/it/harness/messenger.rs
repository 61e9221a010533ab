//! A running messenger, in whichever shape.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::json;
use shared::config::MongoConfig;
use shared::store::mongo::Mongo;
use tempfile::TempDir;

use super::{Client, Ended, Judge, Process, eventually, run};
use crate::uri::mongo_uri;

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
            ("TWILIO_API_BASE_URL", &judge.url()),
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
            process.kill();
        }
    }

    /// Sends a signal to each worker.
    pub(crate) fn signal_workers(&mut self, signal: &str) {
        self.workers().for_each(|worker| worker.signal(signal));
    }

    /// Sends a signal to one worker, always the same.
    pub(crate) fn signal_a_worker(&mut self, signal: &str) {
        self.workers().next().expect("a worker").signal(signal);
    }

    /// Ends one worker as a crash would; the others go on.
    pub(crate) fn kill_a_worker(&mut self) {
        self.workers().next().expect("a worker").kill();
    }

    fn workers(&mut self) -> impl Iterator<Item = &mut Process> {
        let processes = self.processes.iter_mut();
        processes.filter(|process| process.name == "mysms-worker")
    }

    /// Requires that every process still runs.
    pub(crate) fn assert_all_run(&mut self) {
        for process in &mut self.processes {
            assert!(process.is_running(), "{} ended", process.name);
        }
    }

    /// The most memory that each process ever took, in KiB.
    pub(crate) fn peak_memory(&self) -> Vec<(&'static str, u64)> {
        let processes = self.processes.iter();
        processes
            .map(|process| (process.name, process.peak_memory()))
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
        for process in &self.processes {
            process.signal("TERM");
        }
        for process in &mut self.processes {
            let status = process.wait(Duration::from_secs(30)).await;
            assert!(status.success(), "{status}");
        }
    }

    /// Changes settings of all programs, from their next start on.
    pub(crate) fn change(&mut self, settings: &[(&str, &str)]) {
        for role in &mut self.roles {
            role.environment.extend(pairs(settings));
        }
    }

    /// Changes settings of one worker, the one that [`Self::signal_a_worker`] signals, from its next start
    /// on.
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
        Process::start(self.program, &binary(self.program), &self.environment, log)
    }

    async fn is_ready(&self) -> bool {
        let url = format!("{}/readyz", self.base);
        let answer = super::client::http().get(url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    async fn wait_until_ready(&self, process: &mut Process) {
        let what = format!("{} is ready", self.program);
        eventually(&what, || {
            let running = process.is_running();
            async move {
                assert!(running, "the process ended");
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
    let name = format!("e2e_{}", uuid::Uuid::new_v4().simple());
    let mongo = common.remove("MONGO_URI").unwrap_or_else(mongo_uri);
    common.entry("AMQP_URL".to_owned()).or_insert_with(amqp_url);
    common.extend(pairs(&[
        ("MONGO_URI", &format!("{mongo}/{name}")),
        ("AMQP_QUEUE", &format!("{name}.send")),
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
    let program = binary("mysms-migrate");
    let log = directory.join("migrate.log");
    let mut process = Process::start("mysms-migrate", &program, environment, &log);
    let status = process.wait(Duration::from_mins(1)).await;
    let log = std::fs::read_to_string(log).unwrap_or_default();
    assert!(
        status.success(),
        "is MongoDB there? run `make services`\n{log}"
    );
}

/// The broker that `make services` starts, unless the environment names another one.
fn amqp_url() -> String {
    std::env::var("AMQP_URL").unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5673/%2f".to_owned())
}

/// The programs of the other packages are built beside `mysms`.
pub(crate) fn binary(program: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_mysms")).with_file_name(program);
    assert!(
        path.exists(),
        "{} is missing: run `make test`, which builds it",
        path.display()
    );
    path
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

/// A port that nothing listens on and that the system does not hand out by itself, so that a
/// messenger can come back to it after a crash.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap_or(0);
    loop {
        let port = start + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
