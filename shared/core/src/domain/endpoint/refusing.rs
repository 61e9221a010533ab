//! What an endpoint did not take, and what becomes of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::repeating::delay;
use super::{Answer, Progress};
use crate::domain::{MessageId, Timestamp};

/// Messages of which an endpoint did not take the latest event, and which are told again.
pub const MOST_PENDING: usize = 64;

/// Messages whose events were set aside. While there are so many, no more are.
pub const MOST_ASIDE: usize = 100;

/// After so many failures in a row an endpoint counts as down.
const DOWN_AFTER: u32 = 16;

/// What is refused for so long, while others are taken, is set aside.
const SET_ASIDE_AFTER: Duration = Duration::from_hours(1);

/// A message that has to be told again. What is told then is how it is then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub message: MessageId,
    pub failures: u32,
    /// Since when it was not taken.
    pub since: Timestamp,
    pub tried_at: Timestamp,
    pub next_at: Timestamp,
    /// It is told though it was told before: its owner asked for that.
    #[serde(default)]
    pub again: bool,
}

/// A message that is not told any more, until it changes again or its owner asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    pub message: MessageId,
    /// The one that was refused last, and when the message changed to it.
    pub version: u32,
    pub changed_at: Timestamp,
    pub failures: u32,
    pub since: Timestamp,
    pub at: Timestamp,
    pub answer: Answer,
}

/// An endpoint that has taken nothing for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    pub since: Timestamp,
    /// In a row.
    pub failures: u32,
    /// Those of them that were tries of an endpoint that was down.
    #[serde(default)]
    pub probes: u32,
    /// When it is tried next, if it is down.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
}

/// An event that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedEvent {
    pub message: MessageId,
    pub version: u32,
    pub changed_at: Timestamp,
    pub answer: Answer,
    /// For how long the endpoint asked us to wait.
    pub retry_after: Option<Duration>,
}

/// What became of an event that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its message is pending, so the place may be moved over it.
    Pending,
    /// The event was set aside; so it may.
    Aside,
    /// There is no room for it: the place has to stay before it.
    NoRoom,
}

impl Progress {
    /// Whether it is only tried with one event now and then.
    pub fn is_down(&self) -> bool {
        let failures = self.failing.map_or(0, |failing| failing.failures);
        failures >= DOWN_AFTER || self.pending.len() >= MOST_PENDING
    }

    /// Whether a message is told when its time comes, whatever changes.
    pub fn is_pending(&self, message: MessageId) -> bool {
        self.pending
            .iter()
            .any(|pending| pending.message == message)
    }

    /// Whether a message is not to be told as it was at a time, because that was set aside.
    pub fn is_aside(&self, message: MessageId, changed_at: Timestamp) -> bool {
        let mut aside = self.aside.iter();
        aside.any(|aside| aside.message == message && aside.changed_at >= changed_at)
    }

    /// Whether a message is told though it was told before.
    pub fn is_asked_for(&self, message: MessageId) -> bool {
        let mut pending = self.pending.iter();
        pending.any(|pending| pending.message == message && pending.again)
    }

    /// The pending messages whose time has come, the one that waits longest first; none while the endpoint
    /// rests or is down.
    pub fn due(&self, now: Timestamp) -> Vec<MessageId> {
        if self.is_down() || self.rests(now) {
            return Vec::new();
        }
        let mut due: Vec<_> = self.pending.iter().filter(|it| it.next_at <= now).collect();
        due.sort_by_key(|pending| pending.next_at);
        due.into_iter().map(|pending| pending.message).collect()
    }

    /// Whether the endpoint asked us to call it later.
    pub fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Whether an endpoint that is down may be tried.
    pub fn may_probe(&self, now: Timestamp) -> bool {
        self.next_try().is_some_and(|due| due <= now)
    }

    /// What to try it with if it is down. `None`: with one that was not tried yet, if there is one; otherwise
    /// the pending message that was tried least recently. They take turns, because either may be refused for
    /// its own sake.
    pub fn probe(&self) -> Option<MessageId> {
        let probes = self.failing.map_or(0, |failing| failing.probes);
        let oldest = self.pending.iter().min_by_key(|pending| pending.tried_at);
        oldest
            .filter(|_| !probes.is_multiple_of(2))
            .map(|pending| pending.message)
    }

    /// Takes note that there is nothing to try an endpoint with that is down.
    pub fn nothing_to_try(&mut self) {
        if let Some(failing) = &mut self.failing {
            (failing.failures, failing.next_at) = (0, None);
        }
    }

