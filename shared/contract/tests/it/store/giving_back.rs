//! Turns that are given back, because their texts will not be sent, or not from there.

use std::collections::HashMap;
use std::time::Duration;

use mysms_core::domain::{Class, MessageId, NewMessage, Turn, Weight};
use mysms_core::store::{Mover, QueueId};

use super::adapters::Store;
use super::fixtures::{
    BY, OTHER_SENDER, SENDER, VALIDITY, at, claim, fact, id, in_line, message, queue, sid, text,
    token, turn, user,
};
use super::opting_out::stop;
use super::waiting::address;

/// Two segments.
fn long(number: u64) -> NewMessage {
    NewMessage {
        body: text(&"a".repeat(200)),
        class: Class::Bulk,
        ..message(number)
    }
}

fn line() -> QueueId {
    queue(SENDER, Class::Bulk)
}

/// Stores a long text of the first user with the turn that it gets.
async fn enter(store: &Store, number: u64) -> MessageId {
    store.turns.enter(&line(), 2).await.unwrap();
    let mover = Mover {
        user: user(1),
        weight: Weight::ONE,
        segments: 2,
        from: turn(0),
    };
    let turn = store.turns.move_end(&line(), &mover, at(0)).await.unwrap();
    let new = NewMessage {
        turn: Some(turn),
        ..long(number)
    };
    store.insert(new).await
}

/// How many segments wait, and how far the first user's turns reach.
async fn line_of(store: &Store) -> (u64, Turn) {
    let (standing, reaches) = store.turns.queue(&line()).await.unwrap();
    assert_eq!(standing.virtual_time, turn(0), "nothing was sent");
    let end = reaches.first().map_or(turn(0), |reach| reach.end);
    (standing.waiting(), end)
}

pub(super) async fn what_will_not_be_sent_gives_its_turn_back(store: &Store) {
    for number in 1..=4 {
        enter(store, number).await;
    }
    assert_eq!(line_of(store).await, (8, turn(8)));
    store.ledger.cancel(user(1), id(1), at(1)).await.unwrap();
    assert_eq!(line_of(store).await, (6, turn(6)));
    assert!(
        store
            .ledger
            .delete(user(1), id(2), at(1))
            .await
            .unwrap()
            .any()
    );
    assert_eq!(line_of(store).await, (4, turn(4)));
    let late = at(0) + VALIDITY;
    assert!(store.ledger.expire(id(3), late).await.unwrap());
    assert_eq!(line_of(store).await, (2, turn(2)));
    enter(store, 5).await;
    let read = store.documents(&[id(3), id(5)]).await;
    let expired = store.ledger.expire_these(read, late).await;
    assert_eq!(expired.unwrap().len(), 1);
    assert_eq!(line_of(store).await, (2, turn(2)));

    // Nothing is given back twice.
    store.ledger.cancel(user(1), id(1), at(2)).await.unwrap();
    store.ledger.delete(user(1), id(1), at(2)).await.unwrap();
    assert!(!store.ledger.expire(id(3), late).await.unwrap());
    store.ledger.delete(user(1), id(3), at(2)).await.unwrap();
    assert_eq!(line_of(store).await, (2, turn(2)));
}

pub(super) async fn what_is_refused_or_deleted_together_gives_all_turns_back(store: &Store) {
    for number in 1..=3 {
        enter(store, number).await;
    }
    store.opt_outs.note(&stop(5), at(5)).await.unwrap();
    assert_eq!(store.refuse_queued(&stop(5), at(5), 2).await.len(), 2);
    assert_eq!(line_of(store).await, (2, turn(2)));
    enter(store, 4).await;
    assert_eq!(
        store
            .ledger
            .delete_all(user(1), at(6))
            .await
            .unwrap()
            .messages,
        4
    );
    assert_eq!(line_of(store).await, (0, turn(0)));
}

pub(super) async fn what_waits_or_moves_gives_its_turn_back(store: &Store) {
    let ids = [enter(store, 1).await, enter(store, 2).await];
    let messages = store.documents(&ids[..1]).await;
    let open = HashMap::from([(ids[0], at(3600))]);
    let waits = store.ledger.wait_until(messages, &open, at(1)).await;
    assert_eq!(waits.unwrap().len(), 1);
    assert_eq!(line_of(store).await, (2, turn(2)));

    let messages = store.documents(&ids).await;
    let there = (address(OTHER_SENDER), Some(turn(0)));
    let moves = HashMap::from(ids.map(|id| (id, there.clone())));
    let leaving = store.ledger.move_to(messages, &moves, at(2)).await;
    assert_eq!(leaving.unwrap().len(), 2);
    assert_eq!(line_of(store).await, (0, turn(0)));
    let third = vec![store.get(enter(store, 3).await).await];
    let freed = store.ledger.leave_lines(third, at(3)).await;
    assert_eq!(freed.unwrap().len(), 1);
    assert_eq!(line_of(store).await, (0, turn(0)));
    let (there, _) = store
        .turns
        .queue(&queue(OTHER_SENDER, Class::Bulk))
        .await
        .unwrap();
    assert_eq!(there.left, 0, "they wait there");
}

pub(super) async fn what_was_sent_or_had_no_turn_gives_nothing_back(store: &Store) {
    for number in 1..=2 {
        let read = vec![store.get(enter(store, number).await).await];
        let terms = claim(token(number), at(1));
        let claimed = store.ledger.claim_these(read, BY, terms).await;
        assert_eq!(claimed.unwrap().len(), 1);
    }
    store.fact(&fact(id(1), sid(1), "accepted", at(2))).await;
    store.insert(long(3)).await;
    store.insert(in_line(4, 0)).await;
    let before = line_of(store).await;
    for number in 1..=4 {
        store
            .delete(id(number), at(3) + Duration::from_secs(number))
            .await;
    }
    assert_eq!(line_of(store).await, before);
    let (standing, _) = store
        .turns
        .queue(&queue(SENDER, Class::Transactional))
        .await
        .unwrap();
    assert_eq!(standing.left, 1, "the fourth was in another class");
}
