//! Instants with the precision that every store and every answer can keep.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC, in whole milliseconds since the Unix epoch.
///
/// It is shown as RFC 3339 with `Z` and three decimals. Any RFC 3339 timestamp is read; what it has
/// beyond milliseconds is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 timestamp.
#[derive(Debug, thiserror::Error)]
#[error("is not an RFC 3339 timestamp such as 2026-01-31T12:00:00Z")]
pub struct InvalidTimestamp(#[source] Option<jiff::Error>);

impl Timestamp {
    /// The time before every message; `not_before` of one that may be sent at once.
    pub const EPOCH: Self = Self(0);

    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it is yet to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    /// As RFC 3339 has it, which knows the years 0 to 9999: what is before or after them is written as the
    /// first or the last moment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = EPOCH.checked_add(SignedDuration::from_millis(self.0));
        match moment {
            Ok(moment) if moment.year() >= 0 => write!(f, "{moment:.3}Z"),
            _ if self.0 < 0 => f.write_str("0000-01-01T00:00:00.000Z"),
            _ => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads what RFC 3339, section 5.6, describes, and nothing else: the calendar's own parser takes
    /// other notations too, such as times without seconds and with the names of time zones, and ends
    /// a day before the year 10000, which is what many programs write for "never".
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (moment, rest) = text
            .split_at_checked(MOMENT.len())
            .ok_or(InvalidTimestamp(None))?;
        if shape(moment) != MOMENT {
            return Err(InvalidTimestamp(None));
        }
        let (fraction, zone) = split_fraction(rest).ok_or(InvalidTimestamp(None))?;
        let offset = offset_of(zone).ok_or(InvalidTimestamp(None))?;
        let moment: DateTime = moment
            .to_ascii_uppercase()
            .parse()
            .map_err(|error| InvalidTimestamp(Some(error)))?;
        let seconds = moment.duration_since(EPOCH).as_secs() - offset;
        Ok(Self(seconds * 1000 + fraction))
    }
}

/// How a date and a time look, digits as zeros.
const MOMENT: &str = "0000-00-00T00:00:00";

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn shape(text: &str) -> String {
    let shape = text.chars().map(|character| match character {
        '0'..='9' => '0',
        other => other.to_ascii_uppercase(),
    });
    shape.collect()
}

/// The milliseconds of a fraction of a second, rounded down, and what comes behind it.
fn split_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = digits.find(|digit: char| !digit.is_ascii_digit())?;
    let (digits, rest) = digits.split_at(end);
    let millis = format!("{digits:0<3.3}").parse().ok()?;
    (!digits.is_empty()).then_some((millis, rest))
}

/// The seconds by which a zone is ahead of UTC.
fn offset_of(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    if !matches!(&*shape(zone), "+00:00" | "-00:00") {
        return None;
    }
    let hours: i64 = zone[1..3].parse().ok()?;
    let minutes: i64 = zone[4..].parse().ok()?;
    let seconds = hours * 3600 + minutes * 60;
    let valid = hours < 24 && minutes < 60;
    valid.then_some(if zone.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_milliseconds_and_z() {
        let instant = Timestamp::from_millis(1_767_225_600_120);
        assert_eq!(instant.to_string(), "2026-01-01T00:00:00.120Z");
        assert_eq!(
            "2026-01-01T01:00:00.1209+01:00"
                .parse::<Timestamp>()
                .unwrap(),
            instant
        );
    }

    #[test]
    fn what_rfc_3339_cannot_tell_is_shown_as_its_first_or_last_moment() {
        let last = "9999-12-31T23:59:59.999Z";
        let known: Timestamp = last.parse().unwrap();
        let far = [known, known + Duration::from_mins(1), Timestamp(i64::MAX)];
        assert!(far.iter().all(|far| far.to_string() == last));
        let first: Timestamp = "0000-01-01T00:00:00Z".parse().unwrap();
        for early in [first, first - Duration::from_mins(1), Timestamp(i64::MIN)] {
            assert_eq!(early.to_string(), "0000-01-01T00:00:00.000Z");
        }
    }

    #[test]
    fn reads_what_rfc_3339_allows_and_nothing_else() {
        let read = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_millis);
        let new_year = 1_767_225_600_000;
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01t00:00:00.000000000z",
            "2025-12-31T23:30:00-00:30",
            "2026-01-01T14:00:00.0009+14:00",
        ] {
            assert_eq!(read(text), Some(new_year), "{text}");
        }
        assert_eq!(read("1969-12-31T23:59:59.9999Z"), Some(-1));
        // What .NET and Java write for "no end", and with more digits than a calendar has.
        assert_eq!(read("9999-12-31T23:59:59Z"), Some(253_402_300_799_000));
        assert_eq!(
            read("9999-12-31T23:59:59.9999999Z"),
            Some(253_402_300_799_999)
        );
        assert_eq!(
            read("2026-01-01T00:00:00.12345678901Z"),
            Some(new_year + 123)
        );
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+01",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60",
            "2026-01-01T00:00:00.1",
            "2026-01-01T00:00:00.1é",
            "2026-01-01T00:00:0é",
            "2026-01-01T00:00:00+01:00[Europe/Paris]",
            "20260101T000000Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T24:00:00Z",
            " 2026-01-01T00:00:00Z",
            "1767225600",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end + Duration::MAX, end);
        assert_eq!(Timestamp::EPOCH.since(end), Duration::ZERO);
    }
}
