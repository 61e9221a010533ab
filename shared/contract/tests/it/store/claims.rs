//! Claiming messages in order to send them.

use std::collections::BTreeMap;

use mysms_core::domain::{Absence, Claimant, Event, Lease, MessageId, NewMessage, Status};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, BY, LEASE, OTHER_ACCOUNT, at, claim, id, look_again, message, millis, not_sent, race,
    sid, token,
};

pub(super) async fn a_claim_begins_an_attempt(store: &Store) {
    let id = store.insert(message(1)).await;
    let claimed = store
        .ledger
        .claim(&[id], BY, claim(token(1), at(3)))
        .await
        .unwrap();
    assert_eq!(claimed, store.documents(&[id]).await);
    let stored = store.get(id).await;
    assert_eq!(stored.status, Status::Sending);
    let lease = Lease {
        token: Some(token(1)),
        until: at(3) + LEASE,
    };
    assert_eq!(stored.lease, Some(lease));
    assert_eq!(stored.wake_at, Some(lease.until));
    assert_eq!(stored.attempts, 1);
    assert_eq!(stored.first_attempt_at, Some(at(3)));
    assert_eq!(stored.last_claim_at, Some(at(3)));
    assert_eq!(stored.timeline.last().unwrap().event, Event::Attempt);
}

pub(super) async fn one_of_twenty_racing_tasks_wins(store: &Store) {
    let id = store.insert(message(1)).await;
    let won = race(|number| {
        let ledger = store.ledger.clone();
        async move {
            let terms = claim(token(number), at(1));
            let claimed = ledger.claim(&[id], BY, terms).await.unwrap();
            claimed
                .first()
                .map(|message| (terms.token, message.clone()))
        }
    })
    .await;
    let won: Vec<_> = won.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let (token, claimed) = &won[0];
    let stored = store.get(id).await;
    assert_eq!(&stored, claimed);
    assert_eq!(stored.lease.unwrap().token, Some(*token));
    assert_eq!(stored.attempts, 1);
}

pub(super) async fn each_message_of_twenty_racing_batches_is_won_once(store: &Store) {
    let ids: Vec<_> = (1..=12).map(id).collect();
    for number in 1..=12 {
        store.insert(message(number)).await;
    }
    let won = race(|number| {
        let ledger = store.ledger.clone();
        let mut batch = ids.clone();
        batch.rotate_left(usize::try_from(number).unwrap() % 12);
        batch.truncate(8);
        async move {
            let terms = claim(token(number), at(1));
            let claimed = ledger.claim(&batch, BY, terms).await.unwrap();
            assert!(claimed.iter().all(|message| batch.contains(&message.id)));
            let won = claimed.into_iter();
            won.map(|message| (message.id, terms.token))
                .collect::<Vec<_>>()
        }
    })
    .await;
    let count: usize = won.iter().map(Vec::len).sum();
    let winners: BTreeMap<_, _> = won.into_iter().flatten().collect();
    assert_eq!(count, ids.len(), "each is won once");
    for message in store.documents(&ids).await {
        assert_eq!(
            message.lease.unwrap().token,
            winners.get(&message.id).copied()
        );
        assert_eq!(message.attempts, 1);
    }
}

pub(super) async fn a_message_named_twice_in_a_batch_is_answered_once(store: &Store) {
    let id = store.insert(message(1)).await;
    for _ in 0..2 {
        let claimed = store
            .ledger
            .claim(&[id, id], BY, claim(token(1), at(1)))
            .await;
        assert_eq!(claimed.unwrap().len(), 1, "or it would be sent twice");
    }
}

pub(super) async fn each_message_of_a_batch_is_judged_alone(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(7)).await;
    store.insert(message(3)).await;
    store.delete(id(3), at(1)).await;
    store.accepted(message(4), sid(4)).await;
    store.insert(message(5)).await;
    let batch: Vec<_> = (1..=6).map(id).collect();
    let untouched = store.documents(&batch[1..4]).await;
    assert_eq!(claimed(store, &batch, ACCOUNT).await, [id(1), id(5)]);
    assert_eq!(store.documents(&batch[1..4]).await, untouched);
}

/// Claims at ten seconds; tells which ids were won.
async fn claimed(store: &Store, ids: &[MessageId], account: &str) -> Vec<MessageId> {
    let by = Claimant { account, ..BY };
    let terms = claim(token(1), at(10));
    let claimed = store.ledger.claim(ids, by, terms).await.unwrap();
    let mut ids: Vec<_> = claimed.iter().map(|message| message.id).collect();
    ids.sort();
    ids
}

