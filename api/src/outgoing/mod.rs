//! From where texts leave, and when: the senders as this process knows them, and what waits for each.

mod backlog;
mod choice;
mod expect;
mod halts;
mod recent;
mod troubles;

use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{
    Class, LineId, Message, QuietHours, Registry, Sender, SenderState, Timestamp, Turn, UserId,
    Weight, quiet_rules,
};
use mysms_core::pace::{Desk, Entrant, Expected, Lines, SenderWatch};
use mysms_core::store::{self, Conversations, QueueId, QueueStanding, Result};
use mysms_core::stores::Stores;
use runtime::lifecycle::TaskResult;
use tokio_util::sync::CancellationToken;

use view::PauseView;

use self::backlog::Backlogs;
use self::halts::Halts;
use crate::poll_store::poll_store;
use crate::store_timeout::StoreTimeout;

pub(crate) use self::backlog::Backlog;
pub(crate) use self::choice::Unsendable;
pub(crate) use self::expect::Leaving;
pub(crate) use self::troubles::{Hindrance, Trouble};

/// The senders of this process's account, and their lines. Where texts do not wait for their turn, nothing
/// here asks the store but for pauses.
pub(crate) struct Outgoing {
    watch: Arc<SenderWatch>,
    desk: Desk,
    turns: Arc<dyn store::Turns>,
    conversations: Arc<dyn Conversations>,
    lines: Lines,
    backlogs: Backlogs,
    halts: Halts,
    clock: Arc<dyn Clock>,
    store_timeout: StoreTimeout,
}

/// What a text meets at its sender.
pub(crate) struct Scene {
    /// `None` where texts wait for no turn.
    backlog: Option<Arc<Backlog>>,
    paused: Option<PauseView>,
}

/// When a text is likely to leave, as far as that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Forecast {
    pub expected: Option<Expected>,
    /// That nothing leaves its sender now.
    pub paused: Option<PauseView>,
}

impl Forecast {
    pub(crate) fn at(&self) -> Option<Timestamp> {
        self.expected.as_ref().map(|expected| expected.at)
    }

    pub(crate) fn by(&self) -> Option<Timestamp> {
        self.expected.as_ref().map(|expected| expected.by)
    }

    /// When a text is given up that is valid until a moment, if it is likely not to leave before.
    pub(crate) fn given_up_at(&self, expires_at: Timestamp) -> Option<Timestamp> {
        self.expected.as_ref()?.given_up_at(expires_at)
    }
}

/// The turn that a text has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub turn: Turn,
    /// How its queue was before.
    pub before: QueueStanding,
    queue: QueueId,
    user: UserId,
    segments: u32,
}

impl Outgoing {
    pub(crate) fn new(
        stores: &Stores,
        watch: Arc<SenderWatch>,
        lines: Lines,
        clock: Arc<dyn Clock>,
        store_timeout: StoreTimeout,
    ) -> Self {
        let turns = Arc::clone(&stores.turns);
        Self {
            watch,
            desk: Desk::new(Arc::clone(&turns)),
            backlogs: Backlogs::new(
                Arc::clone(&turns),
                lines.clone(),
                Arc::clone(&stores.pauses),
            ),
            halts: Halts::new(Arc::clone(&stores.pauses)),
            lines,
            turns,
            conversations: Arc::clone(&stores.conversations),
            clock,
            store_timeout,
        }
    }

    /// The senders as of the latest look.
    pub(crate) async fn registry(&self) -> Result<Arc<Registry>> {
        self.store_timeout.once(self.watch.registry()).await
    }

