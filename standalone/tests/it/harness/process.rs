//! A child process that does not outlive its test.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitOptions, waitpid};

pub(crate) struct Process {
    child: Child,
    pub(crate) name: &'static str,
}

impl Process {
    /// Starts a program with nothing in its environment but what is given here.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> Self {
        Self::start_with(name, program, &[], environment, log)
    }

    /// The same with arguments.
    pub(crate) fn start_with(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
        log: &Path,
    ) -> Self {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log file can be written");
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log file can be shared"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        Self { child, name }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_none()
    }

    /// The most memory that it ever took, in KiB, as Linux tells it.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.trim().strip_suffix(" kB"));
        peak.and_then(|peak| peak.parse().ok()).expect("a peak")
    }

    /// Sends a signal by its name, as `kill` knows it; returns from `STOP` once it stands still, which
    /// on a busy machine is later.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status()
            .expect("kill can be run");
        assert!(sent.success(), "{} did not get {signal}", self.name);
        if signal == "STOP" {
            let stopped = waitpid(Some(Pid::from_child(&self.child)), WaitOptions::UNTRACED);
            let stopped = stopped.expect("the child is ours");
            assert!(stopped.is_some_and(|(_, status)| status.stopped()));
        }
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                return status;
            }
            assert!(Instant::now() < deadline, "{} did not end", self.name);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
