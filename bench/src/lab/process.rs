//! A child process, and what can be done to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::Usage;

/// How a process is started, any number of times.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Its name in messages, and of its log.
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    /// All that is in its environment.
    pub environment: BTreeMap<String, String>,
    /// Gets what it writes, after what is in there.
    pub log: PathBuf,
}

/// A running process; dropped, it is killed.
///
/// It has a process group of its own, so that Ctrl-C reaches it only through us.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    pid: Pid,
}

impl Process {
    pub fn start(launch: &Launch) -> anyhow::Result<Self> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&launch.log)
            .with_context(|| format!("cannot write {}", launch.log.display()))?;
        let child = Command::new(&launch.program)
            .args(&launch.args)
            .env_clear()
            .envs(&launch.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.display()))?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self {
            name: launch.name.clone(),
            pid: pid.context("a process without an id")?,
            child,
        })
    }

    /// What it costs; fails once it has ended.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(self.pid())
    }

    /// Its number, which may be another's once its end was noted.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Makes it stand still, as on a machine that hangs: its connections stay, nothing is answered.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Ends it at once, whatever it has in hand.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Asks it to end and waits for that.
    pub async fn terminate(mut self, patience: Duration) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        self.wait(patience).await
    }

    /// Waits for its end; fails if that does not come in good order within `patience`.
    pub async fn wait(mut self, patience: Duration) -> anyhow::Result<()> {
        let ended = timeout(patience, self.child.wait()).await;
        let status = ended.with_context(|| format!("{} does not end", self.name))??;
        anyhow::ensure!(status.success(), "{} ended badly: {status}", self.name);
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        // Once its end was noted, the number may be another process's.
        if let Some(status) = self.ended()? {
            anyhow::bail!("{} has ended by itself: {status}", self.name);
        }
        kill_process(self.pid, signal).with_context(|| format!("cannot signal {}", self.name))
    }
}
