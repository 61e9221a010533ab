//! How far an endpoint was told of its user's messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Aside, Failing, Pending, REPEATED_FOR, TOLD_KEPT};
use crate::domain::{LeaseToken, Place, Timestamp};

/// How far an endpoint was told of its user's messages, which no worker forgets.
///
/// All that changed up to `place` was told, or is none of the endpoint's business, or is `pending`, or set
/// `aside`; but for what is stored with an earlier time later on. Up to `trail` it was looked for that too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// From when on everything is told.
    pub begun: Timestamp,
    pub place: Place,
    pub trail: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<EndpointLease>,
    /// When it took something last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
    /// It has taken nothing since it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
    /// Until when it asked us to call it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_until: Option<Timestamp>,
    #[serde(default)]
    pub pending: Vec<Pending>,
    #[serde(default)]
    pub aside: Vec<Aside>,
    /// How many replays there were.
    #[serde(default)]
    pub replays: u32,
    /// The latest, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

/// The right of one worker to call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointLease {
    pub holder: LeaseToken,
    pub until: Timestamp,
}

/// What changed since a time is told again, though it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    pub since: Timestamp,
    /// What changed later than it was asked for is told anyway.
    pub until: Timestamp,
}

/// What is wrong with an endpoint that is not disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// It takes nothing, so it is only tried with one event now and then.
    Down,
    /// Some events were set aside.
    Aside,
}

impl EndpointLease {
    /// For how long it is taken.
    pub const LENGTH: Duration = Duration::from_mins(1);
}

impl Progress {
    /// Of an endpoint that is told what changes from now on.
    pub fn from(begun: Timestamp) -> Self {
        Self {
            begun,
            place: Place::before(begun),
            trail: Place::before(begun),
            lease: None,
            taken_at: None,
            failing: None,
            rests_until: None,
            pending: Vec::new(),
            aside: Vec::new(),
            replays: 0,
            replay: None,
        }
    }

    /// Takes or renews the lease; returns false while somebody else has it.
    pub fn lease(&mut self, holder: LeaseToken, now: Timestamp) -> bool {
        let free = self
            .lease
            .is_none_or(|lease| lease.holder == holder || lease.until <= now);
        if free {
            let until = now + EndpointLease::LENGTH;
            self.lease = Some(EndpointLease { holder, until });
        }
        free
    }

    pub fn release(&mut self, holder: LeaseToken) {
        self.lease.take_if(|lease| lease.holder == holder);
    }

    pub fn is_held_by(&self, holder: LeaseToken) -> bool {
        self.lease.is_some_and(|lease| lease.holder == holder)
    }

    /// Never goes back.
    pub fn advance(&mut self, place: Place) {
        self.place = self.place.max(place);
    }

    /// Never goes back, and ends a replay that is over.
    pub fn advance_trail(&mut self, trail: Place) {
        self.trail = self.trail.max(trail);
        let over = |replay: &mut Replay| self.trail.at > replay.until;
        if self.pending.is_empty() {
            self.replay.take_if(over);
        }
    }

    /// Looks again for what changed from a time on, because something of then was just stored.
    pub fn look_back(&mut self, to: Timestamp) {
        self.trail = self.trail.min(Place::before(to.max(self.begun)));
    }

    /// A text that was received before this and not told is no news.
    pub fn news_since(&self) -> Timestamp {
        // What was told for the first time longer ago than that is forgotten.
        self.begun.max(self.trail.at.min(self.place.at) - TOLD_KEPT)
    }

    /// Tells again what changed since a time, and goes on from there.
    pub fn replay(&mut self, since: Timestamp, now: Timestamp) {
        let since = since.min(now);
        self.begun = self.begun.min(since);
        self.place = self.place.min(Place::before(since));
        self.trail = self.trail.min(Place::before(since));
        self.replays += 1;
        // One that has not come to its end is part of it.
        let since = self.replay.map_or(since, |replay| replay.since.min(since));
        self.replay = Some(Replay { since, until: now });
    }

    /// Goes on from where it was, after it was disabled.
    pub fn resume(&mut self, now: Timestamp) {
        self.failing = None;
        self.rests_until = None;
        self.forgive(now);
    }

    /// Goes on from now: what changed before is not told any more, unless it was set aside.
    pub fn skip(&mut self, now: Timestamp) {
        *self = Self {
            aside: std::mem::take(&mut self.aside),
            replays: self.replays,
            lease: self.lease,
            ..Self::from(now)
        };
    }

    /// Nothing but failures, for too long.
    pub fn is_given_up(&self, now: Timestamp) -> bool {
        let since = self.failing.map(|failing| failing.since);
        since.is_some_and(|since| now.since(since) >= REPEATED_FOR)
    }

    /// What its owner should know.
    pub fn trouble(&self) -> Option<Trouble> {
        if self.is_down() {
            Some(Trouble::Down)
        } else {
            (!self.aside.is_empty()).then_some(Trouble::Aside)
        }
    }

    /// When something has to be done although nothing changes; `None` if nothing has.
    pub fn next_try(&self) -> Option<Timestamp> {
        let due = if self.is_down() {
            let probe = self.failing.and_then(|failing| failing.next_at);
            Some(probe.unwrap_or(Timestamp::EPOCH))
        } else {
            self.pending.iter().map(|pending| pending.next_at).min()
        };
        due.map(|due| due.max(self.rests_until.unwrap_or(due)))
    }
}
