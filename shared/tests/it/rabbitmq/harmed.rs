//! A broker of our own that tests may harm, one after the other.

use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, PoisonError, Weak};

use tokio::sync::{Mutex, MutexGuard};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/services.sh");

/// Shared by the tests that wait for their turn, and stopped by the last.
static BROKER: std::sync::Mutex<Weak<Broker>> = std::sync::Mutex::new(Weak::new());
static TURN: Mutex<()> = Mutex::const_new(());

/// The broker, while it is the turn of one test.
pub(crate) struct Harmed {
    broker: Arc<Broker>,
    _turn: MutexGuard<'static, ()>,
}

impl Harmed {
    /// A broker that works, whatever the test before did to it.
    pub(crate) async fn broker() -> Self {
        let broker = Broker::shared();
        let harmed = Self {
            broker,
            _turn: TURN.lock().await,
        };
        harmed.tell("start").await;
        harmed
    }

    /// Its heartbeat is the shortest, so that its silence is noticed after four seconds.
    pub(crate) fn url(&self) -> String {
        format!(
            "amqp://guest:guest@127.0.0.1:{}/%2f?heartbeat=2",
            self.broker.port
        )
    }

    /// Tells `scripts/services.sh` to `start`, `kill`, `freeze` or `thaw` it.
    pub(crate) async fn tell(&self, command: &str) -> String {
        let (broker, command) = (Arc::clone(&self.broker), command.to_owned());
        let told = tokio::task::spawn_blocking(move || broker.tell(&command));
        told.await.unwrap()
    }

    pub(crate) async fn rabbitmqctl(&self, command: &str) -> String {
        self.tell(&format!("rabbitmqctl --quiet {command}")).await
    }
}

struct Broker {
    port: u16,
}

impl Broker {
    fn shared() -> Arc<Self> {
        let mut shared = BROKER.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let broker = Arc::new(Self { port: free_port() });
            *shared = Arc::downgrade(&broker);
            broker
        })
    }

    fn tell(&self, command: &str) -> String {
        let mut script = Command::new(SCRIPT);
        script
            .args(["broker", &self.port.to_string()])
            .args(command.split(' '));
        let output = script.output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{command}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.tell("stop");
    }
}

/// The script takes this one, and those a thousand and two thousand above it.
fn free_port() -> u16 {
    let free = |port: &u16| {
        [0, 1000, 2000]
            .iter()
            .all(|above| TcpListener::bind(("127.0.0.1", port + above)).is_ok())
    };
    let start = rand::random_range(20_000..21_000);
    (start..21_000).chain(20_000..start).find(free).unwrap()
}
