mod rules;
mod walk;

use super::*;

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn read(json: &str) -> Result<QuietHours, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// The windows in the form `sat sun 21:00-08:00`; without days on every one.
fn hours(windows: &[&str]) -> QuietHours {
    QuietHours::new(windows.iter().map(|text| window(text)).collect(), None).unwrap()
}

fn window(text: &str) -> Window {
    let (days, times) = text.rsplit_once(' ').unwrap_or(("", text));
    let (from, to) = times.split_once('-').unwrap();
    let named = |day: &Weekday| days.contains(&format!("{day:?}").to_lowercase());
    Window {
        days: Days::of(Weekday::ALL.into_iter().filter(named)).unwrap_or(Days::EVERY),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    }
}
