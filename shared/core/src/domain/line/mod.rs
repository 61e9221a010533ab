//! The line of texts that leave one sender: how fast, whose turn, how many in a day.
//!
//! A line is small shared state that workers replace by its version. All that may happen to it is here.
//! Its times are those of the store's clock, in milliseconds; within a slot microseconds count.

mod share;
mod slowing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::slowing::Slowed;
use super::{LeaseToken, PerClass, Rate, Timestamp};

pub use share::Share;

/// How far ahead of their time slots may be taken. What is taken cannot be overtaken any more.
const AHEAD: Duration = Duration::from_millis(250);

/// For how long a worker may hold the line. If it dies, the others wait for so long.
const HOLD: Duration = Duration::from_secs(1);

/// When to ask again for a line that a worker holds: much sooner, because it seldom holds it for long.
const HELD_FOR: Duration = Duration::from_millis(50);

/// A slot holds what is sent in this time, or one text, if that is longer.
pub const SLICE: Duration = Duration::from_millis(100);

/// The part of a rate that is used, in percent. The rest is for the text that a minute ends in, so that
/// no minute is above the rate, unless that text alone is longer than the rest.
const USED_PERCENT: i64 = 99;

const MICROS_PER_MILLI: i64 = 1000;

/// Names the line of a sender of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LineId(String);

impl LineId {
    pub fn new(account: &str, sender: &str) -> Self {
        Self(format!("{account}/{sender}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The state of a sender's line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// When the next segment may leave, in microseconds since 1970.
    free_at: i64,
    hold: Option<Hold>,
    /// The latest slot that was taken, so that taking it may be repeated.
    taken: Option<Taken>,
    /// What the lower classes have earned, in tenths of a segment.
    credit: PerClass<i64>,
    slowed: Option<Slowed>,
    /// What has left on the day of the cap.
    day: Option<Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hold {
    token: LeaseToken,
    until: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    token: LeaseToken,
    slot: Slot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    begins: Timestamp,
    segments: u64,
    /// What is left is too little for the texts whose turn it is.
    #[serde(default)]
    is_short: bool,
}

/// What a sender may send, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub rate: Rate,
    /// How much in a day, if that is limited.
    pub today: Option<Allowance>,
}

/// A limit of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub segments: u64,
    /// The midnight with which the day began, and the one with which it ends.
    pub begins: Timestamp,
    pub ends: Timestamp,
}

/// Whether a worker has the line to itself for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It has, and may choose texts of so many segments; one that is longer may go alone, if
    /// `longest` allows it.
    Held { budget: u32, longest: u64 },
    /// It has to be asked again after so much time.
    Wait(Duration),
    /// The day's allowance is used up until then.
    Spent { until: Timestamp },
}

/// When the segments of some texts may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The first, in microseconds since 1970 by the store's clock.
    pub start: i64,
    /// Between one segment and the next, in microseconds.
    pub spacing: i64,
}

impl Slot {
    /// When the text with so many segments before it may leave: how long after `now`, by the store's
    /// clock; zero if that has passed.
    pub fn wait(&self, segments_before: u32, now: Timestamp) -> Duration {
        let at = self.start + self.spacing.saturating_mul(segments_before.into());
        let wait = at.saturating_sub(micros(now));
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }
}

impl Line {
    /// Takes the line for a moment, in which this worker alone chooses what leaves next. Repeating it with
    /// the same token is harmless.
    pub fn begin(&mut self, token: LeaseToken, terms: &Terms, now: Timestamp) -> Begun {
        let held = self
            .hold
            .filter(|hold| hold.token != token && hold.until > now);
        if let Some(hold) = held {
            return Begun::Wait(hold.until.since(now).min(HELD_FOR));
        }
        let early = self.free_at.saturating_sub(micros(now + AHEAD));
        if early > 0 {
            return Begun::Wait(Duration::from_micros(early.unsigned_abs()));
        }
        let left = self.left_today(terms);
        if left == 0 {
            let until = terms.today.map_or(now, |today| today.ends);
            return Begun::Spent { until };
        }
        let until = now + HOLD;
        self.hold = Some(Hold { token, until });
        // Whoever was slowed down has shorter slots, not longer ones.
        let slice = terms.rate.segments_in(SLICE) * self.percent(now) / 100;
        let slice = slice.max(1);
        let budget = u32::try_from(left).map_or(slice, |left| slice.min(left));
        Begun::Held {
            budget,
            longest: left,
        }
    }

