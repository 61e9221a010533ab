use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::Class;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn token(number: u128) -> LeaseToken {
    LeaseToken::from_uuid(Uuid::from_u128(number))
}

fn terms(rate: f64) -> Terms {
    Terms {
        rate: Rate::try_from(rate).unwrap(),
        today: None,
    }
}

/// Texts of these sizes, all of one class.
fn waiting(class: Class, sizes: &[u32]) -> PerClass<Vec<u32>> {
    PerClass::each(|each| {
        if each == class {
            sizes.to_vec()
        } else {
            Vec::new()
        }
    })
}

/// Takes the next slot for what waits, at its earliest moment at or after `now`.
fn draw(
    line: &mut Line,
    waiting: &PerClass<Vec<u32>>,
    terms: &Terms,
    number: u128,
    mut now: Timestamp,
) -> (Share, Slot, Timestamp) {
    loop {
        match line.begin(token(number), terms, now) {
            Begun::Wait(wait) => now = now + wait.max(Duration::from_millis(1)),
            Begun::Spent { until } => now = until,
            Begun::Held { budget, longest } => {
                let share = line.share(waiting, budget, longest);
                let slot = line.take(token(number), &share, terms, now).unwrap();
                return (share, slot, now);
            }
        }
    }
}

/// When each text of a slot leaves, in microseconds, with its segments.
fn departures(slot: Slot, sizes: impl IntoIterator<Item = u32>) -> Vec<(i64, u32)> {
    let mut before = 0;
    let leave = |size| {
        let at = slot.start + slot.spacing * before;
        before += i64::from(size);
        (at, size)
    };
    sizes.into_iter().map(leave).collect()
}

/// The most segments that leave within any window of a length.
fn most_within(departures: &[(i64, u32)], window: Duration) -> u32 {
    let window = i64::try_from(window.as_micros()).unwrap();
    let from = |begin: usize| {
        let (first, _) = departures[begin];
        let within = departures[begin..].iter();
        let within = within.take_while(|(at, _)| *at < first + window);
        within.map(|(_, size)| size).sum()
    };
    (0..departures.len()).map(from).max().unwrap_or(0)
}

#[test]
fn one_worker_at_a_time_has_the_line_and_a_dead_one_loses_it_after_a_second() {
    let mut line = Line::default();
    let terms = terms(10.0);
    assert!(matches!(
        line.begin(token(1), &terms, NOW),
        Begun::Held { .. }
    ));
    assert!(matches!(
        line.begin(token(1), &terms, NOW),
        Begun::Held { .. }
    ));
    let wait = line.begin(token(2), &terms, NOW);
    assert_eq!(wait, Begun::Wait(HELD_FOR));
    let at_its_end = NOW + HOLD - Duration::from_millis(1);
    let wait = line.begin(token(2), &terms, at_its_end);
    assert_eq!(wait, Begun::Wait(Duration::from_millis(1)));
    let later = NOW + Duration::from_secs(1);
    assert!(matches!(
        line.begin(token(2), &terms, later),
        Begun::Held { .. }
    ));
    let share = line.share(&waiting(Class::Bulk, &[1]), 1, u64::MAX);
    assert_eq!(line.take(token(1), &share, &terms, later), None);
    let slot = line.take(token(2), &share, &terms, later);
    assert!(slot.is_some());
    // What was taken is told again, and takes no second slot.
    let before = line.clone();
    assert_eq!(line.take(token(2), &share, &terms, later), slot);
    assert_eq!(line, before);
}

#[test]
fn slots_are_taken_a_quarter_of_a_second_ahead_at_most() {
    let mut line = Line::default();
    let terms = terms(10.0);
    let all = waiting(Class::Bulk, &[1; 20]);
    for number in 0..3 {
        let (_, _, at) = draw(&mut line, &all, &terms, number, NOW);
        assert_eq!(at, NOW);
    }
    let Begun::Wait(wait) = line.begin(token(9), &terms, NOW) else {
        panic!("three slots reach beyond a quarter of a second");
    };
    assert!(wait < Duration::from_millis(100), "{wait:?}");
}

