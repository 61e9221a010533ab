//! What becomes of what an endpoint does not take.

use super::*;

#[test]
fn what_is_refused_is_told_again_by_the_schedule() {
    let message = ids(1)[0];
    let mut progress = Progress::from(NOW);
    let mut at = NOW;
    let mut waited = Vec::new();
    for _ in 0..5 {
        assert_eq!(fail(&mut progress, message, at), Refusal::Pending);
        let next = progress.next_try().unwrap();
        assert_eq!(progress.due(next - SECOND), []);
        assert_eq!(progress.due(next), [message]);
        waited.push(next.since(at).as_secs());
        at = next;
    }
    // The fourth is sooner, to be the last try within an hour.
    assert_eq!(waited, [5, 300, 1800, 3600 - 2105, 5 * 3600]);
    progress.taken(message, at);
    assert_eq!((progress.next_try(), progress.failing), (None, None));
}

#[test]
fn what_is_refused_for_an_hour_while_others_are_taken_is_set_aside() {
    let [bad, good] = ids(2)[..] else {
        unreachable!()
    };
    let mut progress = failed(&[bad]);
    progress.taken(good, NOW + SECOND);
    let refused_until = loop {
        let at = progress.next_try().unwrap();
        if fail(&mut progress, bad, at) == Refusal::Aside {
            break at;
        }
    };
    assert_eq!(refused_until, NOW + HOUR);
    assert!(!progress.is_pending(bad));
    assert_eq!(progress.trouble(), Some(Trouble::Aside));
    let aside = progress.aside[0];
    assert_eq!((aside.message, aside.since, aside.failures), (bad, NOW, 5));
    // Its next change is told as any other, and then the former is of no interest.
    progress.taken(bad, NOW + 2 * HOUR);
    assert_eq!((progress.aside.len(), progress.trouble()), (0, None));
}

#[test]
fn what_was_set_aside_is_sent_again_when_asked_for() {
    let [bad, good] = ids(2)[..] else {
        unreachable!()
    };
    let mut progress = failed(&[bad]);
    progress.taken(good, NOW + SECOND);
    assert_eq!(fail(&mut progress, bad, NOW + HOUR), Refusal::Aside);
    let later = NOW + 2 * HOUR;
    assert!(!progress.send_again(good, later));
    assert!(progress.send_again(bad, later) && !progress.send_again(bad, later));
    assert_eq!(progress.due(later), [bad]);
    assert!(progress.pending[0].again);
    assert_eq!(fail(&mut progress, bad, later), Refusal::Pending);
    assert!(!progress.dismiss(bad));
}

#[test]
fn an_endpoint_that_takes_nothing_is_only_tried() {
    let messages = ids(16);
    let mut progress = failed(&messages);
    assert!(progress.is_down() && !progress.may_probe(NOW));
    assert_eq!(progress.trouble(), Some(Trouble::Down));
    let mut at = NOW;
    let mut tries = Vec::new();
    while !progress.is_given_up(at) {
        let next = progress.next_try().unwrap();
        assert_eq!(progress.due(next), [], "nothing but tries");
        assert!(progress.may_probe(next) && !progress.may_probe(next - SECOND));
        tries.push(next.since(at).as_secs());
        at = next;
        let message = progress.probe().unwrap_or_else(|| MessageId::generate(at));
        fail(&mut progress, message, at);
    }
    let hours = [2, 5, 10, 14, 20, 24, 24, 24].map(|hours| hours * 3600);
    assert_eq!(tries, [&[5, 300, 1800], &hours[..]].concat());
}

#[test]
fn one_success_makes_everything_due_that_a_dead_endpoint_was_not_told() {
    let messages = ids(17);
    let mut progress = failed(&messages[..16]);
    let later = NOW + HOUR;
    progress.taken(messages[16], later);
    assert!(!progress.is_down());
    assert_eq!(progress.due(later).len(), 16);
}

#[test]
fn a_dead_endpoint_is_tried_with_new_and_old_events_in_turn() {
    let messages = ids(MOST_PENDING + 1);
    let mut progress = failed(&messages[..MOST_PENDING]);
    let fresh = messages[MOST_PENDING];
    assert_eq!(progress.probe(), None);
    assert_eq!(fail(&mut progress, fresh, NOW + SECOND), Refusal::NoRoom);
    assert_eq!(progress.probe(), Some(messages[0]));
    assert_eq!(
        fail(&mut progress, messages[0], NOW + 2 * SECOND),
        Refusal::Pending
    );
    assert_eq!(progress.probe(), None);
    // The new one is taken: then those that are refused for their own sake make room.
    progress.taken(fresh, NOW + 3 * SECOND);
    assert!(progress.may_probe(NOW + 3 * SECOND));
    assert_eq!(
        fail(&mut progress, messages[1], NOW + 4 * SECOND),
        Refusal::Aside
    );
    assert!(progress.is_aside(messages[1], NOW));
    assert!(!progress.is_aside(messages[1], NOW + SECOND));
    assert_eq!(progress.pending.len(), MOST_PENDING - 1);
}

#[test]
fn a_failure_of_one_event_does_not_bring_forward_what_is_refused_for_its_own_sake() {
    let [bad, good] = ids(2)[..] else {
        unreachable!()
    };
    let mut progress = failed(&[bad]);
    fail(&mut progress, bad, NOW + 5 * SECOND);
    progress.taken(good, NOW + 6 * SECOND);
    let soon = progress.next_try().unwrap();
    assert_eq!(soon, NOW + 11 * SECOND, "perhaps it was the endpoint");
    fail(&mut progress, bad, soon);
    progress.taken(good, soon + SECOND);
    assert_eq!(
        progress.next_try(),
        Some(soon + 30 * Duration::from_mins(1))
    );
}

#[test]
fn an_endpoint_is_not_called_before_the_time_that_it_asks_for() {
    let [first, second] = ids(2)[..] else {
        unreachable!()
    };
    let mut progress = failed(&[first]);
    let asking = RefusedEvent {
        retry_after: Some(HOUR),
        answer: Answer::Status(429),
        ..refused(second)
    };
    progress.refused(asking, false, NOW, 0.0);
    assert!(progress.rests(NOW + HOUR - SECOND) && !progress.rests(NOW + HOUR));
    assert_eq!(progress.due(NOW + HOUR - SECOND), []);
    assert_eq!(progress.next_try(), Some(NOW + HOUR));
    assert_eq!(progress.due(NOW + HOUR), [first, second]);
}
