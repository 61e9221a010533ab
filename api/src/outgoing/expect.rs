//! When texts are likely to leave.

use std::time::Duration;

use mysms_core::domain::{Class, Message, Rate, Sender, Status, Timestamp, Turn, UserId};

use super::Backlog;

/// How long a text takes that nothing is ahead of, at most.
const AT_MOST: Duration = Duration::from_secs(5);

/// When a text is likely to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Half of such texts have left by then.
    pub at: Timestamp,
    /// Nineteen of twenty have.
    pub by: Timestamp,
}

/// A text that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub class: Class,
    pub user: UserId,
    /// `None` if it has none yet: it is not due, or was not sent in earnest.
    pub turn: Option<Turn>,
    pub segments: u32,
    /// When it may leave at the earliest.
    pub start: Timestamp,
}

impl Leaving {
    /// `None` if it does not wait.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        let body = message.body.as_ref()?;
        (message.status == Status::Queued && message.visible).then(|| Self {
            class: message.class,
            user: message.owner,
            turn: message.turn,
            segments: body.segments(),
            start: message.starts_at().unwrap_or(message.sent_at),
        })
    }
}

impl Expected {
    /// Of a text that nothing is known to be ahead of.
    pub(crate) fn alone(start: Timestamp) -> Self {
        Self {
            at: start,
            by: start + AT_MOST,
        }
    }

    /// Of a text that leaves from a sender with a rate.
    pub(super) fn of(
        leaving: &Leaving,
        sender: &Sender,
        rate: Rate,
        backlog: &Backlog,
        now: Timestamp,
    ) -> Self {
        let _ = sender;
        let start = leaving.start.max(now);
        let wait = Duration::try_from_secs_f64(wait(leaving, rate, backlog));
        let wait = wait.unwrap_or(Duration::MAX);
        let at = start + wait;
        Self {
            at,
            by: at + AT_MOST.max(wait / 4),
        }
    }
}

/// For how many seconds others leave before it.
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody waits for as many segments as a float cannot count"
)]
fn wait(leaving: &Leaving, rate: Rate, backlog: &Backlog) -> f64 {
    let waiting = |class| backlog.queues[class].standing.waiting();
    let above: u64 = leaving.class.above().map(waiting).sum();
    let below = leaving.class.below().filter(|class| waiting(*class) > 0);
    let share = 1.0 - below.map(|_| 0.1).sum::<f64>();
    let queue = &backlog.queues[leaving.class];
    let own = queue
        .reaches
        .iter()
        .find(|reach| reach.user == leaving.user);
    let next = own.map_or(queue.standing.virtual_time, |own| own.end);
    let turn = leaving
        .turn
        .unwrap_or(next.max(queue.standing.virtual_time));
    let before = queue.reaches.iter().map(|reach| {
        let until = reach.end.min(turn);
        until.segments_since(queue.standing.virtual_time, reach.weight)
    });
    let ahead = above + before.sum::<u64>();
    ahead as f64 / (backlog.line.segments_per_second(rate, backlog.at) * share)
}
