use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::queue::QueueHealth;
use mysms_core::schedule::Schedule;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::broker::Broker;
use super::failure::Failure;
use super::link::Link;

/// Between two attempts to connect.
const PAUSES: Schedule = Schedule {
    initial: Duration::from_millis(200),
    max: Duration::from_secs(5),
};

/// What one connection is for.
pub(super) trait Role: Send + Sync + 'static {
    const NAME: &'static str;

    /// Works until `closing`, with everything done, or until the connection fails.
    fn serve(
        &mut self,
        link: &mut Link,
        desk: &Desk,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether anything waits for which a connection is needed even while closing.
    fn is_idle(&self) -> bool;
}

/// What a role shares with the rest of the queue.
pub(super) struct Desk {
    pub(super) broker: Broker,
    pub(super) closing: CancellationToken,
    health: watch::Sender<QueueHealth>,
}

impl Desk {
    pub(super) fn up(&self) {
        self.health.send_replace(QueueHealth::Up);
    }

    pub(super) fn down(&self, reason: String) {
        self.health.send_replace(QueueHealth::Down { reason });
    }
}

/// Keeps one connection alive: whatever fails, it drops everything and connects anew, for ever.
pub(super) struct Supervisor<R> {
    role: R,
    desk: Desk,
}

impl<R: Role> Supervisor<R> {
    pub(super) fn new(
        broker: Broker,
        role: R,
        closing: CancellationToken,
    ) -> (Self, watch::Receiver<QueueHealth>) {
        let reason = "not connected yet".to_owned();
        let (health, watched) = watch::channel(QueueHealth::Down { reason });
        let desk = Desk {
            broker,
            closing,
            health,
        };
        (Self { role, desk }, watched)
    }

    pub(super) async fn run(mut self) {
        let (mut failures, mut known) = (0_u32, false);
        loop {
            let failure = match self.connect().await {
                Ok(None) => return,
                Ok(Some(link)) => {
                    known = false;
                    let began = Instant::now();
                    let Err(failure) = self.work(link).await else {
                        return;
                    };
                    if began.elapsed() > PAUSES.max {
                        failures = 0;
                    }
                    failure
                }
                Err(failure) => failure,
            };
            failures = failures.saturating_add(1);
            self.report(&failure, known);
            if self.desk.closing.is_cancelled() {
                return;
            }
            tokio::select! {
                () = sleep(PAUSES.jittered(failures, rand::random_range(0.5..1.0))) => {}
                () = self.desk.closing.cancelled() => {}
            }
            known = true;
        }
    }

    /// None when there is nothing to connect for any more.
    async fn connect(&self) -> Result<Option<Link>, Failure> {
        // What waits is known only once closing begins, as it may come while the link is opened.
        let needless = async {
            self.desk.closing.cancelled().await;
            if !self.role.is_idle() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = needless => Ok(None),
            link = Link::open(&self.desk.broker, R::NAME) => link.map(Some),
        }
    }

    /// Fine when there is nothing more to do.
    async fn work(&mut self, mut link: Link) -> Result<(), Failure> {
        tracing::info!(connection = R::NAME, "connected to RabbitMQ");
        self.desk.up();
        self.role.serve(&mut link, &self.desk).await?;
        link.close().await;
        Ok(())
    }

    fn report(&self, failure: &Failure, known: bool) {
        let reason = Chain(failure).to_string();
        if known {
            tracing::debug!(connection = R::NAME, reason, "RabbitMQ is still lost");
        } else {
            tracing::warn!(
                connection = R::NAME,
                reason,
                "RabbitMQ is lost; connecting anew"
            );
        }
        self.desk.down(reason);
    }
}