#[test]
fn what_is_used_up_today_waits_for_midnight() {
    let mut line = Line::default();
    let today = Allowance {
        segments: 10,
        begins: NOW - Duration::from_hours(2),
        ends: NOW + Duration::from_hours(22),
    };
    let capped = |day| Terms {
        today: Some(day),
        ..terms(100.0)
    };
    let all = waiting(Class::Bulk, &[4; 20]);
    let (first, ..) = draw(&mut line, &all, &capped(today), 1, NOW);
    assert_eq!((first.segments(), line.spent_on(today)), (8, 8));
    let Begun::Held { budget, longest } = line.begin(token(2), &capped(today), NOW) else {
        panic!("two are left");
    };
    // A text of four does not fit any more, one of two does.
    assert!(line.share(&all, budget, longest).is_empty());
    assert!(!line.is_spent(today), "something is left");
    let tomorrow = Allowance {
        begins: today.ends,
        ends: today.ends + Duration::from_hours(24),
        ..today
    };
    assert!(line.release(token(2), &capped(today), true));
    assert!(line.is_spent(today) && !line.is_spent(tomorrow));
    line.begin(token(2), &capped(today), NOW);
    let two = line.share(&waiting(Class::Bulk, &[2]), budget, longest);
    line.take(token(2), &two, &capped(today), NOW).unwrap();
    let later = NOW + Duration::from_secs(1);
    let spent = line.begin(token(3), &capped(today), later);
    assert_eq!(spent, Begun::Spent { until: today.ends });
    assert!(line.is_spent(today));
    assert_eq!(line.spent_on(tomorrow), 0);
    let morning = line.begin(token(3), &capped(tomorrow), today.ends);
    assert!(matches!(morning, Begun::Held { budget: 10, .. }));
}

#[test]
fn a_day_is_not_over_once_what_waits_fits_again() {
    let mut line = Line::default();
    let today = Allowance {
        segments: 1,
        begins: NOW,
        ends: NOW + Duration::from_hours(24),
    };
    let capped = |segments| Terms {
        today: Some(Allowance { segments, ..today }),
        ..terms(100.0)
    };
    for (number, is_short) in [(1, true), (2, false)] {
        line.begin(token(number), &capped(1), NOW);
        line.release(token(number), &capped(1), is_short);
        assert_eq!(line.is_spent(today), is_short);
    }
    line.begin(token(3), &capped(1), NOW);
    assert!(
        !line.release(token(4), &capped(1), true),
        "it is not theirs"
    );
    line.release(token(3), &capped(1), true);
    let more = waiting(Class::Bulk, &[2]);
    draw(&mut line, &more, &capped(9), 5, NOW);
    assert!(
        !line.is_spent(capped(9).today.unwrap()),
        "the operator allowed more"
    );
}

#[test]
fn a_day_that_has_begun_goes_on_for_whoever_still_has_the_one_before() {
    let mut line = Line::default();
    let today = Allowance {
        segments: 10,
        begins: NOW - Duration::from_hours(24),
        ends: NOW,
    };
    let tomorrow = Allowance {
        begins: NOW,
        ends: NOW + Duration::from_hours(24),
        ..today
    };
    let capped = |day| Terms {
        today: Some(day),
        ..terms(100.0)
    };
    let all = waiting(Class::Bulk, &[4; 20]);
    draw(&mut line, &all, &capped(tomorrow), 1, NOW);
    let before = line.spent_on(tomorrow);
    assert!(before > 0);
    let left = line.begin(token(2), &capped(today), NOW);
    assert!(!matches!(left, Begun::Spent { .. }), "{left:?}");
    let two = line.share(&waiting(Class::Bulk, &[2]), 2, 2);
    line.take(token(2), &two, &capped(today), NOW).unwrap();
    assert_eq!(line.spent_on(tomorrow), before + 2);
    assert_eq!(line.spent_on(today), before + 2);
}

#[test]
fn a_complaint_halves_the_rate_once_and_it_climbs_back() {
    let mut line = Line::default();
    assert!(line.slow_down(NOW));
    assert!(!line.slow_down(NOW + Duration::from_secs(9)));
    assert_eq!(line.percent(NOW), 50);
    let hundred = terms(100.0);
    let Begun::Held { budget, .. } = line.begin(token(1), &hundred, NOW) else {
        panic!("nobody has it");
    };
    assert_eq!(budget, 5);
    let rate = Rate::try_from(10.0).unwrap();
    assert!((line.segments_per_second(rate, NOW) - 4.95).abs() < 0.01);
    for seconds in (10..200).step_by(10) {
        line.slow_down(NOW + Duration::from_secs(seconds));
    }
    let later = NOW + Duration::from_secs(190);
    assert_eq!(line.percent(later), 6, "a sixteenth is left");
    assert_eq!(line.percent(later + Duration::from_mins(8)), 56);
    assert_eq!(line.percent(later + Duration::from_mins(16)), 100);
}

