use super::*;

#[test]
fn a_turn_is_for_what_may_leave_and_has_none() {
    let mut message = ready();
    let before = message.clone();
    assert!(message.take_turn(FIRST, NOW));
    assert_eq!(message.turn, Some(FIRST));
    assert_eq!(message.wake_at, Some(message.expires_at));
    assert_eq!(message.version, before.version + 1);
    assert_eq!(message.updated_at, before.updated_at);
    assert!(!message.take_turn(LATER, NOW));
    assert_eq!(message.turn, Some(FIRST));

    let send_at = Some(NOW + HOUR);
    let mut scheduled = Message::from(NewMessage { send_at, ..new() });
    assert!(!scheduled.take_turn(FIRST, NOW + HOUR - CLAIM_SLACK - SECOND));
    assert!(scheduled.take_turn(FIRST, NOW + HOUR));
    for mut message in elsewhere() {
        message.turn = None;
        assert!(!message.take_turn(FIRST, NOW), "{}", message.status);
    }
}

#[test]
fn what_has_to_wait_is_made_without_a_turn() {
    let (turn, later) = (Some(FIRST), Some(NOW + HOUR));
    let scheduled = NewMessage {
        turn,
        send_at: later,
        ..new()
    };
    let resting = NewMessage {
        turn,
        not_before: later,
        ..new()
    };
    for new in [scheduled, resting] {
        let message = Message::from(new);
        assert_eq!((message.turn, message.wake_at), (None, later));
    }
    let message = in_line();
    assert_eq!(message.wake_at, Some(message.expires_at));
}

#[test]
fn only_what_waits_for_its_turn_is_in_line() {
    assert_eq!(ready().segments_in_line(), None);
    assert_eq!(in_line().segments_in_line(), Some(1));
    for message in elsewhere() {
        assert_eq!(message.turn, Some(FIRST), "{}", message.status);
        assert_eq!(message.segments_in_line(), None, "{}", message.status);
    }
}

#[test]
fn what_was_not_sent_keeps_its_turn_unless_it_has_to_wait() {
    let mut message = claimed();
    put_back(&mut message, NOW, NOW);
    let kept = (message.turn, message.wake_at);
    assert_eq!(kept, (Some(FIRST), Some(message.expires_at)));

    let mut message = claimed();
    put_back(&mut message, NOW + SECOND, NOW);
    let lost = (message.turn, message.wake_at);
    assert_eq!(lost, (None, Some(NOW + SECOND)));
    assert!(message.take_turn(LATER, NOW + SECOND));

    let mut message = claimed();
    put_back(&mut message, NOW + 2 * VALID, NOW);
    let lost = (message.turn, message.wake_at);
    assert_eq!(lost, (None, Some(message.expires_at)));

    let mut message = claimed();
    message.delete(NOW);
    put_back(&mut message, NOW, NOW);
    assert_eq!(message.status, Status::Canceled);
    assert_eq!((message.segments_in_line(), message.wake_at), (None, None));
}

#[test]
fn a_turn_is_one_of_its_senders_and_ends_with_an_attempt_of_another() {
    let mut message = in_line();
    assert!(claim(&mut message, OTHER, NOW));
    assert_eq!(message.sender.as_deref(), Some(OTHER));
    put_back(&mut message, NOW, NOW);
    assert_eq!((message.turn, message.wake_at), (None, Some(NOW)));

    // One of an earlier version, for which no sender is stored.
    let mut message = in_line();
    message.sender = None;
    assert!(claim(&mut message, HOME, NOW));
    assert_eq!(message.turn, Some(FIRST));
}

