//! Without the current token nothing but a fact changes a message.

use mysms_core::domain::{Absence, LeaseToken, MessageId, Settlement};
use mysms_core::ledger::Adoption;

use super::adapters::Store;
use super::fixtures::{
    at, claim, fact, look_again, message, not_sent, rejected, sid, token, unknown,
};

/// Every settlement, with its own condition fulfilled.
pub(super) fn every_settlement() -> [Settlement; 8] {
    [
        rejected(),
        not_sent(at(300), at(200)),
        unknown(),
        look_again(Absence::NotInList, at(300)),
        look_again(Absence::Unclear, at(300)),
        Settlement::OptedOut,
        Settlement::RequeueAbsent,
        Settlement::GiveUp {
            expired_before: at(999_999),
        },
    ]
}

pub(super) async fn the_old_holder_of_a_lease_is_refused(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .settle(id, token(1), look_again(Absence::NotInList, at(90)), at(60))
        .await;
    store
        .take_resolve(id, claim(token(2), at(90)))
        .await
        .unwrap();
    assert_refused(store, id, token(1)).await;
}

pub(super) async fn nobody_holds_a_message_between_two_looks(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .settle(id, token(1), look_again(Absence::NotInList, at(90)), at(60))
        .await;
    assert_refused(store, id, token(1)).await;
}

pub(super) async fn a_token_of_another_message_is_refused(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.sending(message(2), token(2)).await;
    assert_refused(store, id, token(2)).await;
}

pub(super) async fn a_message_that_is_not_being_sent_is_held_by_nobody(store: &Store) {
    let queued = store.sending(message(1), token(1)).await;
    assert!(
        store
            .settle(queued, token(1), not_sent(at(9), at(8)), at(8))
            .await
    );
    let accepted = store.sending(message(2), token(1)).await;
    store.fact(&fact(accepted, sid(2), "accepted", at(1))).await;
    for id in [queued, accepted] {
        assert_refused(store, id, token(1)).await;
    }
}

async fn assert_refused(store: &Store, id: MessageId, token: LeaseToken) {
    let before = store.get(id).await;
    for settlement in every_settlement() {
        let refused = !store.settle(id, token, settlement.clone(), at(200)).await;
        assert!(refused, "{settlement:?}");
    }
    let found = fact(id, sid(77), "accepted", at(200));
    let adoption = store.ledger.adopt(id, token, &found).await.unwrap();
    assert_eq!(adoption, Adoption::NotHeld);
    assert_eq!(store.get(id).await, before);
}
