//! A process that can be asked whether it is ready, and that is started again when it was ended.

use std::time::Duration;

use anyhow::Context as _;
use mongodb::bson::doc;
use tokio::time::{Instant, sleep};

use super::{Launch, PATIENCE, PAUSE, Process, Usage, Whereabouts};

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
            http: super::http(ANSWER)?,
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
        let name = &self.launch.name;
        let process = self.process.as_ref();
        process
            .with_context(|| format!("{name} does not run"))?
            .usage()
    }

    /// Asks it to end, for good.
    pub async fn end(mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("it does not run")?;
        process.terminate(GRACE).await
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
            let (name, log) = (&self.launch.name, self.launch.log.display());
            anyhow::ensure!(Instant::now() < deadline, "{name} is not ready: see {log}");
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

    /// Ends it at once and leaves it away for a while.
    pub async fn kill(&mut self, away: Duration) -> anyhow::Result<()> {
        self.strike_down().await?;
        sleep(away).await;
        self.bring_back()?;
        self.wait_until_ready().await
    }

    /// Ends it at once, until it is brought back.
    pub async fn strike_down(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("it does not run")?;
        self.whereabouts.note(None);
        process.kill().await
    }

    /// Starts what was struck down; it runs already otherwise.
    pub fn bring_back(&mut self) -> anyhow::Result<()> {
        if self.process.is_none() {
            self.launch()?;
        }
        Ok(())
    }

    /// Asks it to end, and starts it again.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("it does not run")?;
        process.terminate(GRACE).await?;
        self.launch()?;
        self.wait_until_ready().await
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

    fn launch(&mut self) -> anyhow::Result<()> {
        let process = Process::start(&self.launch)?;
        self.whereabouts.note(Some(process.pid()));
        self.process = Some(process);
        Ok(())
    }

    fn running(&mut self) -> anyhow::Result<&mut Process> {
        let name = &self.launch.name;
        self.process
            .as_mut()
            .with_context(|| format!("{name} does not run"))
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
