use serde::{Deserialize, Serialize};

use super::SenderKind;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Twilio lets traffic for so long wait for one sender.
const QUEUE_SECONDS: f64 = 36_000.0;

/// What the carriers and Twilio let a sender do. The default lets everything pass at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// How many segments leave in a second; `None` is no limit.
    pub segments_per_second: Option<f64>,
    /// How many segments may wait; `None` is what leaves in ten hours.
    pub queue_segments: Option<u64>,
    /// How many segments are taken in a day; `None` is no limit.
    pub segments_per_day: Option<u64>,
    /// Where the day begins at midnight: so many minutes east of UTC.
    pub day_zone_offset_minutes: i32,
    /// When the day that is now ends, in milliseconds since 1970; further ones take 24 hours each. In the past it ends the
    /// day at once. `None` is the next midnight.
    pub day_ends_at_ms: Option<i64>,
    /// What becomes of texts that come faster than they may leave.
    pub over_rate: OverRate,
    /// What becomes of texts for which there is no room to wait; `None` is what Twilio does for this kind of sender.
    pub over_queue: Option<OverQueue>,
    /// Only for a Messaging Service: the number that sends for it; `None` is the account's first.
    pub number: Option<String>,
}

/// What becomes of texts that come faster than they may leave. All but the first tolerates what comes up to a second
/// too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverRate {
    /// They wait.
    #[default]
    #[serde(rename = "queue")]
    Queue,
    /// They are taken, and fail with 30022.
    #[serde(rename = "30022")]
    Fail,
    /// Their create is refused with HTTP status 429 and code 20429.
    #[serde(rename = "429")]
    Refuse,
}

/// What becomes of texts for which there is no room to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverQueue {
    /// Their create is refused with code 21611.
    #[serde(rename = "21611")]
    Refuse,
    /// They are taken, and fail with 30001.
    #[serde(rename = "30001")]
    Fail,
}

impl Terms {
    /// Says what makes no sense in them for a sender of this kind, if anything.
    pub(crate) fn check(&self, kind: SenderKind) -> Result<(), &'static str> {
        let rate = self.segments_per_second;
        if rate.is_some_and(|rate| !(0.001..=1_000_000.0).contains(&rate)) {
            return Err("segments_per_second is between 0.001 and 1000000");
        }
        if self.day_zone_offset_minutes.abs() > 14 * 60 {
            return Err("day_zone_offset_minutes is between -840 and 840");
        }
        if self.number.is_some() && kind != SenderKind::Service {
            return Err("number is for a Messaging Service");
        }
        Ok(())
    }

    /// How long so many segments take, in microseconds.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than the 15 digits that are exact"
    )]
    pub(super) fn cost_us(&self, segments: u32) -> i64 {
        let cost = |rate: f64| (f64::from(segments) * 1e6 / rate).round() as i64;
        self.segments_per_second.map_or(0, cost)
    }

    /// How many segments may wait.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and at most a million"
    )]
    pub(super) fn room(&self) -> u64 {
        let usual = |rate: f64| (rate * QUEUE_SECONDS) as u64;
        let rate = self.segments_per_second;
        self.queue_segments.or(rate.map(usual)).unwrap_or(u64::MAX)
    }

    /// When the day of this moment ends.
    pub(super) fn day_end_after(&self, now_ms: i64) -> i64 {
        let midnight = -i64::from(self.day_zone_offset_minutes) * 60_000;
        match self.day_ends_at_ms {
            Some(end) if end > now_ms => end,
            anchor => now_ms + DAY_MS - (now_ms - anchor.unwrap_or(midnight)).rem_euclid(DAY_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, SenderKind, Terms};

    #[test]
    fn a_day_ends_at_midnight_there() {
        const HOUR_MS: i64 = 60 * 60 * 1000;
        for (offset, now, end) in [
            (0, 0, 24),
            (0, 23, 24),
            (0, 24, 48),
            (120, 0, 22),
            (120, 22, 46),
            (-480, 0, 8),
            (-480, 8, 32),
        ] {
            let terms = Terms {
                day_zone_offset_minutes: offset,
                ..Terms::default()
            };
            assert_eq!(
                terms.day_end_after(now * HOUR_MS),
                end * HOUR_MS,
                "{offset} at {now}"
            );
        }
    }

    #[test]
    fn a_day_that_ended_by_order_is_followed_by_whole_ones() {
        let terms = Terms {
            day_ends_at_ms: Some(5000),
            ..Terms::default()
        };
        assert_eq!(terms.day_end_after(5000), 5000 + DAY_MS);
        assert_eq!(terms.day_end_after(4999), 5000);
    }

    #[test]
    fn ten_hours_of_traffic_may_wait() {
        let long_code = Terms {
            segments_per_second: Some(1.0),
            ..Terms::default()
        };
        assert_eq!(long_code.room(), 36_000);
        assert_eq!(long_code.cost_us(3), 3_000_000);
    }

    #[test]
    fn terms_that_make_no_sense_are_told() {
        for (terms, kind) in [
            (rate(0.0), SenderKind::Number),
            (rate(-1.0), SenderKind::Number),
            (rate(f64::NAN), SenderKind::Number),
            (
                Terms {
                    day_zone_offset_minutes: 900,
                    ..Terms::default()
                },
                SenderKind::Number,
            ),
            (
                Terms {
                    number: Some("+15005550006".to_owned()),
                    ..Terms::default()
                },
                SenderKind::Name,
            ),
        ] {
            assert!(terms.check(kind).is_err(), "{terms:?}");
        }
        assert_eq!(rate(0.2).check(SenderKind::Number), Ok(()));
    }

    fn rate(segments_per_second: f64) -> Terms {
        Terms {
            segments_per_second: Some(segments_per_second),
            ..Terms::default()
        }
    }
}
