use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use mongodb::Client;
use mongodb::bson::doc;
use rustix::process::{Pid, WaitOptions, waitpid};
use tempfile::TempDir;

/// A MongoDB server of a test's own, which may be ended, frozen and started again.
pub(crate) struct Server {
    process: Child,
    port: u16,
    data: TempDir,
    replica_set: bool,
}

impl Server {
    /// A single server.
    pub(crate) async fn start() -> Self {
        let server = Self::launch(false);
        server.answer(&server.uri()).await;
        server
    }

    /// A replica set of one member, which is the primary.
    pub(crate) async fn start_replica_set() -> Self {
        let server = Self::launch(true);
        let address = format!("127.0.0.1:{}", server.port);
        let direct = format!("mongodb://{address}/?directConnection=true");
        let member = Client::with_uri_str(direct).await.unwrap();
        let members = vec![doc! { "_id": 0, "host": address }];
        let initiate = doc! { "replSetInitiate": { "_id": "tests", "members": members } };
        let admin = member.database("admin");
        admin.run_command(initiate).await.unwrap();
        server.answer(&server.uri()).await;
        server
    }

    fn launch(replica_set: bool) -> Self {
        // Nobody else takes the port in between: the system hands out others first.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let data = tempfile::tempdir().unwrap();
        let process = spawn(port, &data, replica_set);
        Self {
            process,
            port,
            data,
            replica_set,
        }
    }

    pub(crate) fn uri(&self) -> String {
        let options = if self.replica_set {
            "?replicaSet=tests"
        } else {
            ""
        };
        format!("mongodb://127.0.0.1:{}/{options}", self.port)
    }

    /// Waits until it takes writes; the driver tries for 30 seconds.
    async fn answer(&self, uri: &str) {
        let client = Client::with_uri_str(uri).await.unwrap();
        let ping = client
            .database("admin")
            .run_command(doc! { "ping": 1 })
            .await;
        if let Err(error) = ping {
            let log = std::fs::read_to_string(self.data.path().join("log"));
            panic!(
                "mongod did not come up: {error}\n{}",
                log.unwrap_or_default()
            );
        }
    }

    /// Makes it silent, as a machine that hangs is: connections stay, nothing is answered.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
        // The signal is only on its way when `kill` returns.
        let stopped = waitpid(Some(Pid::from_child(&self.process)), WaitOptions::UNTRACED);
        assert!(stopped.unwrap().is_some_and(|(_, status)| status.stopped()));
    }

    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let mut kill = Command::new("kill");
        kill.args(["-s", signal, &self.process.id().to_string()]);
        assert!(kill.status().unwrap().success());
    }

    /// Ends it at once, whatever it has in hand.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again with its data, once it was killed.
    pub(crate) async fn restart(&mut self) {
        self.process = spawn(self.port, &self.data, self.replica_set);
        self.answer(&self.uri()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its data go with it, so it need not end in good order; it may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(port: u16, data: &TempDir, replica_set: bool) -> Child {
    let mut mongod = Command::new(program());
    mongod
        .args(["--bind_ip", "127.0.0.1", "--nounixsocket", "--port"])
        .arg(port.to_string())
        .args(["--wiredTigerCacheSizeGB", "0.25", "--dbpath"])
        .arg(data.path())
        .arg("--logpath")
        .arg(data.path().join("log"))
        .stdout(Stdio::null());
    if replica_set {
        mongod.args(["--replSet", "tests"]);
    }
    mongod.spawn().unwrap()
}

fn program() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services.sh");
    let found = Command::new(script).arg("mongod").output().unwrap();
    let why = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "there is no mongod: {why}");
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}
