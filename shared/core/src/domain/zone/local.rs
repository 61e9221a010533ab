use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a clock and a calendar on a wall show, to the second, wherever they are. It is a moment only
/// together with a zone: [`super::Zone::at_local`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(DateTime);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a local date and time such as 2026-03-29T09:30:00 (no offset)")]
pub struct InvalidLocalTime;

const WHOLE: usize = "0000-00-00T00:00:00".len();
const WITHOUT_SECONDS: usize = "0000-00-00T00:00".len();

impl LocalTime {
    /// Milliseconds since 1970-01-01T00:00 of the same clock, were it never changed.
    pub(super) fn wall(self) -> i64 {
        const START: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        self.0.duration_since(START).as_secs() * 1000
    }
}

impl FromStr for LocalTime {
    type Err = InvalidLocalTime;

    /// Reads `2026-03-29T09:30` and `2026-03-29T09:30:00`, and nothing else.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = match text.len() {
            WITHOUT_SECONDS => format!("{text}:00"),
            WHOLE => text.to_owned(),
            _ => return Err(InvalidLocalTime),
        };
        let time: DateTime = whole.parse().map_err(|_| InvalidLocalTime)?;
        // The calendar's own parser takes other notations too, and 60 seconds.
        if time.to_string() == whole {
            Ok(Self(time))
        } else {
            Err(InvalidLocalTime)
        }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
