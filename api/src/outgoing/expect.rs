//! When texts are likely to leave.

use mysms_core::domain::{
    Class, Message, QuietHours, Rate, Sender, Status, Timestamp, Turn, UserId, Zone,
};
use mysms_core::pace::{Ahead, Expected, Outlook};

use super::Backlog;

/// A text that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaving<'a> {
    pub class: Class,
    pub user: UserId,
    /// `None` if it has none yet: it is not due, or not sent in earnest.
    pub turn: Option<Turn>,
    pub segments: u32,
    /// When it may leave at the earliest.
    pub start: Timestamp,
    /// The quiet hours that it keeps.
    pub quiet: &'a [(QuietHours, Zone)],
}

impl<'a> Leaving<'a> {
    /// `None` if it does not wait.
    pub(crate) fn of(message: &Message, quiet: &'a [(QuietHours, Zone)]) -> Option<Self> {
        let body = message.body.as_ref()?;
        let waits = message.status == Status::Queued && message.visible;
        waits.then(|| Self {
            class: message.class,
            user: message.owner,
            turn: message.turn,
            segments: body.segments(),
            start: message.starts_at().unwrap_or(message.sent_at),
            quiet,
        })
    }

    /// When it leaves a sender without one, which may be paused.
    pub(super) fn soon(&self, paused_until: Option<Timestamp>) -> Expected {
        let from = self.start.max(paused_until.unwrap_or(self.start));
        Expected::soon(self.class, self.quiet, from)
    }

    /// When it leaves a sender with a rate, which may be paused.
    pub(super) fn expected(
        &self,
        (sender, rate): (&Sender, Rate),
        backlog: &Backlog,
        paused_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Expected {
        let outlook = Outlook {
            line: &backlog.line,
            rate,
            today: sender.terms(rate, now).today,
            quiet: self.quiet,
            now,
            paused_until,
        };
        let turn = self.turn.unwrap_or_else(|| self.next_turn(backlog));
        let mut ahead = Ahead::of(self.class, turn, &backlog.queues);
        ahead.own += self.entered_since(turn, backlog);
        outlook.expect(self.class, self.segments, ahead, self.start)
    }

    /// How many segments of its own user are ahead that had not entered when the backlog was read.
    fn entered_since(&self, turn: Turn, backlog: &Backlog) -> u64 {
        // What was known by then and is ahead no more was canceled.
        if self.start <= backlog.at {
            return 0;
        }
        let (standing, reaches) = &backlog.queues[self.class];
        let own = reaches.iter().find(|reach| reach.user == self.user);
        let weight = own.map(|own| own.weight).unwrap_or_default();
        let segments = |end: Turn| end.segments_since(standing.virtual_time, weight);
        let known = own.map_or(0, |own| segments(own.end.min(turn)));
        segments(turn).saturating_sub(known)
    }

    /// The turn that its user would get now.
    fn next_turn(&self, backlog: &Backlog) -> Turn {
        let (standing, reaches) = &backlog.queues[self.class];
        let own = reaches.iter().find(|reach| reach.user == self.user);
        let end = own.map(|own| own.end);
        end.unwrap_or_default().max(standing.virtual_time)
    }
}
