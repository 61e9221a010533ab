use super::*;

/// By its turn, if it may leave now; otherwise by its alarm, at the end of its wait and no later than a
/// job's right of way lasts.
fn is_found(message: &Message, now: Timestamp) -> bool {
    let at_once = now + 15 * SECOND;
    match message.turn {
        _ if message.status != Status::Queued => true,
        Some(_) => message.may_leave(now) && message.wake_at == Some(message.expires_at),
        None => message
            .wake_at
            .is_some_and(|at| at <= message.not_before.max(at_once)),
    }
}

type Change = fn(&mut Message, Timestamp);

const CHANGES: [(&str, Change); 13] = [
    ("take_turn", |it, now| {
        it.take_turn(LATER, now);
    }),
    ("leave_line", |it, now| {
        it.leave_line(now);
    }),
    ("wait_until", |it, now| {
        it.wait_until(now + HOUR, now);
    }),
    ("move home", |it, now| {
        it.move_to(&address(HOME), Some(FIRST), now);
    }),
    ("move away", |it, now| {
        it.move_to(&address(OTHER), Some(LATER), now);
    }),
    ("move without a turn", |it, now| {
        it.move_to(&address("ACME"), None, now);
    }),
    ("claim", |it, now| {
        claim(it, HOME, now);
    }),
    ("put back", |it, now| settle(it, now, now)),
    ("wait", |it, now| settle(it, now + HOUR, now)),
    ("push_alarm", |it, now| {
        let rings = it.wake_at.is_some_and(|at| at <= now);
        if rings && it.next_step(now) == Step::Rest {
            it.push_alarm(now);
        }
    }),
    ("expire", |it, now| {
        it.expire(now);
    }),
    ("delete", |it, now| {
        it.delete(now);
    }),
    ("restored", |it, now| {
        it.doubt(Restored {
            since: now,
            now,
            until: now + SECOND,
        });
    }),
];

fn settle(message: &mut Message, not_before: Timestamp, now: Timestamp) {
    if message.held_by(token()).is_some() {
        put_back(message, not_before, now);
    }
}

#[test]
fn whatever_is_done_to_a_queued_message_somebody_comes_back_to_it() {
    let send_at = Some(NOW + HOUR);
    let scheduled = Message::from(NewMessage { send_at, ..new() });
    let mut all = vec![
        (vec!["new"], NOW, ready()),
        (vec!["in line"], NOW, in_line()),
        (vec!["scheduled"], NOW, scheduled),
    ];
    for _ in 0..3 {
        let mut next = Vec::new();
        for (done, before, message) in &all {
            // At once, and after the wait that the change before may have begun.
            for now in [*before + SECOND, *before + 2 * HOUR] {
                for (name, change) in CHANGES {
                    let mut after = message.clone();
                    change(&mut after, now);
                    let mut done = done.clone();
                    done.push(name);
                    assert!(is_found(&after, now), "{done:?}: {after:?}");
                    next.push((done, now, after));
                }
            }
        }
        all = next;
    }
}
