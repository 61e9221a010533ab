use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::DateTime;

use super::*;

/// Every name of the database that is one of a place, as it spells it.
fn all() -> impl Iterator<Item = Zone> {
    let names = TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.to_string())
        .filter(|name| name.contains('/') && !name.contains(|letter: char| letter.is_numeric()))
        .collect::<Vec<_>>();
    assert!(names.len() > 450, "{}", names.len());
    names.into_iter().map(|name| zone(&name))
}

fn zone(name: &str) -> Zone {
    let zone = Zone::parse(name).unwrap();
    assert_eq!(zone.name(), name);
    zone
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the calendar says that the clocks show.
fn shown(zone: &Zone, at: Timestamp) -> DateTime {
    zone.0.to_datetime(instant(at).unwrap())
}

fn later(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(at.as_millis() + millis)
}

#[test]
fn names_are_those_of_places_in_whatever_case() {
    for zone in all() {
        assert_eq!(Zone::parse(&zone.name().to_lowercase()), Ok(zone));
    }
    let name = |text: &str| Zone::parse(text).map(|zone| zone.to_string());
    for (text, expected) in [
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Etc/UTC", "Etc/UTC"),
        ("america/NEW_YORK", "America/New_York"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        (
            "America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
    ] {
        assert_eq!(name(text), Ok(expected.to_owned()), "{text}");
    }
    for text in [
        "",
        " ",
        "/",
        "Europe/",
        "Europe/Berlin ",
        " Europe/Berlin",
        "Europe/Atlantis",
        "Europe\\Berlin",
        "../etc/localtime",
        "/usr/share/zoneinfo/Europe/Berlin",
        "Berlin",
        "local",
        "Factory",
        "Etc/Unknown",
        "etc/unknown",
        "GMT",
        "GMT0",
        "GMT+1",
        "Etc/GMT+1",
        "Etc/GMT-14",
        "Z",
        "+01:00",
        "UTC+1",
        "UTC0",
        "EST",
        "CET",
        "EST5EDT",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "America/New_York\0",
    ] {
        assert_eq!(name(text), Err(UnknownZone), "{text}");
    }
    assert_eq!(
        UnknownZone.to_string(),
        "is no IANA time zone such as Europe/Berlin"
    );
}

#[test]
fn a_zone_is_its_name_in_json() {
    let berlin: Zone = serde_json::from_str("\"europe/berlin\"").unwrap();
    assert_eq!(serde_json::to_string(&berlin).unwrap(), "\"Europe/Berlin\"");
    let error = serde_json::from_str::<Zone>("\"Mars/Olympus\"").unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("is no IANA time zone"), "{error}");
    assert_ne!(zone("Asia/Calcutta"), zone("Asia/Kolkata"));
}

#[test]
fn countries_of_one_time_are_those_of_the_database() {
    let mut zones: BTreeMap<String, Vec<Zone>> = BTreeMap::new();
    for zone in all().filter(|zone| zone.0.is_primary()) {
        if let Some(place) = zone.0.location() {
            let country = place.country().to_owned();
            zones.entry(country).or_default().push(zone);
        }
    }
    assert!(zones.len() > 240);
    let days = || (0..3 * 365).map(|day| later(at("2026-01-01T12:00:00Z"), day * DAY));
    let differ = |one: &Zone, other: &Zone| days().any(|day| one.wall(day) != other.wall(day));
    zones.retain(|_, zones| !zones.iter().any(|zone| differ(zone, &zones[0])));

    let lines = COUNTRIES.lines().filter(|line| !line.starts_with('#'));
    let listed: BTreeMap<_, _> = lines.map(|line| line.split_once('\t').unwrap()).collect();
    for (country, zones) in &zones {
        let listed = listed.get(&**country).map(|name| zone(name));
        assert!(
            listed.is_some_and(|zone| zones.contains(&zone)),
            "{country}: {zones:?}"
        );
    }
    for country in listed.keys() {
        assert!(zones.contains_key(*country), "{country}");
    }
}

#[test]
fn a_country_has_a_zone_if_all_its_clocks_show_the_same() {
    let of = |code: &str| Zone::of_country(Country::parse(code).unwrap());
    for (country, expected) in [
        ("DE", "Europe/Berlin"),
        ("FR", "Europe/Paris"),
        ("GB", "Europe/London"),
        ("AR", "America/Argentina/Buenos_Aires"),
        ("JP", "Asia/Tokyo"),
    ] {
        assert_eq!(of(country), Some(zone(expected)));
    }
    for country in ["US", "CA", "AU", "RU", "BR", "ES", "MX"] {
        assert_eq!(of(country), None, "{country}");
    }
}

#[test]
fn local_times_are_read_strictly() {
    let read = |text: &str| text.parse::<LocalTime>().map(|time| time.to_string());
    let whole = Ok("2026-03-29T02:30:00".to_owned());
    assert_eq!(read("2026-03-29T02:30"), whole);
    assert_eq!(read("2026-03-29T02:30:00"), whole);
    for text in [
        "",
        "2026-03-29",
        "2026-03-29 02:30",
        "2026-03-29t02:30",
        "2026-03-29T2:30",
        "2026-03-29T02:30Z",
        "2026-03-29T02:30:00Z",
        "2026-03-29T02:30:00+01:00",
        "2026-03-29T02:30+0100",
        "2026-03-29T02:30:00.5",
        "2026-03-29T02:30:60",
        "2026-03-29T24:00",
        "2026-02-29T00:00",
        "20260329T02:30:00",
        "20260329T023000Z",
        "2026-03-29T02:30é",
        " 2026-03-29T02:30",
    ] {
        assert_eq!(read(text), Err(InvalidLocalTime), "{text}");
    }
    let json = "\"2026-03-29T02:30:00\"";
    let time: LocalTime = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&time).unwrap(), json);
    let error = serde_json::from_str::<LocalTime>("\"noon\"").unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with(&InvalidLocalTime.to_string()), "{error}");
}

