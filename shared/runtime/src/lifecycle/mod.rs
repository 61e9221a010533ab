//! How a process stops: when it is told to, and when a part of it has broken.

#[cfg(test)]
mod tests;

use std::error::Error;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use mysms_core::chain::Chain;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::exit::Exit;

/// What a long-lived task ends with.
pub type TaskResult = Result<(), Box<dyn Error + Send + Sync>>;

/// How long what was dropped at the hard stop may take to clean up.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// The tasks of a process, and the two tokens that stop them. Clones are the same process.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    crashed: Arc<AtomicBool>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    pub fn new() -> Self {
        let hard = CancellationToken::new();
        Self {
            // A child, so that the hard stop is a soft stop as well.
            soft: hard.child_token(),
            hard,
            tracker: TaskTracker::new(),
            crashed: Arc::default(),
        }
    }

    /// Cancelled when no more work is to be taken. Whoever cancels it asks the process to stop.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when what is still in flight is to be abandoned.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Where to spawn short-lived tasks, which a stop waits for. At the hard stop they run on until the
    /// process exits, unless they watch [`Lifecycle::hard`].
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// Runs a task that is to last until the soft stop; at the hard stop it is dropped.
    ///
    /// When it ends or fails before the soft stop, or panics at any time, that is a crash: it is
    /// logged, and the process stops softly. A failure after the soft stop is only logged.
    pub fn spawn(
        &self,
        name: &'static str,
        task: impl Future<Output = TaskResult> + Send + 'static,
    ) {
        let lifecycle = self.clone();
        self.tracker.spawn(async move {
            let task = AssertUnwindSafe(task).catch_unwind();
            match lifecycle.hard.clone().run_until_cancelled_owned(task).await {
                Some(Ok(result)) => lifecycle.ended(name, result),
                // The panic hook has told the rest.
                Some(Err(_)) => lifecycle.crash(name, "it panicked"),
                None => {}
            }
        });
    }

    /// Runs until SIGTERM or SIGINT, or a crash, then stops; a second signal is the hard stop.
    pub async fn run_until_signal(self, grace: Duration) -> Exit {
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => {
                tracing::error!(error = %error, "signals cannot be listened for");
                return Exit::Failed;
            }
        };
        let asked = tokio::select! {
            () = signals.next() => true,
            () = self.soft.cancelled() => false,
        };
        tracing::info!(grace_s = grace.as_secs_f64(), "stopping");
        let insisted = async {
            // After a crash the first signal asks for no more than what is already happening.
            if !asked {
                signals.next().await;
            }
            signals.next().await;
        };
        let stop = self.stop(grace);
        tokio::pin!(stop);
        let clean = tokio::select! {
            clean = &mut stop => clean,
            () = insisted => {
                self.hard.cancel();
                stop.await
            }
        };
        if self.crashed.load(Ordering::SeqCst) {
            Exit::Crashed
        } else if clean {
            Exit::Done
        } else {
            Exit::Abandoned
        }
    }

    /// Stops softly, and hard when `grace` is over or [`Lifecycle::hard`] is cancelled.
    ///
    /// Whether every task ended in time and none ever crashed.
    pub async fn stop(&self, grace: Duration) -> bool {
        self.soft.cancel();
        self.tracker.close();
        let ended = tokio::select! {
            biased;
            () = self.hard.cancelled() => false,
            ended = tokio::time::timeout(grace, self.tracker.wait()) => ended.is_ok(),
        };
        if !ended {
            tracing::warn!(tasks = self.tracker.len(), "abandoning what is in flight");
            self.hard.cancel();
            // In vain if a task does not watch the token; the caller goes on all the same.
            let _ = tokio::time::timeout(CLEAN_UP, self.tracker.wait()).await;
        }
        ended && !self.crashed.load(Ordering::SeqCst)
    }

    fn ended(&self, name: &'static str, result: TaskResult) {
        match result {
            Ok(()) if self.soft.is_cancelled() => tracing::debug!(task = name, "ended"),
            Ok(()) => self.crash(name, "it ended early"),
            Err(error) if self.soft.is_cancelled() => {
                tracing::warn!(task = name, error = %Chain(&*error), "failed while stopping");
            }
            Err(error) => self.crash(name, &Chain(&*error).to_string()),
        }
    }

    fn crash(&self, name: &'static str, error: &str) {
        tracing::error!(task = name, error, "crashed; stopping the process");
        self.crashed.store(true, Ordering::SeqCst);
        self.soft.cancel();
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
