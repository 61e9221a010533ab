//! A child process, what can be done to it, and what it costs.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
pub use rustix::process::Signal;
use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::time::{Instant, sleep};

/// Between two looks whether a process has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// How a process is started, any number of times.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Its name in messages.
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    /// All that is in its environment.
    pub environment: BTreeMap<String, String>,
    /// Gets what it writes, after what is in there.
    pub log: PathBuf,
}

/// A running process; dropped, it is killed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
}

impl Process {
    pub fn start(launch: &Launch) -> anyhow::Result<Self> {
        let log = open_log(&launch.log)?;
        let child = Command::new(&launch.program)
            .args(&launch.args)
            .env_clear()
            .envs(&launch.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.display()))?;
        Ok(Self {
            name: launch.name.clone(),
            child,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number, which may be another's once its end was noted.
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// What it costs; fails once it has ended.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(self.pid())
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Makes it stand still, as on a machine that hangs: its connections stay, nothing is answered.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)?;
        // On a busy machine the signal is still on its way. The end is left for `ended` to note.
        let change = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let itself = || waitid(WaitId::Pid(Pid::from_child(&self.child)), change);
        let change = rustix::io::retry_on_intr(itself)?;
        let stopped = change.is_some_and(|status| status.stopped());
        anyhow::ensure!(stopped, "{} ended instead of standing still", self.name);
        Ok(())
    }

    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    pub fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        // Once its end was noted, the number may be another process's.
        if let Some(status) = self.ended()? {
            anyhow::bail!("{} has ended by itself: {status}", self.name);
        }
        let sent = kill_process(Pid::from_child(&self.child), signal);
        sent.with_context(|| format!("cannot signal {}", self.name))
    }

    /// Ends it at once, whatever it has in hand.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits for its end and tells how it ended; fails if that does not come within `patience`.
    pub async fn wait(&mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            anyhow::ensure!(Instant::now() < deadline, "{} does not end", self.name);
            sleep(PAUSE).await;
        }
    }

    /// Waits for its end; fails if that does not come in good order within `patience`.
    pub async fn succeed(&mut self, patience: Duration) -> anyhow::Result<()> {
        let status = self.wait(patience).await?;
        anyhow::ensure!(status.success(), "{} ended badly: {status}", self.name);
        Ok(())
    }

    /// Asks it to end, and waits until it has done so in good order.
    pub async fn terminate(&mut self, patience: Duration) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        self.succeed(patience).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

fn open_log(path: &Path) -> anyhow::Result<File> {
    let log = OpenOptions::new().create(true).append(true).open(path);
    log.with_context(|| format!("cannot write {}", path.display()))
}

/// What a process has cost so far, as Linux tells it (`proc(5)`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of all its threads, in user mode and in the kernel; counted in hundredths of a second.
    pub cpu: Duration,
    /// The memory that it takes now.
    pub resident_kib: u64,
    /// The most that it ever took.
    pub peak_kib: u64,
}

/// Clock ticks in a second; Linux shows every process this many.
const TICKS_PER_SECOND: u64 = 100;

impl Usage {
    /// What a process of this machine has cost; fails once it is gone.
    pub fn of(pid: i32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        Self::read(&stat, &status).context("the system does not tell what a process costs")
    }

    fn read(stat: &str, status: &str) -> Option<Self> {
        // The name of the program may have spaces and parentheses in it.
        let (_, after_name) = stat.rsplit_once(") ")?;
        let mut ticks = after_name.split(' ').skip(11).map(str::parse::<u64>);
        let ticks = ticks.next()?.ok()? + ticks.next()?.ok()?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        Some(Self {
            cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
            resident_kib: kib("VmRSS:")?,
            peak_kib: kib("VmHWM:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_an_odd_name_is_read_too() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 4 0 1 1 1 1";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let usage = Usage::read(stat, status).unwrap();
        assert_eq!(usage.cpu, Duration::from_secs(2));
        assert_eq!((usage.resident_kib, usage.peak_kib), (1024, 2048));
    }
}