#[test]
fn a_skipped_time_is_the_end_of_the_gap_and_a_repeated_one_the_first() {
    for (name, time, expected) in [
        (
            "Europe/Berlin",
            "2026-03-29T01:59:59",
            "2026-03-29T00:59:59Z",
        ),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30:00Z"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        (
            "America/New_York",
            "2026-03-08T02:30",
            "2026-03-08T07:00:00Z",
        ),
        (
            "America/New_York",
            "2026-11-01T01:30",
            "2026-11-01T05:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04T02:15",
            "2026-10-03T15:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05T01:45",
            "2026-04-04T14:45:00Z",
        ),
        ("Africa/Cairo", "2026-04-24T00:30", "2026-04-23T22:00:00Z"),
        (
            "America/Santiago",
            "2026-09-06T00:00",
            "2026-09-06T04:00:00Z",
        ),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z"),
        ("UTC", "2026-03-29T02:30", "2026-03-29T02:30:00Z"),
        ("UTC", "9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
    ] {
        let time: LocalTime = time.parse().unwrap();
        assert_eq!(zone(name).at_local(time), at(expected), "{name} {time}");
    }
}

/// Looks at each minute around each change of each clock.
#[test]
fn a_local_time_is_the_first_moment_at_which_the_clocks_show_it_or_a_later_one() {
    const MINUTE: i64 = 60_000;
    let mut changes = 0;
    for zone in all() {
        let mut change = at("2026-01-01T00:00:00Z");
        while let Some(next) = zone
            .next_change(change)
            .filter(|next| *next < at("2027-01-01T00:00:00Z"))
        {
            change = next;
            changes += 1;
            let mut moment = later(change, -400 * MINUTE);
            let mut time = shown(&zone, moment).checked_add(100.minutes()).unwrap();
            for _ in 0..500 {
                while shown(&zone, moment) < time {
                    moment = later(moment, MINUTE);
                }
                let local: LocalTime = time.to_string().parse().unwrap();
                assert_eq!(zone.at_local(local), moment, "{zone} {time}");
                time = time.checked_add(1.minute()).unwrap();
            }
        }
    }
    assert!(changes > 300, "{changes}");
}

