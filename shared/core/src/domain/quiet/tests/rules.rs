use super::*;

const BERLIN: &str = "Europe/Berlin";

/// Until when it is quiet in a zone with these windows, or `None` if it is not.
fn until(windows: &[&str], place: &str, moment: &str) -> Option<Timestamp> {
    hours(windows).quiet_until(at(moment), &zone(place))
}

#[test]
fn a_night_ends_in_the_morning_and_begins_with_its_first_minute() {
    let night = ["21:00-08:00"];
    for (moment, expected) in [
        ("2026-06-01T18:59:59.999Z", None),
        ("2026-06-01T19:00:00Z", Some("2026-06-02T06:00:00Z")),
        ("2026-06-01T22:00:00Z", Some("2026-06-02T06:00:00Z")),
        ("2026-06-02T05:59:59.999Z", Some("2026-06-02T06:00:00Z")),
        ("2026-06-02T06:00:00Z", None),
    ] {
        assert_eq!(until(&night, BERLIN, moment), expected.map(at), "{moment}");
    }
    assert_eq!(until(&[], BERLIN, "2026-06-01T22:00:00Z"), None);
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    // 2026-06-05 was a Friday.
    let friday = ["fri 21:00-08:00"];
    for (moment, expected) in [
        ("2026-06-05T07:00:00Z", None),
        ("2026-06-05T21:00:00Z", Some("2026-06-06T08:00:00Z")),
        ("2026-06-06T07:00:00Z", Some("2026-06-06T08:00:00Z")),
        ("2026-06-06T21:00:00Z", None),
    ] {
        assert_eq!(until(&friday, "UTC", moment), expected.map(at), "{moment}");
    }
}

#[test]
fn the_same_time_twice_is_24_hours() {
    let from_noon = ["sat 12:00-12:00"];
    for (moment, expected) in [
        ("2026-06-06T11:59:00Z", None),
        ("2026-06-06T12:00:00Z", Some("2026-06-07T12:00:00Z")),
        ("2026-06-07T11:59:00Z", Some("2026-06-07T12:00:00Z")),
        ("2026-06-07T12:00:00Z", None),
    ] {
        let found = until(&from_noon, "UTC", moment);
        assert_eq!(found, expected.map(at), "{moment}");
    }
}

#[test]
fn windows_that_touch_or_overlap_are_one() {
    let weekend = ["sat sun 00:00-00:00", "21:00-08:00"];
    let monday = Some(at("2026-06-08T08:00:00Z"));
    for moment in ["2026-06-05T21:00:00Z", "2026-06-07T23:59:00Z"] {
        assert_eq!(until(&weekend, "UTC", moment), monday, "{moment}");
    }
    let apart = ["10:00-11:00", "11:01-12:00", "10:30-10:45"];
    let eleven = Some(at("2026-06-05T11:00:00Z"));
    assert_eq!(until(&apart, "UTC", "2026-06-05T10:35:00Z"), eleven);
}

