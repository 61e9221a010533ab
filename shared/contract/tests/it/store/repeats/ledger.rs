//! Accepting and delivering messages.

use mysms_core::domain::{Absence, LeaseToken, MessageId, NewMessage, NextPoll};
use mysms_core::ledger::{Adoption, FactOutcome};
use mysms_core::store::Inserted;

use super::{documents, twice};
use crate::store::adapters::Store;
use crate::store::fixtures::{
    BY, at, claim, fact, id, idempotency, look_again, message, not_sent, sid, token, user,
};
use crate::store::holding::every_settlement;

pub(in crate::store) async fn repeat_insert_is_harmless(store: &Store) {
    let with_key = || NewMessage {
        idempotency: Some(idempotency("order-17")),
        ..message(1)
    };
    let insert = async || store.ledger.insert(with_key()).await.unwrap();
    let answers = twice(store, insert).await;
    assert_eq!(answers, (Inserted::Stored, Inserted::Stored));

    let claimed = store.claim(id(1), claim(token(1), at(1))).await;
    assert!(claimed);
    let sending = documents(store).await;
    assert_eq!(insert().await, Inserted::Stored, "whatever happened since");
    assert_eq!(documents(store).await, sending);

    store.delete(id(1), at(2)).await;
    let deleted = documents(store).await;
    assert_eq!(insert().await, Inserted::Stored);
    assert_eq!(documents(store).await, deleted);
}

pub(in crate::store) async fn repeat_claim_is_harmless(store: &Store) {
    let ids = [
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    ];
    let claim = async || {
        let terms = claim(token(1), at(1));
        let mut claimed = store.ledger.claim(&ids, BY, terms).await.unwrap();
        claimed.sort_by_key(|message| message.id);
        claimed
    };
    let (first, second) = twice(store, claim).await;
    assert_eq!(first.len(), 2);
    assert_eq!(first, second, "it tells what the token holds");
}

pub(in crate::store) async fn repeat_expire_is_harmless(store: &Store) {
    let short = NewMessage {
        expires_at: at(60),
        ..message(1)
    };
    let id = store.insert(short).await;
    twice(store, async || {
        store.ledger.expire(id, at(60)).await.unwrap()
    })
    .await;
}

/// A message held by a token, with one fruitless look behind it.
async fn looked_for_once(store: &Store, number: u64) -> (MessageId, LeaseToken) {
    let (first, second) = (token(number), token(number + 100));
    let id = store.sending(message(number), first).await;
    let absent = look_again(Absence::NotInList, at(90));
    assert!(store.settle(id, first, absent, at(80)).await);
    assert!(
        store
            .take_resolve(id, claim(second, at(90)))
            .await
            .is_some()
    );
    (id, second)
}

pub(in crate::store) async fn repeat_settle_is_harmless(store: &Store) {
    for (number, settlement) in (1..).zip(every_settlement()) {
        let (id, token) = looked_for_once(store, number).await;
        let settle = async || store.settle(id, token, settlement.clone(), at(200)).await;
        let (first, _) = twice(store, settle).await;
        assert!(first, "{settlement:?}");
    }
}

/// The answer to the first may be late: another may have gone on meanwhile.
pub(in crate::store) async fn repeat_settle_is_harmless_after_a_new_claim(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let settle = async || {
        let again = not_sent(at(5), at(5));
        store.settle(id, token(1), again, at(5)).await
    };
    assert!(settle().await);
    assert!(store.claim(id, claim(token(2), at(5))).await);
    let claimed = documents(store).await;
    assert!(!settle().await);
    assert_eq!(documents(store).await, claimed);
}

pub(in crate::store) async fn repeat_apply_fact_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    for word in ["accepted", "sent", "undelivered", "delivered"] {
        let said = fact(id, sid(1), word, at(5));
        twice(store, async || store.fact(&said).await).await;
    }
}

pub(in crate::store) async fn repeat_surplus_fact_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    for word in ["accepted", "failed", "delivered"] {
        let said = fact(id, sid(2), word, at(5));
        let (_, second) = twice(store, async || store.fact(&said).await).await;
        let taken_twice = false;
        let owner = user(1);
        let known = FactOutcome::Surplus {
            id,
            owner,
            taken_twice,
        };
        assert_eq!(second, known);
    }
}

pub(in crate::store) async fn repeat_take_resolve_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let take = async || store.take_resolve(id, claim(token(2), at(90))).await;
    let (first, second) = twice(store, take).await;
    assert!(first.is_some());
    assert_eq!(first, second);
}

pub(in crate::store) async fn repeat_adopt_is_harmless(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let listed = fact(id, sid(1), "sent", at(5));
    let adopt = async || store.ledger.adopt(id, token(1), &listed).await.unwrap();
    let (first, _) = twice(store, adopt).await;
    assert_eq!(first, Adoption::Adopted);
}

pub(in crate::store) async fn repeat_take_poll_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    let take = async || {
        store
            .ledger
            .take_poll(id, at(3600), at(3690))
            .await
            .unwrap()
    };
    twice(store, take).await;
}

pub(in crate::store) async fn repeat_next_poll_is_harmless(store: &Store) {
    let id = store.accepted(message(1), sid(1)).await;
    for (polls, at) in [(1, Some(at(9000))), (2, None)] {
        let next = NextPoll { at, polls };
        let answers = twice(store, async || {
            store.ledger.next_poll(id, next).await.unwrap()
        });
        assert_eq!(answers.await, (true, true));
    }
    assert_eq!(store.get(id).await.polls, 2);
}
