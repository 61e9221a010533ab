use std::time::Duration;

use mysms_core::queue::QueueHealth;
use runtime::lifecycle::Lifecycle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::broker::Broker;
use super::supervisor::{Role, Supervisor};

/// Connections that stay through the soft stop, until they are closed or dropped. The hard stop drops
/// them.
pub(super) struct Connections {
    lifecycle: Lifecycle,
    closing: CancellationToken,
    abandoned: CancellationToken,
    supervisors: TaskTracker,
}

impl Connections {
    pub(super) fn of(lifecycle: &Lifecycle) -> Self {
        Self {
            lifecycle: lifecycle.clone(),
            closing: CancellationToken::new(),
            abandoned: lifecycle.hard().child_token(),
            supervisors: TaskTracker::new(),
        }
    }

    /// Keeps a connection open for a role; its health can be watched.
    pub(super) fn open<R: Role>(&self, broker: Broker, role: R) -> watch::Receiver<QueueHealth> {
        let (supervisor, health) = Supervisor::new(broker, role, self.closing.clone());
        let run = self
            .abandoned
            .clone()
            .run_until_cancelled_owned(supervisor.run());
        let running = self.supervisors.spawn(run);
        let soft = self.lifecycle.soft();
        // It may outlive the soft stop, but a panic before that is to be noticed.
        self.lifecycle.spawn(R::NAME, async move {
            if let Some(ended) = soft.run_until_cancelled(running).await {
                ended?;
                soft.cancelled().await;
            }
            Ok(())
        });
        health
    }

    /// Lets every role finish what it has, for as long as `grace`; false if that was not enough.
    pub(super) async fn close(&self, grace: Duration) -> bool {
        self.closing.cancel();
        self.supervisors.close();
        let ended = tokio::time::timeout(grace, self.supervisors.wait()).await;
        self.abandoned.cancel();
        ended.is_ok()
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}
