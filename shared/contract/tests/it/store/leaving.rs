//! Who is to get the answers to what was deleted.

use std::time::Duration;

use mysms_core::domain::{Absence, Exchange, Left, UserId};
use mysms_core::ledger::Adoption;
use mysms_core::store::Kind;

use super::adapters::Store;
use super::conflicts::with;
use super::fixtures::{
    ACCOUNT, LEASE, SENDER, address, at, claim, fact, look_again, message, rejected, sid, token,
    unknown, user,
};

/// Who is noted for the number of [`message`].
async fn noted(store: &Store) -> Vec<UserId> {
    let key = Left::key_of(ACCOUNT, &address("+14155550123"));
    let reading = store.records.record(Kind::Left, &key, at(0)).await;
    let left = reading.unwrap().record;
    let left: Left = left.map_or_else(Left::default, |stored| stored.read().unwrap());
    let senders = [SENDER.to_owned()];
    left.with(&senders).map(|it: Exchange| it.user()).collect()
}

pub(super) async fn the_answer_to_a_deleted_text_is_its_users(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    store.delete(id, at(1)).await;
    assert_eq!(noted(store).await, [user(1)]);
}

pub(super) async fn so_is_that_to_a_text_that_was_deleted_while_it_was_sent(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.delete(id, at(1)).await;
    assert_eq!(noted(store).await, [], "nobody knows yet whether it leaves");
    store.fact(&fact(id, sid(1), "accepted", at(2))).await;
    assert_eq!(noted(store).await, [user(1)]);
    assert_eq!(store.get(id).await.counterpart, None);
}

pub(super) async fn so_is_that_to_one_of_which_a_callback_tells_first(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.delete(id, at(1)).await;
    let ledger = with(store, move |other| async move {
        // The batch meets another version, so the fact is merged by itself.
        let push = other.settle(id, token(1), unknown(), at(2));
        assert!(push.await.unwrap());
    });
    let told = fact(id, sid(1), "delivered", at(2));
    ledger.apply_fact(&told).await.unwrap();
    assert_eq!(noted(store).await, [user(1)]);
}

pub(super) async fn so_is_that_to_one_that_is_found_at_the_provider(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.settle(id, token(1), unknown(), at(1)).await;
    store.delete(id, at(2)).await;
    let later = at(0) + LEASE + Duration::from_mins(10);
    let look = claim(token(2), later);
    assert!(store.take_resolve(id, look).await.is_some());
    let found = fact(id, sid(1), "sent", later);
    let adopted = store.ledger.adopt(id, token(2), &found).await;
    assert_eq!(adopted.unwrap(), Adoption::Adopted);
    assert_eq!(noted(store).await, [user(1)]);
}

pub(super) async fn so_is_that_to_one_that_is_taken_while_it_is_deleted(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let ledger = with(store, move |other| async move {
        let taken = fact(id, sid(1), "accepted", at(1));
        other.apply_fact(&taken).await.unwrap();
    });
    let deleted = ledger.delete(user(1), id, at(2)).await;
    assert!(deleted.unwrap().any());
    assert_eq!(noted(store).await, [user(1)]);
}

pub(super) async fn nothing_is_noted_of_what_reached_nobody(store: &Store) {
    let waiting = store.insert(message(1)).await;
    store.delete(waiting, at(1)).await;
    let refused = store.sending(message(2), token(2)).await;
    store.delete(refused, at(1)).await;
    store.settle(refused, token(2), rejected(), at(2)).await;
    let lost = store.sending(message(3), token(3)).await;
    store.settle(lost, token(3), unknown(), at(1)).await;
    store.delete(lost, at(2)).await;
    let later = at(0) + LEASE + Duration::from_mins(10);
    let look = claim(token(4), later);
    assert!(store.take_resolve(lost, look).await.is_some());
    let again = look_again(Absence::NotInList, later);
    store.settle(lost, token(4), again, later).await;
    assert_eq!(noted(store).await, []);
}

pub(super) async fn nothing_is_noted_of_a_user_who_leaves(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    let gone = store.ledger.delete_everywhere(user(1), at(1)).await;
    assert_eq!(gone.unwrap(), 1);
    assert_eq!(store.get(id).await.counterpart, None);
    assert_eq!(noted(store).await, []);
}
