//! A rate that was halved, and climbs back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;

/// The whole rate, in sixteenths of a thousandth, so that halving loses nothing.
const WHOLE: u32 = 16_000;

/// No lower than a sixteenth.
const LEAST: u32 = WHOLE / 16;

/// A sixteenth comes back in this time.
const CLIMB: Duration = Duration::from_mins(1);

/// What was under way when the provider began to complain complains too.
const NOT_AGAIN_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slowed {
    part: u32,
    at: Timestamp,
}

impl Slowed {
    /// `None` if it stays as it is.
    pub(super) fn more(known: Option<Self>, now: Timestamp) -> Option<Self> {
        let recently = |known: &Self| now.since(known.at) < NOT_AGAIN_WITHIN;
        if known.as_ref().is_some_and(recently) {
            return None;
        }
        let part = known.map_or(WHOLE, |known| known.part(now));
        let half = (part / 2).max(LEAST);
        Some(Self {
            part: half,
            at: now,
        })
    }

    /// The part of the rate that is left by `now`.
    fn part(self, now: Timestamp) -> u32 {
        let climbed = now.since(self.at).as_millis() * u128::from(LEAST) / CLIMB.as_millis();
        let climbed = u32::try_from(climbed).unwrap_or(WHOLE);
        self.part.saturating_add(climbed).min(WHOLE)
    }

    pub(super) fn percent(self, now: Timestamp) -> u32 {
        self.part(now) * 100 / WHOLE
    }

    /// The time that takes the place of another between two segments.
    pub(super) fn stretch(self, micros: i64, now: Timestamp) -> i64 {
        micros.saturating_mul(WHOLE.into()) / i64::from(self.part(now))
    }
}
