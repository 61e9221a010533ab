//! A RabbitMQ node of one's own.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

use super::programs::services;

/// A private RabbitMQ; dropped, it is stopped and forgets everything.
#[derive(Debug)]
pub struct Broker {
    port: u16,
}

impl Broker {
    /// Starts one on `port`, `port + 1000` and `port + 2000`; it takes some seconds.
    pub async fn start(port: u16) -> anyhow::Result<Self> {
        let broker = Self { port };
        broker.tell("start").await?;
        Ok(broker)
    }

    /// Its heartbeat is the shortest, so that its silence is noticed after four seconds.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f?heartbeat=2", self.port)
    }

    /// Ends it at once.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.tell("kill").await
    }

    /// Starts it again as it was.
    pub async fn revive(&self) -> anyhow::Result<()> {
        self.tell("start").await
    }

    /// Makes it silent, as a machine that hangs is.
    pub async fn freeze(&self) -> anyhow::Result<()> {
        self.tell("freeze").await
    }

    pub async fn thaw(&self) -> anyhow::Result<()> {
        self.tell("thaw").await
    }

    /// Stops it and starts an empty one in its place.
    pub async fn replace(&self) -> anyhow::Result<()> {
        self.tell("stop").await?;
        self.tell("start").await
    }

    /// How many jobs are in a queue, those in the hands of workers included.
    pub async fn jobs(&self, queue: &str) -> anyhow::Result<u64> {
        let command = [
            "rabbitmqctl",
            "--quiet",
            "--no-table-headers",
            "list_queues",
            "name",
            "messages",
        ];
        let listed = self.ask(&command).await?;
        let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
        let line = lines.find(|(name, _)| *name == queue);
        let (_, count) = line.with_context(|| format!("RabbitMQ has no queue {queue}"))?;
        Ok(count.trim().parse()?)
    }

    /// Its process, until it is ended.
    pub async fn pid(&self) -> anyhow::Result<i32> {
        let command = ["rabbitmqctl", "--quiet", "eval", "os:getpid()."];
        let quoted = self.ask(&command).await?;
        Ok(quoted.trim().trim_matches('"').parse()?)
    }

    async fn tell(&self, command: &str) -> anyhow::Result<()> {
        self.ask(&[command]).await.map(drop)
    }

    async fn ask(&self, command: &[&str]) -> anyhow::Result<String> {
        let port = self.port.to_string();
        run(&[&["broker", &port], command].concat()).await
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let port = self.port.to_string();
        let mut script = std::process::Command::new(services());
        // It says itself what it cannot do, and nobody is left who could do more.
        let _ = script.args(["broker", &port, "stop"]).output();
    }
}

/// Has the script do something, and returns what it prints.
pub(super) async fn run(command: &[&str]) -> anyhow::Result<String> {
    let mut script = Command::new(services());
    let output = script.args(command).stdin(Stdio::null()).output().await?;
    let why = String::from_utf8_lossy(&output.stderr);
    let command = command.join(" ");
    anyhow::ensure!(output.status.success(), "RabbitMQ, {command}: {why}");
    Ok(String::from_utf8(output.stdout)?)
}