    /// Takes the slot for what was chosen, and gives the line back; `None` if somebody else has had it
    /// meanwhile. Repeating it with the same token gives the same slot.
    pub fn take(
        &mut self,
        token: LeaseToken,
        share: &Share,
        terms: &Terms,
        now: Timestamp,
    ) -> Option<Slot> {
        if let Some(taken) = self.taken.filter(|taken| taken.token == token) {
            return Some(taken.slot);
        }
        self.hold.take_if(|hold| hold.token == token)?;
        let segments = share.segments();
        let spacing = self.spacing(terms.rate, now);
        let start = self.free_at.max(micros(now));
        let length = spacing.saturating_mul(i64::try_from(segments).unwrap_or(i64::MAX));
        self.free_at = start.saturating_add(length);
        self.credit = share.credit();
        if let Some(today) = terms.today {
            let day = self.day_of(today);
            self.day = Some(Day {
                segments: day.segments.saturating_add(segments),
                is_short: false,
                ..day
            });
        }
        let slot = Slot { start, spacing };
        self.taken = Some(Taken { token, slot });
        Some(slot)
    }

    /// Gives the line back without taking a slot, maybe because what is left of the day is too little for
    /// what waits; returns false if this worker does not hold it.
    pub fn release(&mut self, token: LeaseToken, terms: &Terms, is_short: bool) -> bool {
        let held = self.hold.take_if(|hold| hold.token == token).is_some();
        if let Some(today) = terms.today.filter(|_| held) {
            self.day = Some(Day {
                is_short,
                ..self.day_of(today)
            });
        }
        held
    }

    /// Chooses who leaves next, given how many segments each waiting text has, class by class, in the
    /// order of their turns.
    pub fn share(&self, waiting: &PerClass<Vec<u32>>, budget: u32, longest: u64) -> Share {
        Share::of(&self.credit, waiting, budget, longest)
    }

    /// How much may still leave on the day of `terms`.
    fn left_today(&self, terms: &Terms) -> u64 {
        match terms.today {
            None => u64::MAX,
            Some(today) => today.segments.saturating_sub(self.spent_on(today)),
        }
    }

    /// Whether nothing leaves any more on a day: all that may has left, or the rest is too little for what
    /// waits.
    pub fn is_spent(&self, today: Allowance) -> bool {
        let day = self.day_of(today);
        day.is_short || day.segments >= today.segments
    }

    /// How a day is so far. Whoever still has the day before means the one that has begun.
    fn day_of(&self, day: Allowance) -> Day {
        let known = self.day.filter(|known| known.begins >= day.begins);
        known.unwrap_or(Day {
            begins: day.begins,
            segments: 0,
            is_short: false,
        })
    }

    /// What has left on a day, or on a later one that has begun meanwhile.
    pub fn spent_on(&self, day: Allowance) -> u64 {
        self.day_of(day).segments
    }

    /// The time between two segments, in microseconds.
    fn spacing(&self, rate: Rate, now: Timestamp) -> i64 {
        let full = rate.spacing_micros() * 100 / USED_PERCENT;
        self.slowed.map_or(full, |slowed| slowed.stretch(full, now))
    }

    /// How many segments leave in a second now, if any wait.
    pub fn segments_per_second(&self, rate: Rate, now: Timestamp) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "microseconds between two segments are few"
        )]
        let spacing = self.spacing(rate, now) as f64;
        1e6 / spacing
    }

    /// When the next segment may leave.
    pub fn free_at(&self) -> Timestamp {
        Timestamp::from_millis(self.free_at.div_euclid(MICROS_PER_MILLI))
    }

    /// Halves the rate, because the provider says that it is too high; returns false if it has just been
    /// halved, or cannot be any lower. What was under way together says it once.
    pub fn slow_down(&mut self, now: Timestamp) -> bool {
        let slowed = Slowed::more(self.slowed, now);
        let changed = slowed.is_some();
        self.slowed = slowed.or(self.slowed);
        changed
    }

    /// Which part of its rate it sends at, in percent: 100 unless it was slowed down.
    pub fn percent(&self, now: Timestamp) -> u32 {
        self.slowed.map_or(100, |slowed| slowed.percent(now))
    }
}

fn micros(at: Timestamp) -> i64 {
    at.as_millis().saturating_mul(MICROS_PER_MILLI)
}
