//! Canceling messages.

use mysms_core::domain::{Event, MessageId, Status};
use mysms_core::ledger::Cancel;

use super::adapters::Store;
use super::fixtures::{at, claim, fact, id, message, not_sent, sid, token, user};

async fn cancel(store: &Store, id: MessageId) -> Cancel {
    store.ledger.cancel(user(1), id, at(5)).await.unwrap()
}

pub(super) async fn a_queued_message_is_canceled_and_stays_in_the_history(store: &Store) {
    let id = store.insert(message(1)).await;
    let canceled = cancel(store, id).await;
    let stored = store.get(id).await;
    assert_eq!(canceled, Cancel::Canceled(Box::new(stored.clone())));
    assert_eq!(stored.status, Status::Canceled);
    assert_eq!(stored.wake_at, None);
    assert_eq!(stored.updated_at, at(5));
    assert_eq!(stored.timeline.last().unwrap().event, Event::Canceled);
    assert!(stored.body.is_some(), "it is canceled, not deleted");
    assert!(store.history.find(user(1), id).await.unwrap().is_some());
    assert!(
        !store.claim(id, claim(token(1), at(6))).await,
        "it is not sent"
    );
}

pub(super) async fn canceling_twice_answers_the_same(store: &Store) {
    let id = store.insert(message(1)).await;
    let first = cancel(store, id).await;
    assert_eq!(cancel(store, id).await, first);
}

pub(super) async fn a_message_put_back_in_the_queue_can_be_canceled(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    assert!(
        store
            .settle(id, token(1), not_sent(at(60), at(2)), at(2))
            .await
    );
    assert!(matches!(cancel(store, id).await, Cancel::Canceled(_)));
}

pub(super) async fn it_is_too_late_once_a_worker_has_claimed_it(store: &Store) {
    let sending = store.sending(message(1), token(1)).await;
    let accepted = store.accepted(message(2), sid(2)).await;
    let delivered = store.accepted(message(3), sid(3)).await;
    store
        .fact(&fact(delivered, sid(3), "delivered", at(2)))
        .await;
    for id in [sending, accepted, delivered] {
        let before = store.get(id).await;
        assert_eq!(cancel(store, id).await, Cancel::TooLate);
        assert_eq!(store.get(id).await, before);
    }
}

pub(super) async fn what_is_deleted_or_unknown_is_not_found(store: &Store) {
    let deleted = store.insert(message(1)).await;
    store.delete(deleted, at(1)).await;
    assert_eq!(cancel(store, deleted).await, Cancel::NotFound);
    assert_eq!(cancel(store, id(9)).await, Cancel::NotFound);
}
