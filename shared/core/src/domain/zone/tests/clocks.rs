//! Zones against the calendar, on all days and around all changes of a year.

use jiff::ToSpan;

use super::*;

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
