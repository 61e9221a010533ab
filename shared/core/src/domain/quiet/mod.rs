//! Quiet hours: when nothing is sent but what cannot wait.

#[cfg(test)]
mod tests;
mod window;
mod wire;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::zone::DAY;
use super::{Timestamp, UnknownZone, Zone};
use wire::Wire;

pub use window::{Days, InvalidTimeOfDay, TimeOfDay, Weekday, Window};

/// Times of the week in which nothing is sent, by the clocks of one place. Every week has a free minute.
///
/// It is quiet when a clock on the wall there shows a time inside of a window, be it for the first or the
/// second time: a window has the length that the clock gives it, also on days on which it is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct QuietHours {
    windows: Vec<Window>,
    zone: Option<Zone>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuietHours {
    #[error("windows must be at most 14")]
    TooMany,
    #[error("windows[{0}].days must name at least one day")]
    NoDays(usize),
    #[error("windows[{window}].{field} {}", InvalidTimeOfDay)]
    Time { window: usize, field: &'static str },
    #[error("time_zone {}", UnknownZone)]
    Zone,
    #[error("windows leave no time to send")]
    Endless,
}

/// How many windows there may be.
pub const MOST_WINDOWS: usize = 14;

/// How far ahead [`open_from`] looks.
pub const OPENS_WITHIN: Duration = Duration::from_hours(40 * 24);

impl QuietHours {
    /// Windows may overlap and touch. Without any it is never quiet.
    pub fn new(windows: Vec<Window>, zone: Option<Zone>) -> Result<Self, InvalidQuietHours> {
        if windows.len() > MOST_WINDOWS {
            return Err(InvalidQuietHours::TooMany);
        }
        let hours = Self { windows, zone };
        let mut minutes = (0..7 * DAY).step_by(60_000);
        if minutes.all(|wall| hours.window_end(wall).is_some()) {
            return Err(InvalidQuietHours::Endless);
        }
        Ok(hours)
    }

    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Whose clocks the windows mean; `None` for those of where each text goes.
    pub fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// The same windows by the clocks of another place.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self {
            windows: self.windows.clone(),
            zone: Some(zone),
        }
    }

    /// The first moment from `at` on that is not quiet; `None` if `at` is not. `zone` counts if these
    /// quiet hours have none of their own.
    pub fn quiet_until(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let zone = self.zone.as_ref().unwrap_or(zone);
        let mut until = at;
        while let Some(end) = self.window_end(zone.wall(until)) {
            let later = zone.toward(until, end);
            if later <= until {
                break;
            }
            until = later;
        }
        (until > at).then_some(until)
    }

    /// What the clock shows at the end of the window that it is in, of the one that ends last if it is in
    /// several.
    fn window_end(&self, wall: i64) -> Option<i64> {
        let ends = self.windows.iter().filter_map(|window| window.end(wall));
        ends.max()
    }
}

/// The first moment from `at` on that is quiet by none of the rules; `None` if they leave none within
/// [`OPENS_WITHIN`].
pub fn open_from(rules: &[(&QuietHours, &Zone)], at: Timestamp) -> Option<Timestamp> {
    let mut open = at;
    while open <= at + OPENS_WITHIN {
        let ends = rules
            .iter()
            .filter_map(|(hours, zone)| hours.quiet_until(open, zone));
        match ends.max() {
            Some(end) => open = end,
            None => return Some(open),
        }
    }
    None
}
