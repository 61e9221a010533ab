use super::*;

const NOON_MS: i64 = 12 * 60 * 60 * 1000;
const DAY_MS: i64 = 2 * NOON_MS;

fn load(now_ms: i64, segments: u32) -> Load {
    Load {
        now_ms,
        segments,
        validity_seconds: 36_000,
    }
}

fn rate(segments_per_second: f64) -> Terms {
    Terms {
        segments_per_second: Some(segments_per_second),
        ..Terms::default()
    }
}

/// Lets texts of so many segments come at these moments after noon.
fn pass(lane: &mut Lane, terms: &Terms, texts: &[(i64, u32)]) -> Vec<Passage> {
    let texts = texts.iter();
    texts
        .map(|(ms, segments)| {
            let load = load(NOON_MS + ms, *segments);
            lane.pass(terms, SenderKind::Number, load)
        })
        .collect()
}

fn leaves(ms: i64) -> Passage {
    Passage::Leaves(NOON_MS + ms)
}

#[test]
fn without_terms_everything_leaves_at_once() {
    let mut lane = Lane::default();
    let passages = pass(
        &mut lane,
        &Terms::default(),
        &[(0, 1000), (0, 1000), (1, 1)],
    );
    assert_eq!(passages, [leaves(0), leaves(0), leaves(1)]);
    assert_eq!(lane.waiting_segments, 0);
}

#[test]
fn texts_leave_one_after_the_other_at_the_rate() {
    let mut lane = Lane::default();
    let texts = [(0, 1), (0, 3), (10, 1), (5000, 1), (5000, 1)];
    let passages = pass(&mut lane, &rate(10.0), &texts);
    let expected = [
        leaves(0),
        leaves(100),
        leaves(400),
        leaves(5000),
        leaves(5100),
    ];
    assert_eq!(passages, expected);
}

#[test]
fn rates_from_a_fifth_to_a_thousand_are_exact_over_many_texts() {
    for (per_second, texts) in [(0.2, 100), (3.0, 1000), (999.0, 10_000)] {
        let (mut lane, terms) = (Lane::default(), rate(per_second));
        let mut last = Passage::Refused(0);
        for _ in 0..texts {
            last = lane.pass(&terms, SenderKind::Number, load(NOON_MS, 1));
        }
        let Passage::Leaves(last_ms) = last else {
            panic!("{last:?}")
        };
        let seconds = f64::from(u32::try_from(last_ms - NOON_MS).unwrap()) / 1000.0;
        let measured = f64::from(texts - 1) / seconds;
        assert!(
            (measured / per_second - 1.0).abs() < 0.001,
            "{measured} instead of {per_second}"
        );
    }
}

#[test]
fn a_full_queue_refuses_until_something_has_left() {
    let terms = Terms {
        queue_segments: Some(3),
        ..rate(1.0)
    };
    let mut lane = Lane::default();
    let texts = [(0, 1), (0, 2), (0, 2), (0, 1), (0, 1), (1000, 1), (1000, 2)];
    let passages = pass(&mut lane, &terms, &texts);
    let full = Passage::Refused(21611);
    let expected = [
        leaves(0),
        leaves(1000),
        full,
        leaves(3000),
        full,
        leaves(4000),
        full,
    ];
    assert_eq!(passages, expected);
    assert_eq!(lane.waiting_segments, 2);
    // Where nobody waits, a text of any length goes.
    assert_eq!(pass(&mut lane, &terms, &[(9000, 9)]), [leaves(9000)]);
    assert_eq!(lane.waiting_segments, 0);
}

#[test]
fn a_full_queue_of_a_service_lets_texts_fail_unless_it_is_told_otherwise() {
    let mut terms = Terms {
        queue_segments: Some(0),
        ..rate(1.0)
    };
    for (kind, over_queue, expected) in [
        (SenderKind::Number, None, Passage::Refused(21611)),
        (SenderKind::Service, None, Passage::Fails(30001)),
        (
            SenderKind::Number,
            Some(OverQueue::Fail),
            Passage::Fails(30001),
        ),
        (
            SenderKind::Service,
            Some(OverQueue::Refuse),
            Passage::Refused(21611),
        ),
    ] {
        terms.over_queue = over_queue;
        let mut lane = Lane::default();
        lane.pass(&terms, kind, load(NOON_MS, 1));
        assert_eq!(lane.pass(&terms, kind, load(NOON_MS, 1)), expected);
    }
}

