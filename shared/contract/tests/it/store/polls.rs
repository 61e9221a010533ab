//! Asking the provider for a status that is overdue.

use mysms_core::domain::{NextPoll, Status};

use super::adapters::Store;
use super::fixtures::{at, fact, id, message, millis, sid, token};

pub(super) async fn a_poll_is_taken_when_it_is_due(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    let poll = |now| store.ledger.take_poll(id, now, at(4000));
    let before = store.get(id).await;
    assert_eq!(poll(at(3598) - millis(1)).await.unwrap(), None);
    assert_eq!(store.get(id).await, before);

    let taken = poll(at(3598)).await.unwrap().unwrap();
    assert_eq!(taken, store.get(id).await);
    assert_eq!(
        (taken.not_before, taken.wake_at),
        (at(4000), Some(at(4000)))
    );
    assert_eq!(taken.status, Status::Accepted);
    assert_eq!(
        poll(at(3600)).await.unwrap(),
        None,
        "one worker asks at a time"
    );
}

pub(super) async fn only_an_open_message_is_polled(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    let delivered = store.accepted(message(3), sid(3)).await;
    store
        .fact(&fact(delivered, sid(3), "delivered", at(9)))
        .await;
    store.accepted(message(4), sid(4)).await;
    store.delete(id(4), at(9)).await;
    let ids: Vec<_> = (1..=5).map(id).collect();
    let before = store.documents(&ids).await;
    let next = NextPoll {
        at: Some(at(99_999)),
        polls: 3,
    };
    for id in ids.iter().copied() {
        let taken = store.ledger.take_poll(id, at(9999), at(10_089)).await;
        assert_eq!(taken.unwrap(), None);
        assert!(!store.ledger.next_poll(id, next).await.unwrap());
    }
    assert_eq!(store.documents(&ids).await, before);
}

pub(super) async fn the_next_poll_moves_the_alarm(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    store.fact(&fact(id, sid(1), "sent", at(1))).await;
    let next = NextPoll {
        at: Some(at(5000)),
        polls: 1,
    };
    assert!(store.ledger.next_poll(id, next).await.unwrap());
    let later = store.get(id).await;
    assert_eq!(
        (later.not_before, later.wake_at),
        (at(5000), Some(at(5000)))
    );
    assert_eq!(later.polls, 1);
}

pub(super) async fn a_message_rests_when_the_polls_are_over_and_still_hears_callbacks(
    store: &Store,
) {
    let id = store.accepted(message(1), sid(1)).await;
    let over = NextPoll { at: None, polls: 4 };
    assert!(store.ledger.next_poll(id, over).await.unwrap());
    let resting = store.get(id).await;
    assert_eq!((resting.status, resting.wake_at), (Status::Accepted, None));
    store.fact(&fact(id, sid(1), "delivered", at(99_999))).await;
    assert_eq!(store.get(id).await.status, Status::Delivered);
}