#[test]
fn days_begin_at_midnight_or_at_their_first_moment() {
    for (name, moment, start, next) in [
        // 23 and 25 hours.
        (
            "Europe/Berlin",
            "2026-03-29T12:00:00Z",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T12:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T20:00:00Z",
            "2026-10-03T13:30:00Z",
            "2026-10-04T13:00:00Z",
        ),
        // No midnight.
        (
            "Africa/Cairo",
            "2026-04-24T12:00:00Z",
            "2026-04-23T22:00:00Z",
            "2026-04-24T21:00:00Z",
        ),
        (
            "America/Santiago",
            "2026-09-06T12:00:00Z",
            "2026-09-06T04:00:00Z",
            "2026-09-07T03:00:00Z",
        ),
        (
            "Asia/Beirut",
            "2026-03-28T12:00:00Z",
            "2026-03-27T22:00:00Z",
            "2026-03-28T22:00:00Z",
        ),
        // Put back at midnight, before it begins and after.
        (
            "Africa/Cairo",
            "2026-10-29T20:30:00Z",
            "2026-10-28T21:00:00Z",
            "2026-10-29T22:00:00Z",
        ),
        (
            "Africa/Cairo",
            "2026-10-29T21:30:00Z",
            "2026-10-28T21:00:00Z",
            "2026-10-29T22:00:00Z",
        ),
        // Midnight twice, and once more across it: a minute after midnight it was 23:01 again.
        (
            "America/Havana",
            "2024-11-03T05:30:00Z",
            "2024-11-03T04:00:00Z",
            "2024-11-04T05:00:00Z",
        ),
        (
            "America/St_Johns",
            "2010-11-07T02:30:30Z",
            "2010-11-07T02:30:00Z",
            "2010-11-08T03:30:00Z",
        ),
        (
            "America/St_Johns",
            "2010-11-07T02:32:00Z",
            "2010-11-06T02:30:00Z",
            "2010-11-07T03:30:00Z",
        ),
        // A day that was not.
        (
            "Pacific/Apia",
            "2011-12-30T09:59:59Z",
            "2011-12-29T10:00:00Z",
            "2011-12-30T10:00:00Z",
        ),
        (
            "Pacific/Apia",
            "2011-12-30T10:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-31T10:00:00Z",
        ),
    ] {
        let (zone, moment) = (zone(name), at(moment));
        assert_eq!(zone.day_start(moment), at(start), "{name} {moment}");
        assert_eq!(zone.next_midnight(moment), at(next), "{name} {moment}");
    }
}

#[test]
fn each_day_of_a_year_follows_the_one_before_in_every_zone() {
    for zone in all() {
        let mut start = zone.day_start(at("2026-01-01T12:00:00Z"));
        let first = shown(&zone, start).date();
        let mut day = first;
        for _ in 0..365 {
            let next = zone.next_midnight(start);
            for moment in [start, later(start, DAY / 2), later(next, -1)] {
                assert_eq!(shown(&zone, moment).date(), day, "{zone} {moment}");
                assert_eq!(zone.day_start(moment), start, "{zone} {moment}");
                assert_eq!(zone.next_midnight(moment), next, "{zone} {moment}");
            }
            (start, day) = (next, day.tomorrow().unwrap());
        }
        assert_eq!(day, first.checked_add(365.days()).unwrap());
    }
}

#[test]
fn moments_beyond_the_calendar_have_days_too() {
    let berlin = zone("Europe/Berlin");
    for millis in [i64::MIN, i64::MIN / 2, i64::MAX / 2] {
        let moment = Timestamp::from_millis(millis);
        let start = berlin.day_start(moment);
        assert!(start.as_millis() == i64::MIN || start.as_millis() % DAY == 0);
        assert!(berlin.next_midnight(moment) > moment);
    }
    let end = Timestamp::from_millis(i64::MAX);
    assert_eq!(berlin.next_midnight(end), end);
}
