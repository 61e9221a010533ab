//! A database and a broker of a test's own, which it may harm.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{PATIENCE, Process, eventually, free_port};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services.sh");

/// Runs `scripts/services.sh` and returns what it prints.
pub(crate) fn services(arguments: &[&str]) -> String {
    let output = Command::new(SCRIPT).args(arguments).output();
    let output = output.expect("scripts/services.sh runs");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {why}");
    String::from_utf8(output.stdout).expect("text")
}

/// A RabbitMQ.
pub(crate) struct Broker {
    port: String,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let broker = Self {
            port: broker_port().to_string(),
        };
        broker.tell("start").await;
        broker
    }

    /// Its heartbeat is the shortest, so that its silence is noticed after four seconds.
    pub(crate) fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f?heartbeat=2", self.port)
    }

    /// `start`, `kill`, `freeze` or `thaw`.
    pub(crate) async fn tell(&self, command: &'static str) {
        let port = self.port.clone();
        let told = tokio::task::spawn_blocking(move || services(&["broker", &port, command]));
        told.await.expect("the broker obeys");
    }

    /// How many jobs wait in a queue or are in the hands of a worker.
    pub(crate) async fn jobs(&self, queue: &str) -> u64 {
        let port = self.port.clone();
        let list = [
            "rabbitmqctl",
            "--quiet",
            "--no-table-headers",
            "list_queues",
        ];
        let arguments = [["broker", &port].as_slice(), &list, &["name", "messages"]].concat();
        let arguments: Vec<String> = arguments.into_iter().map(ToOwned::to_owned).collect();
        let listed = tokio::task::spawn_blocking(move || {
            services(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let listed = listed.await.expect("a list of queues");
        let line = listed.lines().find_map(|line| line.strip_prefix(queue));
        let count = line.and_then(|line| line.trim().parse().ok());
        count.unwrap_or_else(|| panic!("no {queue} in {listed}"))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        services(&["broker", &self.port, "stop"]);
    }
}

/// The script takes this one, and those a thousand and two thousand above it.
fn broker_port() -> u16 {
    let all_free = |port: &u16| {
        [0, 1000, 2000]
            .iter()
            .all(|above| TcpListener::bind(("127.0.0.1", port + above)).is_ok())
    };
    let start = 16_000 + u16::try_from(std::process::id() % 900).unwrap_or(0);
    (start..17_000).find(all_free).expect("free ports")
}

/// A MongoDB.
pub(crate) struct Database {
    process: Process,
    program: PathBuf,
    port: String,
    data: TempDir,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let program = PathBuf::from(services(&["mongod"]).trim());
        let (port, data) = (
            free_port().to_string(),
            TempDir::new().expect("a directory"),
        );
        let process = spawn(&program, &port, &data);
        let database = Self {
            process,
            program,
            port,
            data,
        };
        database.answers().await;
        database
    }

    pub(crate) fn url(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    /// Ends it at once, whatever it has in hand.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    pub(crate) fn signal(&self, signal: &str) {
        self.process.signal(signal);
    }

    /// Ends it in good order, copies its files and starts it again.
    pub(crate) async fn back_up(&mut self) -> TempDir {
        self.process.signal("TERM");
        let ended = self.process.wait(PATIENCE).await;
        assert!(ended.success(), "{ended}");
        let backup = TempDir::new().expect("a directory");
        copy(self.data.path(), backup.path());
        self.restart().await;
        backup
    }

    /// Loses everything, and starts with the files of a backup.
    pub(crate) async fn restore(&mut self, backup: TempDir) {
        self.kill();
        self.data = backup;
        self.restart().await;
    }

    /// Starts it again with its data.
    pub(crate) async fn restart(&mut self) {
        self.process = spawn(&self.program, &self.port, &self.data);
        self.answers().await;
    }

    async fn answers(&self) {
        let address = format!("127.0.0.1:{}", self.port);
        eventually("mongod listens", || async {
            tokio::net::TcpStream::connect(&address).await.is_ok()
        })
        .await;
    }
}

/// Copies what is in a directory into another one.
pub(crate) fn copy(from: &Path, to: &Path) {
    let all = from.join(".");
    let copied = Command::new("cp").arg("-a").args([&all, to]).status();
    assert!(copied.expect("cp can be run").success());
}

fn spawn(program: &Path, port: &str, data: &TempDir) -> Process {
    let directory = data.path().to_str().expect("a UTF-8 path");
    let options = ["--bind_ip", "127.0.0.1", "--nounixsocket"];
    let memory = ["--wiredTigerCacheSizeGB", "0.25"];
    let place = ["--port", port, "--dbpath", directory];
    let arguments = [options.as_slice(), &memory, &place].concat();
    let log = data.path().join("log");
    Process::start_with("mongod", program, &arguments, &[].into(), &log)
}

/// A way to the provider that can be cut.
pub(crate) struct Line {
    address: std::net::SocketAddr,
    to: String,
    carrying: tokio::task::JoinSet<()>,
}

impl Line {
    pub(crate) async fn to(url: &str) -> Self {
        let address = ([127, 0, 0, 1], free_port()).into();
        let to = url.trim_start_matches("http://").to_owned();
        let carrying = tokio::task::JoinSet::new();
        let mut line = Self {
            address,
            to,
            carrying,
        };
        line.mend().await;
        line
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection and refuses new ones.
    pub(crate) async fn cut(&mut self) {
        self.carrying.shutdown().await;
    }

    pub(crate) async fn mend(&mut self) {
        let listener = tokio::net::TcpListener::bind(self.address).await;
        let (listener, to) = (listener.expect("the port is ours"), self.to.clone());
        self.carrying.spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let to = to.clone();
                connections.spawn(async move {
                    if let Ok(mut far) = tokio::net::TcpStream::connect(to).await {
                        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
    }
}
