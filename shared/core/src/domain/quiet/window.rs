use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::zone::DAY;

/// A part of some days, by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The days on which it begins.
    pub days: Days,
    pub from: TimeOfDay,
    /// When it ends: on the next day if that is not later than `from`. So it is 24 hours long if both
    /// are the same.
    pub to: TimeOfDay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Some days of the week, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days(u8);

/// A full minute of a day, from 00:00 to 23:59.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time of day from 00:00 to 23:59")]
pub struct InvalidTimeOfDay;

impl Window {
    /// What the clock shows at the end of the window, if it is in it when it shows `wall`.
    pub(super) fn end(self, wall: i64) -> Option<i64> {
        let today = wall.div_euclid(DAY);
        let ends = [today - 1, today].into_iter().filter_map(|day| {
            let midnight = day.saturating_mul(DAY);
            let start = midnight.saturating_add(self.from.millis());
            let next_day = if self.to <= self.from { DAY } else { 0 };
            let end = midnight.saturating_add(next_day + self.to.millis());
            (self.days.contains(Weekday::of(day)) && start <= wall && wall < end).then_some(end)
        });
        ends.max()
    }
}

impl Weekday {
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// That of a day counted from 1970-01-01, a Thursday.
    fn of(day: i64) -> Self {
        match (day + 3).rem_euclid(7) {
            0 => Self::Mon,
            1 => Self::Tue,
            2 => Self::Wed,
            3 => Self::Thu,
            4 => Self::Fri,
            5 => Self::Sat,
            _ => Self::Sun,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Days {
    pub const EVERY: Self = Self(0x7f);

    /// `None` if there is none.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let days = days.into_iter().fold(0, |days, day| days | day.bit());
        (days != 0).then_some(Self(days))
    }

    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & day.bit() != 0
    }

    /// From Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        let every = Weekday::ALL.into_iter();
        every.filter(move |day| self.contains(*day))
    }
}

impl TimeOfDay {
    fn millis(self) -> i64 {
        i64::from(self.0) * 60_000
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    /// Reads four digits with a colon between.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |digits: &str, below: u16| {
            let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.parse::<u16>().map_err(|_| InvalidTimeOfDay)?;
            (plain && number < below)
                .then_some(number)
                .ok_or(InvalidTimeOfDay)
        };
        let (hours, minutes) = text.split_once(':').ok_or(InvalidTimeOfDay)?;
        Ok(Self(read(hours, 24)? * 60 + read(minutes, 60)?))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
