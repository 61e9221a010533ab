//! A RabbitMQ node of one's own.

use std::process::Command;

use anyhow::Context as _;

use crate::ports::free_broker_port;
use crate::programs::script;
use crate::services;

/// The RabbitMQ that all tests share: the one that `AMQP_URL` names, or that `make services` starts.
pub fn amqp_url() -> String {
    std::env::var("AMQP_URL").unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5673/%2f".to_owned())
}

/// A private RabbitMQ; dropped, it is stopped and forgets everything.
#[derive(Debug)]
pub struct Broker {
    port: u16,
}

impl Broker {
    /// Starts one; it takes some seconds.
    pub async fn start() -> anyhow::Result<Self> {
        let broker = Self::reserve()?;
        broker.revive().await?;
        Ok(broker)
    }

    /// One that does not run until it is revived.
    pub fn reserve() -> anyhow::Result<Self> {
        Ok(Self {
            port: free_broker_port()?,
        })
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Ends it at once.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.tell("kill").await
    }

    /// Starts it again as it was, unless it runs.
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
        let listed = self.ask(&list_queues("messages")).await?;
        Ok(find_queue(&listed, queue)?.parse()?)
    }

    /// Its process, until it is ended.
    pub async fn pid(&self) -> anyhow::Result<i32> {
        let quoted = self.rabbitmqctl("eval os:getpid().").await?;
        Ok(quoted.trim_matches('"').parse()?)
    }

    /// Runs a command of RabbitMQ's own tool, and returns what it prints.
    pub async fn rabbitmqctl(&self, command: &str) -> anyhow::Result<String> {
        let command: Vec<&str> = command.split(' ').collect();
        self.ask(&[&["rabbitmqctl", "--quiet"], &*command].concat())
            .await
    }

    async fn tell(&self, command: &str) -> anyhow::Result<()> {
        self.ask(&[command]).await.map(drop)
    }

    async fn ask(&self, command: &[&str]) -> anyhow::Result<String> {
        let port = self.port.to_string();
        services(&[&["broker", &port], command].concat()).await
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        tell_at_last(self.port, "stop");
    }
}

/// Tells a broker something that nobody waits for.
pub(crate) fn tell_at_last(port: u16, command: &str) {
    let mut script = Command::new(script());
    // It says itself what it cannot do, and nobody is left who could do more.
    let _ = script.args(["broker", &port.to_string(), command]).output();
}

/// The heartbeat is the shortest, so that silence is noticed after four seconds.
pub(crate) fn url(port: u16) -> String {
    format!("amqp://guest:guest@127.0.0.1:{port}/%2f?heartbeat=2")
}

/// Asks for all queues, with something about each.
pub(crate) fn list_queues(what: &str) -> [&str; 6] {
    [
        "rabbitmqctl",
        "--quiet",
        "--no-table-headers",
        "list_queues",
        "name",
        what,
    ]
}

/// What a list of queues says about one of them.
pub(crate) fn find_queue<'a>(listed: &'a str, queue: &str) -> anyhow::Result<&'a str> {
    let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
    let line = lines.find(|(name, _)| *name == queue);
    let (_, said) = line.with_context(|| format!("RabbitMQ has no queue {queue}"))?;
    Ok(said.trim())
}