#[test]
fn edges_are_times_of_the_clock_on_days_on_which_it_is_changed() {
    for (windows, place, moment, expected) in [
        // An hour less, and one more, of the night.
        (
            "21:00-08:00",
            BERLIN,
            "2026-03-28T20:00:00Z",
            "2026-03-29T06:00:00Z",
        ),
        (
            "21:00-08:00",
            BERLIN,
            "2026-10-24T19:00:00Z",
            "2026-10-25T07:00:00Z",
        ),
        (
            "21:00-08:00",
            "Australia/Lord_Howe",
            "2026-04-04T12:00:00Z",
            "2026-04-04T21:30:00Z",
        ),
        // Edges that the clock skips.
        (
            "02:30-05:00",
            BERLIN,
            "2026-03-29T01:00:00Z",
            "2026-03-29T03:00:00Z",
        ),
        (
            "01:00-02:30",
            BERLIN,
            "2026-03-29T00:59:00Z",
            "2026-03-29T01:00:00Z",
        ),
        (
            "00:30-06:00",
            "America/Santiago",
            "2026-09-06T04:00:00Z",
            "2026-09-06T09:00:00Z",
        ),
        (
            "sat 22:00-00:00",
            "America/Santiago",
            "2026-09-06T03:59:00Z",
            "2026-09-06T04:00:00Z",
        ),
        (
            "22:00-00:30",
            "Africa/Cairo",
            "2026-04-23T21:00:00Z",
            "2026-04-23T22:00:00Z",
        ),
        // Edges that it shows twice: quiet both times, and free between.
        (
            "01:00-02:30",
            BERLIN,
            "2026-10-24T23:30:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (
            "01:00-02:30",
            BERLIN,
            "2026-10-25T01:10:00Z",
            "2026-10-25T01:30:00Z",
        ),
        // A Saturday of 25 hours, the last of which is its second from 23:00 on.
        (
            "sat 00:00-00:00",
            "America/Santiago",
            "2026-04-04T03:00:00Z",
            "2026-04-05T04:00:00Z",
        ),
        // The day after Thursday was Saturday.
        (
            "thu fri 00:00-00:00",
            "Pacific/Apia",
            "2011-12-29T20:00:00Z",
            "2011-12-30T10:00:00Z",
        ),
    ] {
        let found = until(&[windows], place, moment);
        assert_eq!(found, Some(at(expected)), "{windows} {place} {moment}");
    }
    for (windows, place, moment) in [
        ("02:00-03:00", BERLIN, "2026-03-29T01:00:00Z"),
        ("01:00-02:30", BERLIN, "2026-10-25T00:45:00Z"),
        ("00:00-01:00", "America/Santiago", "2026-09-06T04:00:00Z"),
    ] {
        let found = until(&[windows], place, moment);
        assert_eq!(found, None, "{windows} {place} {moment}");
    }
}

#[test]
fn the_only_free_minute_may_be_skipped_for_a_week() {
    let windows = [
        "mon tue wed thu fri sat 00:00-00:00",
        "sun 00:00-02:30",
        "sun 02:31-00:00",
    ];
    let found = until(&windows, BERLIN, "2026-03-23T00:00:00Z");
    assert_eq!(found, Some(at("2026-04-05T00:30:00Z")));
}

#[test]
fn their_own_zone_wins_over_that_of_the_place() {
    let windows = vec![window("21:00-08:00")];
    let own = QuietHours::new(windows, Some(zone("Asia/Tokyo"))).unwrap();
    let evening = at("2026-06-01T12:00:00Z");
    assert_eq!(
        own.quiet_until(evening, &zone(BERLIN)),
        Some(at("2026-06-01T23:00:00Z"))
    );
}

#[test]
fn several_rules_leave_what_each_of_them_leaves() {
    let (berlin, new_york) = (zone(BERLIN), zone("America/New_York"));
    let (night, noon) = (hours(&["21:00-08:00"]), hours(&["12:00-14:00"]));
    let moment = at("2026-06-01T22:00:00Z");
    // 08:00 in Berlin is in the night of New York, whose morning is in the noon of Berlin.
    let rules = [(&night, &berlin), (&night, &new_york), (&noon, &berlin)];
    assert_eq!(open_from(&rules, moment), Some(at("2026-06-02T12:00:00Z")));
    assert_eq!(
        open_from(&rules[..2], moment),
        Some(at("2026-06-02T12:00:00Z"))
    );
    assert_eq!(
        open_from(&rules[..1], moment),
        Some(at("2026-06-02T06:00:00Z"))
    );
    assert_eq!(open_from(&[], moment), Some(moment));
    let free = at("2026-06-02T15:00:00Z");
    assert_eq!(open_from(&rules, free), Some(free));
}

