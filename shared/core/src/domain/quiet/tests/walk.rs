//! Quiet hours against the clock itself, minute by minute.

use jiff::civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;
use crate::properties::config;

const MINUTE: i64 = 60_000;

fn zones() -> Vec<Zone> {
    let names = TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.to_string())
        .collect::<Vec<_>>();
    names
        .iter()
        .filter_map(|name| Zone::parse(name).ok())
        .collect()
}

fn later(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(at.as_millis() + millis)
}

/// A window in the words of another calendar: days from Monday on, times as texts.
type Plain = (Vec<i8>, String, String);

fn plain(windows: &[Window]) -> Vec<Plain> {
    let plain = |window: &Window| {
        let days = window.days.iter().map(|day| day as i8).collect();
        (days, window.from.to_string(), window.to.to_string())
    };
    windows.iter().map(plain).collect()
}

/// Whether a clock on the wall shows a quiet time.
fn is_quiet(windows: &[Plain], rules: &TimeZone, at: Timestamp) -> bool {
    let shown = rules.to_datetime(jiff::Timestamp::from_millisecond(at.as_millis()).unwrap());
    let time = shown.strftime("%H:%M").to_string();
    let today = shown.weekday();
    windows.iter().any(|(days, from, to)| {
        let begins = |on: civil::Weekday| days.contains(&on.to_monday_zero_offset());
        if from < to {
            begins(today) && *from <= time && time < *to
        } else {
            begins(today) && *from <= time || begins(today.previous()) && time < *to
        }
    })
}

/// A window, often with edges that those of another may touch.
fn any_window() -> impl Strategy<Value = Window> {
    let minutes = || prop_oneof![0..1440_u16, (0..48_u16).prop_map(|half| half * 30)];
    let days = prop_oneof![
        Just(Days::EVERY),
        prop::collection::vec(prop::sample::select(&Weekday::ALL[..]), 1..4)
            .prop_map(|days| Days::of(days).unwrap()),
    ];
    (days, minutes(), minutes()).prop_map(|(days, from, to)| {
        let time = |minutes: u16| {
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
                .parse()
                .unwrap()
        };
        Window {
            days,
            from: time(from),
            to: time(to),
        }
    })
}

proptest! {
    // Walks are long, so a failing one is not made as small as it could be.
    #![proptest_config(Config { max_shrink_iters: 60, ..config() })]

    /// Half of the moments are within three hours of a change of the clock, if the zone knows one.
    #[test]
    fn it_is_quiet_until_the_clock_says_otherwise(
        zone in prop::sample::select(zones()),
        windows in prop::collection::vec(any_window(), 0..5),
        minute in 0..525_600_i64,
        near in any::<Option<i16>>(),
        millis in prop_oneof![Just(0), 0..MINUTE],
    ) {
        let Ok(hours) = QuietHours::new(windows.clone(), None) else {
            return Ok(());
        };
        let rules = TimeZoneDatabase::bundled().get(zone.name()).unwrap();
        let mut start = later(at("2026-01-01T00:00:00Z"), minute * MINUTE);
        let first = jiff::Timestamp::from_millisecond(start.as_millis()).unwrap();
        if let (Some(near), Some(change)) = (near, rules.following(first).next()) {
            let change = Timestamp::from_millis(change.timestamp().as_millisecond());
            start = later(change, i64::from(near % 180) * MINUTE);
        }
        let plain = plain(&windows);
        let mut minutes = (0..22 * 24 * 60).map(|passed| later(start, passed * MINUTE));
        let end = minutes.find(|minute| !is_quiet(&plain, &rules, *minute));
        let expected = end.filter(|end| *end > start);
        prop_assert_eq!(hours.quiet_until(later(start, millis), &zone), expected);
    }

    #[test]
    fn an_opening_is_the_first_moment_that_is_quiet_by_no_rule(
        zones in prop::collection::vec(prop::sample::select(zones()), 2),
        windows in prop::collection::vec(prop::collection::vec(any_window(), 1..3), 2),
        minute in 0..525_600_i64,
    ) {
        let hours: Result<Vec<_>, _> =
            windows.into_iter().map(|windows| QuietHours::new(windows, None)).collect();
        let Ok(hours) = hours else {
            return Ok(());
        };
        let start = later(at("2026-01-01T00:00:00Z"), minute * MINUTE);
        let rules: Vec<_> = hours.iter().zip(&zones).collect();
        let free = |moment: &Timestamp| rules.iter().all(|(hours, zone)| hours.window_end(zone.wall(*moment)).is_none());
        let mut minutes = (0..=40 * 24 * 60).map(|passed| later(start, passed * MINUTE));
        prop_assert_eq!(open_from(&rules, start), minutes.find(free));
    }
}

#[test]
fn every_night_of_a_year_ends_at_eight_in_every_zone() {
    let night = hours(&["21:00-08:00"]);
    for zone in zones() {
        let mut nights = 0;
        let mut moment = at("2026-01-01T00:00:00Z");
        while moment < at("2027-01-01T00:00:00Z") {
            if let Some(end) = night.quiet_until(moment, &zone) {
                assert_eq!(
                    zone.wall(end).rem_euclid(DAY),
                    8 * 60 * MINUTE,
                    "{zone} {end}"
                );
                assert_eq!(
                    night.quiet_until(later(end, -1), &zone),
                    Some(end),
                    "{zone}"
                );
                nights += 1;
                // Into the next night, unless its clock is changed.
                moment = later(end, 13 * 60 * MINUTE);
            }
            moment = later(moment, 30 * MINUTE);
        }
        assert!((364..=366).contains(&nights), "{zone}: {nights}");
    }
}