    /// Reads the senders anew.
    pub(crate) async fn look(&self) -> Result<()> {
        self.store_timeout.once(self.watch.look()).await.map(drop)
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(self: Arc<Self>, stop: CancellationToken) -> TaskResult {
        let look = || self.look();
        poll_store(SenderWatch::LOOK_INTERVAL, stop, look, |error| {
            let error = Chain(error);
            tracing::warn!(%error, "cannot see the senders; those that were known stay");
        })
        .await
    }

    /// Gives a text that may leave now its turn.
    pub(crate) async fn take_turn(
        &self,
        sender: &Sender,
        class: Class,
        (user, weight): (UserId, Weight),
        segments: u32,
    ) -> Result<Taken> {
        let queue = QueueId {
            line: line(sender),
            class,
        };
        let entrant = Entrant {
            queue: queue.clone(),
            user,
            weight,
            segments,
            now: self.clock.now(),
        };
        let (turn, before) = self.store_timeout.once(self.desk.enter(entrant)).await?;
        Ok(Taken {
            turn,
            before,
            queue,
            user,
            segments,
        })
    }

    /// Takes a turn back that no text has. If that fails, what comes later is expected a little late.
    pub(crate) async fn give_back(&self, taken: Taken) {
        let Taken {
            queue,
            user,
            segments,
            ..
        } = taken;
        let withdraw = self.turns.withdraw(&queue, user, segments.into());
        if let Err(error) = self.store_timeout.once(withdraw).await {
            tracing::warn!(error = %Chain(&error), "a turn could not be given back");
        }
    }

    /// What waits for a sender, as it was a second ago at the earliest; `None` if the store does not say.
    pub(crate) async fn backlog(&self, sender: &Sender) -> Option<Arc<Backlog>> {
        let line = line(sender);
        self.told(self.backlogs.of(&line)).await
    }

    /// What a text meets at a sender, as it was a second ago at the earliest; `None` if the store does not
    /// say.
    pub(crate) async fn scene(&self, registry: &Registry, sender: &Sender) -> Option<Scene> {
        let line = line(sender);
        let paused = self.halts.of(&line, self.clock.now());
        let paused = self.told(paused).await?;
        let backlog = if registry.is_paced() {
            Some(self.backlog(sender).await?)
        } else {
            None
        };
        Some(Scene { backlog, paused })
    }

    async fn told<T>(&self, read: impl Future<Output = Result<T>>) -> Option<T> {
        match self.store_timeout.once(read).await {
            Ok(read) => Some(read),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "cannot see what waits for a sender");
                None
            }
        }
    }

    /// When a message that waits is likely to leave, if its user has set these quiet hours; nothing is told
    /// once it does not wait any more.
    pub(crate) async fn expected(
        &self,
        message: &Message,
        quiet: Option<&QuietHours>,
    ) -> Result<Forecast> {
        let registry = self.registry().await?;
        let sender = registry.leaving(message.sender.as_deref());
        let rules = quiet_rules(quiet, sender, message.time_zone.as_ref());
        let Some(leaving) = Leaving::of(message, &rules) else {
            return Ok(Forecast::default());
        };
        Ok(self.foresee(&registry, sender, &leaving).await)
    }

    /// When a text is likely to leave a sender.
    pub(crate) async fn foresee(
        &self,
        registry: &Registry,
        sender: &Sender,
        leaving: &Leaving<'_>,
    ) -> Forecast {
        let scene = self.scene(registry, sender).await;
        self.expect(registry, sender, scene.as_ref(), leaving)
    }

    /// The same, given what it meets there.
    pub(crate) fn expect(
        &self,
        registry: &Registry,
        sender: &Sender,
        scene: Option<&Scene>,
        leaving: &Leaving<'_>,
    ) -> Forecast {
        let Some(Scene { backlog, paused }) = scene else {
            return Forecast::default();
        };
        let paused_until = paused.map(|pause| pause.until);
        let expected = match (paused_until, backlog) {
            // Nobody knows when the operator ends it.
            (Some(None), _) => None,
            (until, None) => Some(leaving.soon(until.flatten())),
            (until, Some(backlog)) => {
                let sends = sender.state != SenderState::Off;
                let rate = registry.rate_of(sender).filter(|_| sends);
                let now = self.clock.now();
                let expected =
                    |rate| leaving.expected((sender, rate), backlog, until.flatten(), now);
                rate.map(expected)
            }
        };
        Forecast {
            expected,
            paused: *paused,
        }
    }
}

fn line(sender: &Sender) -> LineId {
    LineId::new(&sender.account, sender.address.as_str())
}