#[test]
fn rules_that_leave_nothing_together_have_no_opening() {
    let (utc, day, night) = (
        zone("UTC"),
        hours(&["08:00-20:00"]),
        hours(&["20:00-08:00"]),
    );
    let moment = at("2026-06-01T22:00:00Z");
    assert_eq!(open_from(&[(&day, &utc), (&night, &utc)], moment), None);
    let end = Timestamp::from_millis(i64::MAX);
    assert_eq!(open_from(&[(&day, &utc), (&night, &utc)], end), Some(end));
}

#[test]
fn quiet_hours_are_read_and_written_as_json() {
    let json = r#"{"windows":[{"days":["sat","sun"],"from":"00:00","to":"00:00"},{"from":"21:00","to":"08:00"}],"time_zone":"Europe/Berlin"}"#;
    let read_back = read(json).unwrap();
    let expected = vec![window("sat sun 00:00-00:00"), window("21:00-08:00")];
    assert_eq!(
        (read_back.windows(), read_back.zone()),
        (&*expected, Some(&zone(BERLIN)))
    );
    assert_eq!(serde_json::to_string(&read_back).unwrap(), json);

    let short = r#"{"windows":[{"from":"21:00","to":"08:00"}]}"#;
    assert_eq!(serde_json::to_string(&read(short).unwrap()).unwrap(), short);
    let sorted = r#"{"windows":[{"days":["sun","mon","sun"],"from":"21:00","to":"08:00"}]}"#;
    let written = serde_json::to_string(&read(sorted).unwrap()).unwrap();
    assert!(written.contains(r#"["mon","sun"]"#), "{written}");
    assert_eq!(read(r#"{"windows":[]}"#).unwrap(), hours(&[]));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let night = r#"{"from":"21:00","to":"08:00"}"#;
    let many = format!("{{\"windows\":[{}]}}", [night; 15].join(","));
    assert!(read(&many.replacen(&format!("{night},"), "", 1)).is_ok());
    for (json, expected) in [
        (&*many, "windows must be at most 14"),
        (
            r#"{"windows":[{"from":"1:00","to":"08:00"}]}"#,
            "windows[0].from must be a time of day from 00:00 to 23:59",
        ),
        (
            r#"{"windows":[{"from":"21:00","to":"24:00"}]}"#,
            "windows[0].to must be a time of day",
        ),
        (
            r#"{"windows":[{"from":"21:00","to":"08:60"}]}"#,
            "windows[0].to must be",
        ),
        (
            r#"{"windows":[{"from":"21:00","to":"+8:00"}]}"#,
            "windows[0].to must be",
        ),
        (
            r#"{"windows":[{"from":"21:00","to":"08:00:00"}]}"#,
            "windows[0].to must be",
        ),
        (
            r#"{"windows":[{"days":[],"from":"21:00","to":"08:00"}]}"#,
            "windows[0].days must name at least one day",
        ),
        (
            r#"{"windows":[{"days":["Sat"],"from":"21:00","to":"08:00"}]}"#,
            "unknown variant `Sat`, expected one of `mon`",
        ),
        (r#"{"windows":[{"from":"21:00"}]}"#, "missing field `to`"),
        (
            r#"{"windows":[{"from":"21:00","to":"08:00","zone":"UTC"}]}"#,
            "unknown field `zone`",
        ),
        (r#"{"windows":[],"zone":"UTC"}"#, "unknown field `zone`"),
        (r#"{"time_zone":"UTC"}"#, "missing field `windows`"),
        (
            r#"{"windows":[],"time_zone":"EST"}"#,
            "time_zone is no IANA time zone such as Europe/Berlin",
        ),
        (
            r#"{"windows":[{"from":"08:00","to":"08:00"}]}"#,
            "windows leave no time to send",
        ),
        (
            r#"{"windows":[{"from":"08:00","to":"20:00"},{"from":"19:30","to":"08:00"}]}"#,
            "windows leave no time to send",
        ),
    ] {
        let error = read(json).unwrap_err();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
}
