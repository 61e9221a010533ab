mod clocks;

use std::collections::BTreeMap;

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