#[test]
fn lower_classes_keep_a_tenth_each_and_nothing_is_held_back_for_those_that_are_not_there() {
    let terms = terms(100.0);
    let full = PerClass::each(|_| vec![1; 200]);
    let mut line = Line::default();
    let mut sent = PerClass::<u64>::default();
    for number in 0..200 {
        let (share, ..) = draw(&mut line, &full, &terms, number, NOW);
        for class in Class::ALL {
            sent[class] += share.texts(class) as u64;
        }
    }
    // But for the first slot, before which nothing was earned.
    assert!(sent[Class::Otp] >= 1600, "{sent:?}");
    for class in Class::Otp.below() {
        assert!(sent[class] >= 199, "{sent:?}");
    }
    let alone = waiting(Class::Bulk, &[1; 200]);
    let (share, ..) = draw(&mut line, &alone, &terms, 999, NOW);
    assert_eq!(share.texts(Class::Bulk), 10);
}

#[test]
fn a_login_code_leaves_with_the_next_slot_whatever_waits() {
    let mut line = Line::default();
    let all = PerClass::each(|class| match class {
        Class::Otp => vec![1],
        _ => vec![1; 100],
    });
    let (share, ..) = draw(&mut line, &all, &terms(1.0), 1, NOW);
    assert_eq!(share.texts(Class::Otp), 1);
}

proptest! {
    /// Whatever the rate and the sizes, whoever takes the slots and whenever.
    #[test]
    fn no_second_is_above_the_rate_by_more_than_a_slice_or_a_text_and_no_minute_but_for_one_text(
        rate in prop_oneof![Just(0.2), Just(1.0), Just(10.0), Just(100.0), 0.2..1000.0],
        sizes in prop::collection::vec(1u32..=6, 400),
        pauses in prop::collection::vec(0u64..400, 400),
    ) {
        let terms = terms(rate);
        let mut line = Line::default();
        let (mut left, mut now) = (sizes.as_slice(), NOW);
        let mut all = Vec::new();
        for (number, pause) in pauses.into_iter().enumerate() {
            if left.is_empty() {
                break;
            }
            let queue = waiting(Class::Transactional, left);
            let (share, slot, at) = draw(&mut line, &queue, &terms, number as u128, now);
            let (sent, rest) = left.split_at(share.texts(Class::Transactional));
            prop_assert!(!sent.is_empty());
            all.extend(departures(slot, sent.iter().copied()));
            left = rest;
            // Every tenth time they are all held up.
            now = at + Duration::from_millis(if number % 10 == 0 { pause } else { 0 });
        }
        let one = f64::max(rate / 10.0, 6.0);
        let second = f64::from(most_within(&all, Duration::from_secs(1)));
        prop_assert!(second <= rate + one, "{second} in a second");
        let minute = f64::from(most_within(&all, Duration::from_mins(1)));
        let most = f64::max(rate * 60.0, rate * 60.0 * 0.99 + 6.0);
        prop_assert!(minute <= most, "{minute} in a minute");
    }

    /// With something always waiting, the line is used to the full.
    #[test]
    fn a_backlog_uses_the_rate_to_the_full(rate in 0.2..1000.0, sizes in prop::collection::vec(1u32..=6, 300)) {
        let terms = terms(rate);
        let mut line = Line::default();
        let (mut left, mut now, mut end) = (sizes.as_slice(), NOW, 0);
        for number in 0.. {
            if left.is_empty() {
                break;
            }
            let queue = waiting(Class::Bulk, left);
            let (share, slot, at) = draw(&mut line, &queue, &terms, number, now);
            left = &left[share.texts(Class::Bulk)..];
            end = slot.start + slot.spacing * i64::try_from(share.segments()).unwrap();
            now = at;
        }
        let segments: u32 = sizes.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a few minutes in microseconds")]
        let seconds = (end - micros(NOW)) as f64 / 1e6;
        prop_assert!(f64::from(segments) / seconds >= rate * 0.98);
    }
}
