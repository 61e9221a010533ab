//! The messages that operators retry.

use mysms_core::domain::{MessageId, NewMessage};
use mysms_core::store::{Failures, Inserted};

use super::adapters::Store;
use super::fixtures::{
    OTHER_ACCOUNT, VALIDITY, at, claim, fact, id, message, rejected, sid, text, token, user,
};

/// The failures between two numbers: their ids, and whether they were retried.
async fn failures(store: &Store, after: u64, before: u64, limit: usize) -> Vec<(MessageId, bool)> {
    let page = Failures {
        after: id(after),
        before: id(before),
        limit,
    };
    let found = store.operations.failures(page).await.unwrap();
    let failures = found.iter().map(|failure| {
        assert!(!failure.message.timeline.is_empty(), "it is read whole");
        (failure.message.id, failure.retried)
    });
    failures.collect()
}

async fn failed(store: &Store, number: u64) -> MessageId {
    let id = store.sending(message(number), token(number)).await;
    assert!(store.settle(id, token(number), rejected(), at(1)).await);
    id
}

pub(super) async fn they_are_listed_in_order_and_in_pages(store: &Store) {
    for number in [5, 2, 7, 3, 6] {
        failed(store, number).await;
    }
    let listed = |numbers: &[u64]| -> Vec<_> {
        let listed = numbers.iter().map(|number| (id(*number), false));
        listed.collect()
    };
    assert_eq!(failures(store, 2, 7, 9).await, listed(&[3, 5, 6]));
    assert_eq!(failures(store, 2, 7, 2).await, listed(&[3, 5]));
    assert_eq!(failures(store, 5, 7, 2).await, listed(&[6]));
    assert_eq!(failures(store, 6, 7, 2).await, []);
    assert_eq!(failures(store, 2, 7, 0).await, []);
}

pub(super) async fn only_what_ended_without_success_is_listed(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    let words = [
        "accepted",
        "sent",
        "delivered",
        "canceled",
        "failed",
        "undelivered",
    ];
    for (number, word) in (3..).zip(words) {
        let id = store.accepted(message(number), sid(number)).await;
        store.fact(&fact(id, sid(number), word, at(13))).await;
    }
    let deleted = failed(store, 9).await;
    store.delete(deleted, at(14)).await;
    let of_others = store.insert(NewMessage {
        owner: user(2),
        account: OTHER_ACCOUNT.to_owned(),
        expires_at: at(20),
        ..message(10)
    });
    assert!(store.ledger.expire(of_others.await, at(20)).await.unwrap());
    let listed = [7, 8, 10].map(|number| (id(number), false));
    assert_eq!(failures(store, 0, 99, 99).await, listed);
}

pub(super) async fn a_message_is_retried_once(store: &Store) {
    let (id, other) = (failed(store, 1).await, failed(store, 2).await);
    let first = store.get(id).await.retry(at(30), VALIDITY).unwrap();
    let retry = store.insert(first).await;
    let stored = store.get(retry).await;
    assert_eq!(stored.retry_of, Some(id));
    assert_eq!(stored.body, Some(text("Your code is 1")));
    assert_eq!(failures(store, 0, 9, 9).await, [(id, true), (other, false)]);

    let second = store.get(id).await.retry(at(31), VALIDITY).unwrap();
    let refused = store.ledger.insert(second).await.unwrap();
    assert_eq!(refused, Inserted::KeyUsed(Box::new(stored)));

    assert!(store.claim(retry, claim(token(9), at(30))).await);
    store.delete(retry, at(32)).await;
    let listed = failures(store, 0, 9, 9).await;
    assert_eq!(listed[0], (id, true), "whatever became of the retry");
}
