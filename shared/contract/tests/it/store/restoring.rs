//! A ledger restored from a backup: what was open may have been sent since.

use mysms_core::domain::{
    Absence, Event, Lane, Lease, LeaseToken, MessageId, NewMessage, Restored, Settlement, Status,
    Timestamp,
};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, LEASE, OTHER_ACCOUNT, at, claim, fact, id, look_again, message, millis, not_sent, sid,
    token,
};

/// The backup was begun in the 100th second and is restored in the 1000th.
const NOW: u64 = 1000;

pub(super) fn restored() -> Restored {
    Restored {
        since: at(100),
        now: at(NOW),
        until: first_look(),
    }
}

fn first_look() -> Timestamp {
    at(NOW) + LEASE
}

pub(super) async fn doubt(store: &Store, limit: usize) -> u64 {
    store.ledger.doubt(restored(), limit).await.unwrap()
}

fn sent_at(number: u64, seconds: u64) -> NewMessage {
    NewMessage {
        sent_at: at(seconds),
        ..message(number)
    }
}

pub(super) async fn what_was_waiting_becomes_a_doubt(store: &Store) {
    let before = store.insert(sent_at(1, 40)).await;
    let during = store.insert(sent_at(2, 120)).await;
    let tried = store.sending(sent_at(3, 40), token(3)).await;
    assert!(
        store
            .settle(tried, token(3), not_sent(at(60), at(50)), at(50))
            .await
    );
    assert_eq!(doubt(store, 9).await, 3);

    // The window begins where the first attempt can have been that the backup does not know of.
    for (id, window, attempts) in [(before, 100, 0), (during, 120, 0), (tried, 0, 1)] {
        let message = store.get(id).await;
        let until = first_look();
        assert_eq!(message.status, Status::Sending);
        assert_eq!(message.lease, Some(Lease { token: None, until }));
        assert_eq!(message.wake_at, Some(until));
        assert_eq!(message.first_attempt_at, Some(at(window)));
        assert_eq!(message.last_claim_at, Some(at(NOW)));
        assert_eq!((message.unseen, message.attempts), (0, attempts));
        let last = message.timeline.last().unwrap();
        assert_eq!((last.at, last.event), (at(NOW), Event::Restored));
        assert_eq!(last.status, Some(Status::Sending));
        assert_eq!(message.updated_at, at(NOW));
    }
}

pub(super) async fn what_was_being_sent_is_looked_for_anew(store: &Store) {
    let held = store.sending(message(1), token(1)).await;
    let looked_for = store.sending(message(2), token(2)).await;
    let look = store
        .take_resolve(looked_for, claim(token(3), at(90)))
        .await;
    assert!(look.is_some());
    let absent = look_again(Absence::NotInList, at(130));
    assert!(store.settle(looked_for, token(3), absent, at(100)).await);
    assert_eq!(store.get(looked_for).await.unseen, 1);
    let deleted = store.sending(message(4), token(4)).await;
    store.delete(deleted, at(5)).await;

    assert_eq!(doubt(store, 9).await, 3);
    for id in [held, looked_for, deleted] {
        let message = store.get(id).await;
        let until = first_look();
        assert_eq!(message.lease, Some(Lease { token: None, until }));
        assert_eq!(message.first_attempt_at, Some(at(0)), "it was tried before");
        assert_eq!(message.last_claim_at, Some(at(NOW)));
        assert_eq!(message.unseen, 0, "it may have been sent since the look");
    }
    let late = store.settle(held, token(1), not_sent(at(60), at(50)), at(50));
    assert!(!late.await, "the lease was another world's");
}

pub(super) async fn a_doubt_is_settled_by_the_list(store: &Store) {
    let sent = store.insert(message(1)).await;
    let lost = store.insert(message(2)).await;
    assert_eq!(doubt(store, 9).await, 2);
    let early = first_look() - millis(1);
    assert!(!store.claim(lost, claim(token(1), early)).await);
    assert!(
        store
            .take_resolve(lost, claim(token(1), early))
            .await
            .is_none()
    );

    let take = async |id: MessageId, token: LeaseToken, now| {
        let taken = store.take_resolve(id, claim(token, now)).await;
        assert!(taken.is_some());
    };
    take(sent, token(2), first_look()).await;
    let listed = fact(sent, sid(1), "delivered", first_look());
    store.ledger.adopt(sent, token(2), &listed).await.unwrap();
    assert_eq!(store.get(sent).await.status, Status::Delivered);

    let now = first_look();
    take(lost, token(3), now).await;
    assert!(
        !store
            .settle(lost, token(3), Settlement::RequeueAbsent, now)
            .await
    );
    let absent = look_again(Absence::NotInList, now);
    assert!(store.settle(lost, token(3), absent, now).await);
    take(lost, token(4), now).await;
    assert!(
        store
            .settle(lost, token(4), Settlement::RequeueAbsent, now)
            .await
    );
    assert!(store.claim(lost, claim(token(5), now)).await);
}

pub(super) async fn what_cannot_have_been_sent_keeps_waiting(store: &Store) {
    let scheduled = |number, send_at| NewMessage {
        send_at: Some(send_at),
        ..message(number)
    };
    let later = store.insert(scheduled(1, first_look() + millis(1))).await;
    let sooner = store.insert(scheduled(2, first_look())).await;
    let before = store.get(later).await;
    assert_eq!(doubt(store, 9).await, 1);
    assert_eq!(store.get(later).await, before);
    assert_eq!(store.get(sooner).await.status, Status::Sending);
}

pub(super) async fn nothing_else_is_doubted(store: &Store) {
    let accepted = store.accepted(message(1), sid(1)).await;
    let failed = store.accepted(message(2), sid(2)).await;
    store.fact(&fact(failed, sid(2), "failed", at(5))).await;
    let deleted = store.insert(message(3)).await;
    store.delete(deleted, at(5)).await;
    let ids = [accepted, failed, deleted];
    let before = store.documents(&ids).await;
    assert_eq!(doubt(store, 9).await, 0);
    assert_eq!(store.documents(&ids).await, before);
}

pub(super) async fn every_account_is_doubted_batch_by_batch(store: &Store) {
    for number in 1..=5 {
        let account = if number % 2 == 0 {
            ACCOUNT
        } else {
            OTHER_ACCOUNT
        };
        let account = account.to_owned();
        let new = NewMessage {
            account,
            ..message(number)
        };
        if number == 5 {
            store.sending(new, token(5)).await;
        } else {
            store.insert(new).await;
        }
    }
    assert_eq!(doubt(store, 2).await, 2);
    assert_eq!(doubt(store, 2).await, 2);
    assert_eq!(doubt(store, 2).await, 1);
    assert_eq!(doubt(store, 2).await, 0);
    let due = |account| store.ledger.due(account, Lane::Resolve, first_look(), 9);
    let mut found = due(ACCOUNT).await.unwrap();
    found.extend(due(OTHER_ACCOUNT).await.unwrap());
    found.sort();
    assert_eq!(found, [1, 2, 3, 4, 5].map(id));
}