pub(super) async fn a_message_is_claimed_two_seconds_early_at_most(store: &Store) {
    let later = NewMessage {
        send_at: Some(at(12) + millis(1)),
        ..message(1)
    };
    let soon = NewMessage {
        send_at: Some(at(12)),
        ..message(2)
    };
    let ids = [store.insert(later).await, store.insert(soon).await];
    assert_eq!(claimed(store, &ids, ACCOUNT).await, [id(2)]);
}

pub(super) async fn a_message_with_five_seconds_left_is_not_claimed(store: &Store) {
    let too_late = NewMessage {
        expires_at: at(15),
        ..message(1)
    };
    let in_time = NewMessage {
        expires_at: at(15) + millis(1),
        ..message(2)
    };
    let ids = [store.insert(too_late).await, store.insert(in_time).await];
    assert_eq!(claimed(store, &ids, ACCOUNT).await, [id(2)]);
    assert!(!store.ledger.expire(id(2), at(10)).await.unwrap());
    assert!(
        store.ledger.expire(id(1), at(10)).await.unwrap(),
        "it is expired instead"
    );
    let expired = store.get(id(1)).await;
    assert_eq!(expired.status, Status::Failed);
    assert_eq!(expired.error_code.as_deref(), Some("expired"));
    assert_eq!(expired.wake_at, None);
}

pub(super) async fn only_a_queued_message_expires(store: &Store) {
    let short = |number| NewMessage {
        expires_at: at(60),
        ..message(number)
    };
    store.sending(short(1), token(1)).await;
    store.accepted(short(2), sid(2)).await;
    let ids = [id(1), id(2)];
    let before = store.documents(&ids).await;
    for id in ids {
        assert!(!store.ledger.expire(id, at(9999)).await.unwrap());
    }
    assert!(!store.ledger.expire(id(9), at(9999)).await.unwrap());
    assert_eq!(store.documents(&ids).await, before);
}

pub(super) async fn another_accounts_messages_are_left_alone(store: &Store) {
    let of_another = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..message(1)
    };
    let ids = [
        store.insert(of_another).await,
        store.insert(message(2)).await,
    ];
    assert_eq!(claimed(store, &ids, ACCOUNT).await, [id(2)]);
    assert_eq!(store.get(id(1)).await.status, Status::Queued);
}

pub(super) async fn a_deleted_message_is_not_claimed(store: &Store) {
    let id = store.insert(message(1)).await;
    store.delete(id, at(1)).await;
    assert!(claimed(store, &[id], ACCOUNT).await.is_empty());
}

/// The window of the provider's list begins with the first attempt; the looks begin anew.
pub(super) async fn a_new_attempt_forgets_the_looks_but_not_the_first_start(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store
        .settle(id, token(1), look_again(Absence::NotInList, at(90)), at(60))
        .await;
    store
        .take_resolve(id, claim(token(2), at(90)))
        .await
        .unwrap();
    assert_eq!(store.get(id).await.unseen, 1);
    assert!(
        store
            .settle(id, token(2), not_sent(at(91), at(91)), at(91))
            .await
    );
    assert!(store.claim(id, claim(token(3), at(100))).await);
    let again = store.get(id).await;
    assert_eq!(again.unseen, 0);
    assert_eq!(again.attempts, 2);
    assert_eq!(again.first_attempt_at, Some(at(0)));
    assert_eq!(again.last_claim_at, Some(at(100)));
}

/// A worker whose clock is behind must not make the window begin too late.
pub(super) async fn the_earliest_start_counts_whatever_the_clocks(store: &Store) {
    let id = store.insert(message(1)).await;
    assert!(store.claim(id, claim(token(1), at(10))).await);
    assert!(
        store
            .settle(id, token(1), not_sent(at(0), at(11)), at(11))
            .await
    );
    assert!(store.claim(id, claim(token(2), at(8))).await);
    assert_eq!(store.get(id).await.first_attempt_at, Some(at(8)));
}

pub(super) async fn a_claim_notes_from_where_the_text_is_sent(store: &Store) {
    let id = store.insert(message(1)).await;
    let elsewhere = Claimant {
        sender: "+15005550009",
        ..BY
    };
    let terms = claim(token(1), at(3));
    let claimed = store.ledger.claim(&[id], elsewhere, terms).await.unwrap();
    assert_eq!(claimed[0].sender.as_deref(), Some("+15005550009"));
    // A repeat finds what is claimed already, and changes nothing.
    let again = store.ledger.claim(&[id], BY, terms).await.unwrap();
    assert_eq!(again, claimed);
    assert_eq!(store.get(id).await, claimed[0]);
}