#[test]
fn what_is_queued_leaves_from_where_it_was_moved() {
    let mut message = in_line();
    let before = message.clone();
    assert!(message.move_to(&address(OTHER), Some(LATER), NOW));
    let moved = (message.sender.as_deref(), message.turn, message.wake_at);
    assert_eq!(moved, (Some(OTHER), Some(LATER), Some(message.expires_at)));
    assert!(message.version > before.version && message.updated_at > before.updated_at);
    let said = message.timeline.last().unwrap();
    assert_eq!(said.event, Event::Moved);
    assert_eq!(said.detail.as_deref(), Some(OTHER));

    // A repeat, with a turn of its own.
    let before = message.clone();
    assert!(!message.move_to(&address(OTHER), Some(FIRST), NOW));
    assert_eq!(message, before);

    let mut message = in_line();
    assert!(message.move_to(&address(OTHER), None, NOW));
    let found = message.wake_at.is_some_and(|at| at <= NOW);
    assert!(message.turn.is_none() && found, "{message:?}");
    for mut message in elsewhere() {
        let before = message.clone();
        assert!(!message.move_to(&address(OTHER), Some(LATER), NOW));
        assert_eq!(message, before);
    }
}

/// It came to have to wait after its turn was asked for.
#[test]
fn what_has_to_wait_is_moved_without_a_turn() {
    let mut message = claimed();
    put_back(&mut message, NOW + HOUR, NOW);
    assert!(message.move_to(&address(OTHER), Some(LATER), NOW));
    let moved = (message.sender.as_deref(), message.turn, message.wake_at);
    assert_eq!(moved, (Some(OTHER), None, Some(NOW + HOUR)));
}

#[test]
fn quiet_hours_take_a_turn_and_no_validity() {
    let open = NOW + 9 * HOUR;
    let mut message = in_line();
    assert!(message.wait_until(open, NOW + HOUR));
    assert_eq!((message.turn, message.segments_in_line()), (None, None));
    assert_eq!((message.not_before, message.wake_at), (open, Some(open)));
    assert_eq!(message.expires_at, open + VALID.checked_sub(HOUR).unwrap());
    assert!(!claim(&mut message, HOME, NOW + HOUR));
    assert!(message.take_turn(LATER, open));

    // Only the time after that to which it was put off anyway.
    let send_at = Some(NOW + 8 * HOUR);
    let mut scheduled = Message::from(NewMessage { send_at, ..new() });
    scheduled.expires_at = NOW + 8 * HOUR + VALID;
    assert!(scheduled.wait_until(open, NOW));
    assert_eq!(scheduled.expires_at, open + VALID);
    assert_eq!(scheduled.send_at, send_at);

    for (mut message, now) in [
        (scheduled.clone(), NOW),
        (in_line(), open),
        (in_line(), open + SECOND),
    ] {
        let before = message.clone();
        assert!(!message.wait_until(open, now));
        assert_eq!(message, before);
    }
    for mut message in elsewhere() {
        assert!(!message.wait_until(open, NOW), "{}", message.status);
    }
}

#[test]
fn what_was_sent_too_late_stays_expired_through_quiet_hours() {
    let mut message = in_line();
    let late = NOW + VALID;
    message.wait_until(late + HOUR, late);
    assert!(message.expire(late + HOUR));
}

#[test]
fn retention_leaves_what_waits_for_its_turn_alone() {
    let mut message = in_line();
    let much_later = NOW + 1000 * HOUR;
    assert!(!message.erase_if_old(much_later, much_later));
    message.expire(NOW + VALID);
    assert!(message.erase_if_old(much_later, much_later));
    assert_eq!(
        (message.body.is_none(), message.segments_in_line()),
        (true, None)
    );
}

#[test]
fn what_may_have_been_sent_before_a_restore_comes_back_to_its_turn() {
    let mut message = in_line();
    let until = NOW + HOUR;
    assert!(message.doubt(Restored {
        since: NOW,
        now: NOW,
        until,
    }));
    assert_eq!(
        (message.segments_in_line(), message.wake_at),
        (None, Some(until))
    );
    let looked = Claim {
        token: token(),
        now: until,
        until: until + HOUR,
    };
    assert!(message.take_resolve(looked));
    message.unseen = 1;
    assert!(message.held_by(token()).unwrap().requeue_absent(until));
    let back = (message.turn, message.wake_at);
    assert_eq!(back, (Some(FIRST), Some(message.expires_at)));
}