#[test]
fn what_is_not_valid_so_long_takes_up_nobodys_time() {
    let mut lane = Lane::default();
    let terms = rate(1.0);
    let passages = pass(&mut lane, &terms, &[(0, 10)]);
    assert_eq!(passages, [leaves(0)]);
    let impatient = Load {
        validity_seconds: 9,
        ..load(NOON_MS, 1)
    };
    assert_eq!(
        lane.pass(&terms, SenderKind::Number, impatient),
        Passage::Expires
    );
    assert_eq!(pass(&mut lane, &terms, &[(0, 1)]), [leaves(10_000)]);
}

#[test]
fn where_none_may_wait_a_second_too_early_is_tolerated() {
    for (over_rate, over) in [
        (OverRate::Fail, Passage::Fails(30022)),
        (OverRate::Refuse, Passage::Refused(20429)),
    ] {
        let terms = Terms {
            over_rate,
            ..rate(2.0)
        };
        let mut lane = Lane::default();
        let texts = [(0, 1), (0, 1), (0, 1), (0, 1), (499, 1), (500, 1), (500, 1)];
        let passages = pass(&mut lane, &terms, &texts);
        let expected = [
            leaves(0),
            leaves(0),
            leaves(0),
            over,
            over,
            leaves(500),
            over,
        ];
        assert_eq!(passages, expected);
        assert_eq!(lane.waiting_segments, 0);
    }
}

#[test]
fn beyond_the_day_texts_fail_until_midnight() {
    let terms = Terms {
        segments_per_day: Some(3),
        ..Terms::default()
    };
    let mut lane = Lane::default();
    let midnight = DAY_MS - NOON_MS;
    let texts = [
        (0, 2),
        (0, 2),
        (0, 1),
        (midnight - 1, 1),
        (midnight, 3),
        (midnight, 1),
    ];
    let passages = pass(&mut lane, &terms, &texts);
    let over = Passage::Fails(30023);
    assert_eq!(
        passages,
        [leaves(0), over, leaves(0), over, leaves(midnight), over]
    );
}

#[test]
fn a_day_ends_when_it_is_told_to() {
    let mut terms = Terms {
        segments_per_day: Some(1),
        day_ends_at_ms: Some(NOON_MS + 2 * DAY_MS),
        ..Terms::default()
    };
    let mut lane = Lane::default();
    lane.set(&terms, NOON_MS);
    let over = Passage::Fails(30023);
    let texts = [(0, 1), (DAY_MS, 1), (2 * DAY_MS - 1, 1), (2 * DAY_MS, 1)];
    let end = leaves(2 * DAY_MS);
    assert_eq!(
        pass(&mut lane, &terms, &texts),
        [leaves(0), over, over, end]
    );

    terms.day_ends_at_ms = Some(0);
    lane.set(&terms, NOON_MS + 2 * DAY_MS);
    let texts = [(2 * DAY_MS, 1), (2 * DAY_MS, 1)];
    assert_eq!(pass(&mut lane, &terms, &texts), [end, over]);

    terms.day_ends_at_ms = None;
    lane.set(&terms, NOON_MS + 2 * DAY_MS);
    assert_eq!(pass(&mut lane, &terms, &[(2 * DAY_MS, 1)]), [over]);
}

#[test]
fn what_fails_takes_up_no_time_and_no_part_of_the_day() {
    let terms = Terms {
        segments_per_day: Some(2),
        ..rate(1.0)
    };
    let mut lane = Lane::default();
    let passages = pass(&mut lane, &terms, &[(0, 1), (0, 2), (0, 1)]);
    assert_eq!(passages, [leaves(0), Passage::Fails(30023), leaves(1000)]);
    assert_eq!(lane.day_segments, 2);
}

#[test]
fn a_look_changes_nothing() {
    let mut lane = Lane::default();
    let terms = rate(1.0);
    pass(&mut lane, &terms, &[(0, 1)]);
    for _ in 0..3 {
        let passage = lane.look(&terms, SenderKind::Number, load(NOON_MS, 1));
        assert_eq!(passage, leaves(1000));
    }
}
