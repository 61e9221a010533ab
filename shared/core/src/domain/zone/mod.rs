//! Time zones: where a day begins, and what moment a time of the wall clock is.
//!
//! Walls are counted in milliseconds like moments, as if the clock showed UTC: of the day 1970-01-01, 00:00
//! is 0 in every zone. So a rule about what clocks show is arithmetic, and only this module knows when
//! clocks are changed.

mod local;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Country, Timestamp};

pub use local::{InvalidLocalTime, LocalTime};

/// A time zone of the IANA database, such as `Europe/Berlin`. Two are the same if their names are.
///
/// The rules come with the program and never from the machine, so all installations of a version agree
/// on what time it is somewhere.
#[derive(Clone)]
pub struct Zone(TimeZone);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no IANA time zone such as Europe/Berlin")]
pub struct UnknownZone;

/// A day of a clock that is not changed.
pub(super) const DAY: i64 = 24 * 3_600_000;

const UTC: &str = "UTC";

/// Countries and their zones, for those whose clocks all show the same. A test compares it with the
/// database, which changes when parts of countries do.
const COUNTRIES: &str = include_str!("../../../data/zones.tsv");

impl Zone {
    /// Reads the name of an area and a place, such as `America/New_York`, or `UTC`, in whatever case.
    /// Names that tell an offset (`Etc/GMT+5`, which is behind UTC) or a kind of time (`EST`, `EST5EDT`) are
    /// refused: they are of no place whose clocks could be followed.
    pub fn parse(text: &str) -> Result<Self, UnknownZone> {
        let placed = text.contains('/') && !text.bytes().any(|byte| byte.is_ascii_digit());
        if !placed && !text.eq_ignore_ascii_case(UTC) {
            return Err(UnknownZone);
        }
        let found = TimeZoneDatabase::bundled().get(text);
        let zone = found.map_err(|_| UnknownZone)?;
        // `Etc/Unknown` is found and has no name.
        if zone.iana_name().is_none() {
            return Err(UnknownZone);
        }
        Ok(Self(zone))
    }

    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of a country, if all clocks there show the same; of several zones that no longer differ,
    /// such as those of Germany, the first.
    pub fn of_country(country: Country) -> Option<Self> {
        let mut lines = COUNTRIES.lines().filter_map(|line| line.split_once('\t'));
        let (_, name) = lines.find(|(code, _)| *code == country.as_str())?;
        Self::parse(name).ok()
    }

    /// The name as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or(UTC)
    }

    /// When the local day of `at` began: at midnight, or at its first moment if it has no midnight.
    pub fn day_start(&self, at: Timestamp) -> Timestamp {
        let midnight = self.wall(at).div_euclid(DAY).saturating_mul(DAY);
        self.shows(midnight)
    }

    /// When the next local day begins. It is always later than `at`.
    pub fn next_midnight(&self, at: Timestamp) -> Timestamp {
        let day = self.wall(at).div_euclid(DAY);
        let midnight = (day + 1).saturating_mul(DAY);
        let mut next = at;
        loop {
            let later = self.toward(next, midnight);
            // Clocks may be put back before midnight, or across it.
            if later <= next || self.wall(later) >= midnight {
                return later;
            }
            next = later;
        }
    }

    /// When the clocks of the zone show `time`. A time that they skip is the moment at which they do;
    /// one that they show twice is the first.
    pub fn at_local(&self, time: LocalTime) -> Timestamp {
        self.shows(time.wall())
    }

    /// What the clocks show at `at`.
    pub(super) fn wall(&self, at: Timestamp) -> i64 {
        let offset = instant(at).map_or(0, |instant| {
            i64::from(self.0.to_offset(instant).seconds()) * 1000
        });
        at.as_millis().saturating_add(offset)
    }

    /// The moment at which the clocks show `wall` if they are not changed before, or else that of the
    /// change. `wall` has to be later than what they show at `at`; then so is the answer, but at the end
    /// of all time.
    pub(super) fn toward(&self, at: Timestamp, wall: i64) -> Timestamp {
        let ahead = wall.saturating_sub(self.wall(at));
        let reached = Timestamp::from_millis(at.as_millis().saturating_add(ahead));
        self.next_change(at)
            .map_or(reached, |change| reached.min(change))
    }

    fn shows(&self, wall: i64) -> Timestamp {
        let civil = jiff::Timestamp::from_millisecond(wall);
        let Ok(civil) = civil.map(|civil| TimeZone::UTC.to_datetime(civil)) else {
            return Timestamp::from_millis(wall);
        };
        let before = |offset: jiff::tz::Offset| {
            Timestamp::from_millis(wall - i64::from(offset.seconds()) * 1000)
        };
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => before(offset),
            AmbiguousOffset::Gap { after, .. } => {
                let mut moment = before(after);
                while self.wall(moment) <= wall {
                    let Some(change) = self.next_change(moment) else {
                        break;
                    };
                    moment = change;
                }
                moment
            }
        }
    }

    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let change = self.0.following(instant(at)?).next()?;
        Some(Timestamp::from_millis(change.timestamp().as_millisecond()))
    }
}

/// `None` outside of the years -9999 to 9999, where clocks show UTC.
fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(at.as_millis()).ok()
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