    /// Takes note that the endpoint took the latest event of a message.
    pub fn taken(&mut self, message: MessageId, now: Timestamp) {
        let was_down = self.is_down();
        self.settled(message);
        self.aside.retain(|aside| aside.message != message);
        self.taken_at = Some(now);
        self.rests_until = None;
        // What was refused before as well was perhaps refused for its own sake.
        if let Some(failing) = self.failing.take() {
            let pause = if was_down {
                Duration::ZERO
            } else {
                delay(1, None, 0.0)
            };
            self.make_due(failing.since, now + pause);
        }
    }

    /// Takes note that there is nothing to tell of a message any more.
    pub fn settled(&mut self, message: MessageId) {
        self.pending.retain(|pending| pending.message != message);
    }

    /// Takes note that an event was not taken. `probe`: the endpoint was down, and tried with it.
    pub fn refused(
        &mut self,
        refused: RefusedEvent,
        probe: bool,
        now: Timestamp,
        jitter: f64,
    ) -> Refusal {
        let was_down = self.is_down();
        if let Some(asked) = refused.retry_after {
            self.rests_until = Some(now + delay(0, Some(asked), 0.0));
        }
        let refusal = self.keep(refused, now, jitter);
        let failing = self.failing.get_or_insert(Failing {
            since: now,
            failures: 0,
            probes: 0,
            next_at: None,
        });
        failing.failures = failing.failures.saturating_add(1);
        failing.probes += u32::from(probe);
        let (probes, next_at) = (failing.probes, failing.next_at);
        if self.is_down() && (probe || !was_down || next_at.is_none()) {
            let next_at = now + delay(probes + 1, refused.retry_after, jitter);
            self.failing = self.failing.map(|failing| Failing {
                next_at: Some(next_at),
                ..failing
            });
        }
        refusal
    }

    fn keep(&mut self, refused: RefusedEvent, now: Timestamp, jitter: f64) -> Refusal {
        let full = self.pending.len() >= MOST_PENDING;
        let known = self
            .pending
            .iter()
            .position(|it| it.message == refused.message);
        let Some(place) = known else {
            if full {
                return Refusal::NoRoom;
            }
            self.pending.push(Pending {
                message: refused.message,
                failures: 1,
                since: now,
                tried_at: now,
                next_at: now + delay(1, refused.retry_after, jitter),
                again: false,
            });
            return Refusal::Pending;
        };
        let Pending {
            since, failures, ..
        } = self.pending[place];
        let failures = failures.saturating_add(1);
        let others_taken = self.taken_at.is_some_and(|taken| taken > since);
        let last_try = since + SET_ASIDE_AFTER;
        if others_taken && (full || last_try <= now) && self.aside.len() < MOST_ASIDE {
            self.pending.remove(place);
            self.set_aside(refused, since, failures, now);
            return Refusal::Aside;
        }
        let mut next_at = now + delay(failures, refused.retry_after, jitter);
        if now < last_try {
            next_at = next_at.min(last_try.max(now + refused.retry_after.unwrap_or_default()));
        }
        let pending = &mut self.pending[place];
        (pending.failures, pending.tried_at, pending.next_at) = (failures, now, next_at);
        Refusal::Pending
    }

    fn set_aside(&mut self, refused: RefusedEvent, since: Timestamp, failures: u32, at: Timestamp) {
        self.aside.retain(|aside| aside.message != refused.message);
        self.aside.push(Aside {
            message: refused.message,
            version: refused.version,
            changed_at: refused.changed_at,
            failures,
            since,
            at,
            answer: refused.answer,
        });
    }

    /// Makes what is pending since a time due at another, at the latest: the endpoint was at fault.
    fn make_due(&mut self, since: Timestamp, at: Timestamp) {
        let those = self.pending.iter_mut().filter(|it| it.since >= since);
        for pending in those {
            pending.next_at = pending.next_at.min(at);
        }
    }

    /// Begins anew with all that is pending.
    pub(super) fn forgive(&mut self, now: Timestamp) {
        for pending in &mut self.pending {
            (pending.failures, pending.since, pending.next_at) = (0, now, now);
        }
    }

    /// Tells a message again that was set aside, as soon as may be; returns false if it was not.
    pub fn send_again(&mut self, message: MessageId, now: Timestamp) -> bool {
        let Some(place) = self.aside.iter().position(|it| it.message == message) else {
            return false;
        };
        self.aside.remove(place);
        if !self.is_pending(message) {
            self.pending.push(Pending {
                message,
                failures: 0,
                since: now,
                tried_at: now,
                next_at: now,
                again: true,
            });
        }
        true
    }

    /// Forgets an event that was set aside; returns false if it was not.
    pub fn dismiss(&mut self, message: MessageId) -> bool {
        let before = self.aside.len();
        self.aside.retain(|aside| aside.message != message);
        self.aside.len() < before
    }
}
