//! Quiet hours as they are sent and stored.

use serde::{Deserialize, Serialize};

use super::{Days, InvalidQuietHours, InvalidTimeOfDay, QuietHours, TimeOfDay, Weekday, Window};
use crate::domain::{UnknownZone, Zone};

/// What is wrong with texts is said with their places, so they are read as texts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    windows: Vec<WireWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireWindow {
    /// Absent for every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<Vec<Weekday>>,
    from: String,
    to: String,
}

impl TryFrom<Wire> for QuietHours {
    type Error = InvalidQuietHours;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let windows = wire.windows.into_iter().enumerate();
        let windows = windows.map(|(place, window)| window.read(place));
        let zone = wire.time_zone.as_deref().map(Zone::parse).transpose();
        let zone = zone.map_err(|UnknownZone| InvalidQuietHours::Zone)?;
        Self::new(windows.collect::<Result<_, _>>()?, zone)
    }
}

impl WireWindow {
    /// `place` is that in the list, from 0.
    fn read(self, place: usize) -> Result<Window, InvalidQuietHours> {
        let days = self.days.map_or(Some(Days::EVERY), Days::of);
        let time = |field, text: &str| {
            let time = text.parse::<TimeOfDay>();
            time.map_err(|InvalidTimeOfDay| InvalidQuietHours::Time {
                window: place,
                field,
            })
        };
        Ok(Window {
            days: days.ok_or(InvalidQuietHours::NoDays(place))?,
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
        })
    }
}

impl From<QuietHours> for Wire {
    fn from(hours: QuietHours) -> Self {
        Self {
            windows: hours.windows.into_iter().map(WireWindow::from).collect(),
            time_zone: hours.zone.map(|zone| zone.to_string()),
        }
    }
}

impl From<Window> for WireWindow {
    fn from(window: Window) -> Self {
        let some = window.days != Days::EVERY;
        Self {
            days: some.then(|| window.days.iter().collect()),
            from: window.from.to_string(),
            to: window.to.to_string(),
        }
    }
}
