//! A process that can be asked whether it is ready, and that is started again when it was ended.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use mongodb::bson::doc;
use tokio::time::{Instant, sleep};

use crate::waiting::PAUSE;
use crate::{Launch, PATIENCE, Process, Usage};

/// How long a process may take to end in good order.
const GRACE: Duration = Duration::from_secs(30);

/// How long it may take to say that it is ready.
const ANSWER: Duration = Duration::from_secs(2);

/// How a process shows that it is ready.
#[derive(Debug, Clone)]
pub enum Ready {
    /// It answers 200 at this URL.
    Http(String),
    /// It is a MongoDB that answers at this address.
    Mongo(String),
}

/// A process that comes back after it was ended.
#[derive(Debug)]
pub struct Service {
    launch: Launch,
    ready: Ready,
    http: reqwest::Client,
    process: Option<Process>,
    whereabouts: Whereabouts,
    ended_by_itself: u32,
}

impl Service {
    /// Starts it; whether it is ready is for [`Service::wait_until_ready`] to find out.
    pub fn start(launch: Launch, ready: Ready) -> anyhow::Result<Self> {
        let mut service = Self {
            launch,
            ready,
            http: crate::http(ANSWER)?,
            process: None,
            whereabouts: Whereabouts::unborn(),
            ended_by_itself: 0,
        };
        service.launch()?;
        Ok(service)
    }

    pub fn name(&self) -> &str {
        &self.launch.name
    }

    /// Where its process can be seen, whenever it was started.
    pub fn whereabouts(&self) -> Whereabouts {
        self.whereabouts.clone()
    }

    /// What it costs; fails while it does not run.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        let process = self.process.as_ref();
        let process = process.with_context(|| format!("{} does not run", self.launch.name));
        process?.usage()
    }

    /// Asks it to end, for good.
    pub async fn end(mut self) -> anyhow::Result<()> {
        self.stop().await
    }

    /// How often it ended although nobody ended it, once it had been ready.
    pub fn ended_by_itself(&self) -> u32 {
        self.ended_by_itself
    }

    /// Waits until it is ready. One that ends before, because what it needs is away, is started
    /// again, as a supervisor does.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready().await {
            if self.running()?.ended()?.is_some() {
                self.launch()?;
            }
            let in_time = Instant::now() < deadline;
            anyhow::ensure!(
                in_time,
                "{} is not ready: {}",
                self.name(),
                self.last_words()
            );
            sleep(PAUSE).await;
        }
        Ok(())
    }

    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.running()?.freeze()
    }

    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.running()?.thaw()
    }

    /// Ends it at once, until it is brought back.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut process = self.leave()?;
        self.whereabouts.note(None);
        process.kill()
    }

    /// Asks it to end in good order, until it is brought back.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let mut process = self.leave()?;
        let ended = process.terminate(GRACE).await;
        self.whereabouts.note(None);
        ended
    }

    /// Starts it again unless it runs, and waits until it is ready.
    pub async fn bring_back(&mut self) -> anyhow::Result<()> {
        if self.process.is_none() {
            self.launch()?;
        }
        self.wait_until_ready().await
    }

    /// Ends it at once and leaves it away for a while.
    pub async fn kill_for(&mut self, away: Duration) -> anyhow::Result<()> {
        self.kill()?;
        sleep(away).await;
        self.bring_back().await
    }

    /// Asks it to end, and starts it again.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.bring_back().await
    }

    /// Starts it again if it has ended by itself, and counts that.
    pub async fn revive(&mut self) -> anyhow::Result<()> {
        if self.running()?.ended()?.is_some() {
            self.ended_by_itself += 1;
            self.launch()?;
            self.wait_until_ready().await?;
        }
        Ok(())
    }

    /// The end of its log, which may go with a directory of a test's own.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.launch.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(10)..].join("\n");
        format!("see {}\n{end}", self.launch.log.display())
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let process = Process::start(&self.launch)?;
        self.whereabouts.note(Some(process.pid()));
        self.process = Some(process);
        Ok(())
    }

    /// Its process, which is to run no more.
    fn leave(&mut self) -> anyhow::Result<Process> {
        let process = self.process.take();
        process.with_context(|| format!("{} does not run", self.launch.name))
    }

    fn running(&mut self) -> anyhow::Result<&mut Process> {
        let process = self.process.as_mut();
        process.with_context(|| format!("{} does not run", self.launch.name))
    }

    async fn is_ready(&self) -> bool {
        match &self.ready {
            Ready::Http(url) => {
                let answer = self.http.get(url).send().await;
                answer.is_ok_and(|answer| answer.status().is_success())
            }
            Ready::Mongo(uri) => {
                let ping = async {
                    let client = mongodb::Client::with_uri_str(uri).await?;
                    client.database("admin").run_command(doc! {"ping": 1}).await
                };
                matches!(tokio::time::timeout(ANSWER, ping).await, Ok(Ok(_)))
            }
        }
    }
}

/// Where the id of a process that is started again and again can be seen.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// A child of ours; 0 while it does not run.
    Child(Arc<AtomicI32>),
    /// It writes its id into a file.
    File(PathBuf),
}

impl Whereabouts {
    /// Of a child that has not been started yet.
    fn unborn() -> Self {
        Self::Child(Arc::default())
    }

    /// Takes note of what a child has become.
    fn note(&self, pid: Option<i32>) {
        if let Self::Child(current) = self {
            current.store(pid.unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// The process, if it runs.
    pub fn pid(&self) -> Option<i32> {
        let pid = match self {
            Self::Child(current) => current.load(Ordering::SeqCst),
            Self::File(path) => {
                let written = std::fs::read_to_string(path).ok()?;
                written.trim().parse().ok()?
            }
        };
        (pid > 0).then_some(pid)
    }
}
