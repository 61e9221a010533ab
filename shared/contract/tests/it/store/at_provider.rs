//! What was deleted is erased at the provider too, if that is wanted.

use std::time::Duration;

use mysms_core::domain::{Event, LOOKED_BACK, Lane, MessageId, NewMessage, Timestamp};
use mysms_core::ledger::Ledger;
use mysms_core::store::LaneStanding;

use super::adapters::Store;
use super::conversations::{ANNA, inbound, receive};
use super::fixtures::{
    ACCOUNT, OTHER_ACCOUNT, at, claim, fact, id, message, not_sent, number, sid, token, user,
};

/// How long after a SID was recorded its text may be erased.
const AFTER: Duration = Duration::from_mins(1);

pub(super) fn erasing(store: &Store) -> Ledger {
    store.ledger.clone().erasing(Some(AFTER))
}

async fn due(store: &Store, lane: Lane, now: u64) -> Vec<MessageId> {
    let due = store.ledger.due(ACCOUNT, lane, at(now), 9);
    due.await.unwrap()
}

/// A message that was delivered and deleted while that was to be erased.
pub(super) async fn deleted(store: &Store, named: u64) -> MessageId {
    let id = store.accepted(message(named), sid(named)).await;
    store.fact(&fact(id, sid(named), "delivered", at(2))).await;
    assert!(
        erasing(store)
            .delete(user(1), id, at(5))
            .await
            .unwrap()
            .any()
    );
    id
}

pub(super) async fn what_rests_deleted_is_due_in_a_lane_of_its_own(store: &Store) {
    store.accepted(message(1), sid(1)).await;
    store.insert(message(2)).await;
    store.sending(message(3), token(3)).await;
    store.accepted(message(4), sid(4)).await;
    receive(store, &inbound(5, ANNA)).await;
    let ledger = erasing(store);
    for named in 1..=3 {
        assert!(
            ledger
                .delete(user(1), id(named), at(5))
                .await
                .unwrap()
                .any()
        );
    }
    let received = store.get(id(5)).await.owner;
    assert!(ledger.delete(received, id(5), at(70)).await.unwrap().any());
    // A time after each SID was recorded, and not before it was deleted.
    assert_eq!(due(store, Lane::Erase, 59).await, []);
    assert_eq!(due(store, Lane::Erase, 60).await, [id(1)]);
    assert_eq!(due(store, Lane::Erase, 69).await, [id(1)]);
    assert_eq!(due(store, Lane::Erase, 70).await, [id(1), id(5)]);
    for lane in [Lane::Send, Lane::Resolve] {
        assert!(!due(store, lane, 9_999).await.contains(&id(1)), "{lane:?}");
    }
    assert_eq!(due(store, Lane::Poll, 9_999).await, [id(4)]);
    // What was never taken has nothing to be erased; what was in doubt has, once that is known.
    ledger
        .apply_fact(&fact(id(3), sid(3), "accepted", at(80)))
        .await
        .unwrap();
    assert_eq!(due(store, Lane::Erase, 139).await, [id(1), id(5)]);
    assert_eq!(due(store, Lane::Erase, 140).await, [id(1), id(5), id(3)]);
    assert_eq!(store.get(id(2)).await.erase_at, None);
    let standing = store.operations.standing(at(75), at(0)).await.unwrap();
    let lane = LaneStanding {
        lane: Lane::Erase,
        waiting: 3,
        oldest_due: Some(at(60)),
    };
    assert_eq!(standing[0].lanes[3], lane);
}

pub(super) async fn a_lane_with_nothing_else_has_a_standing(store: &Store) {
    deleted(store, 1).await;
    let standing = store.operations.standing(at(10), at(0)).await.unwrap();
    let waiting: Vec<_> = standing[0].lanes.iter().map(|lane| lane.waiting).collect();
    assert_eq!((standing.len(), &waiting[..]), (1, &[0, 0, 0, 1][..]));
    let none: Vec<String> = Vec::new();
    assert_eq!(store.upkeep.open_accounts().await.unwrap(), none);
}

pub(super) async fn nothing_is_due_unless_it_is_wanted(store: &Store) {
    store.accepted(message(1), sid(1)).await;
    store.delete(id(1), at(5)).await;
    let late = fact(id(1), sid(1), "delivered", at(6));
    erasing(store).apply_fact(&late).await.unwrap();
    assert_eq!(due(store, Lane::Erase, 9_999).await, []);
}

pub(super) async fn all_ways_to_delete_are_followed_by_it(store: &Store) {
    for named in 1..=2 {
        store.accepted(message(named), sid(named)).await;
        let delivered = fact(id(named), sid(named), "delivered", at(2));
        store.fact(&delivered).await;
    }
    let ledger = erasing(store);
    let old = mysms_core::ledger::Old {
        after: MessageId::boundary(Timestamp::EPOCH),
        before: at(9),
        limit: 1,
    };
    assert_eq!(ledger.erase_old(old, at(9)).await.unwrap().count, 1);
    assert_eq!(ledger.delete_all(user(1), at(9)).await.unwrap().messages, 1);
    assert_eq!(due(store, Lane::Erase, 60).await.len(), 2);
}

pub(super) async fn it_is_taken_by_one_and_put_off_by_all(store: &Store) {
    let id = deleted(store, 1).await;
    let take = async |now, until| {
        let taken = store.ledger.take_erasure(id, at(now), at(until)).await;
        taken.unwrap().is_some()
    };
    assert!(!take(59, 200).await, "it is not due");
    assert!(take(60, 200).await);
    assert!(!take(61, 201).await, "somebody has it");
    assert!(take(200, 300).await, "who had it is gone");
    assert!(store.ledger.put_off_erasure(id, at(400)).await.unwrap());
    assert_eq!(due(store, Lane::Erase, 399).await, []);
    assert_eq!(due(store, Lane::Erase, 400).await, [id]);
}

pub(super) async fn it_is_noted_once_and_its_user_sees_no_change(store: &Store) {
    let id = deleted(store, 1).await;
    let before = store.get(id).await;
    assert!(store.ledger.note_erased(id, at(70)).await.unwrap());
    assert!(!store.ledger.note_erased(id, at(71)).await.unwrap());
    let after = store.get(id).await;
    assert_eq!((after.erase_at, after.deleted_at), (None, Some(at(5))));
    assert_eq!(after.updated_at, before.updated_at);
    let noted = after.timeline.last().unwrap();
    assert_eq!((noted.event, noted.at), (Event::ErasedAtProvider, at(70)));
    assert!(!store.ledger.put_off_erasure(id, at(99)).await.unwrap());

    let left = deleted(store, 2).await;
    assert!(store.ledger.forgo_erasure(left).await.unwrap());
    assert!(!store.ledger.forgo_erasure(left).await.unwrap());
    assert_eq!(due(store, Lane::Erase, 9_999).await, []);
}

/// It would be forgotten otherwise, and the provider would keep the text.
pub(super) async fn what_waits_for_it_is_not_purged(store: &Store) {
    let id = deleted(store, 1).await;
    assert_eq!(store.upkeep.purge(at(99), 9).await.unwrap(), 0);
    let kept = store.get(id).await;
    assert_eq!(kept.deleted_at, Some(at(5)));
    store.ledger.note_erased(id, at(100)).await.unwrap();
    let purged = u64::from(!store.purges_by_itself());
    assert_eq!(store.upkeep.purge(at(99), 9).await.unwrap(), purged);
}

pub(super) async fn a_text_that_was_taken_again_is_erased_again(store: &Store) {
    let id = deleted(store, 1).await;
    store.ledger.note_erased(id, at(70)).await.unwrap();
    let again = fact(id, sid(9), "sent", at(100));
    for _ in 0..2 {
        erasing(store).apply_fact(&again).await.unwrap();
    }
    assert_eq!(due(store, Lane::Erase, 159).await, []);
    assert_eq!(due(store, Lane::Erase, 160).await, [id]);
    let tombstone = store.get(id).await;
    let copies: Vec<_> = tombstone
        .copies()
        .iter()
        .map(|copy| copy.sid.clone())
        .collect();
    assert_eq!(copies, [sid(1), sid(9)]);
}

/// Whatever is looked for, or will be, from a time at which the text was not made yet.
pub(super) async fn what_a_look_may_show_is_evidence(store: &Store) {
    let evidence = async |to: &str, recorded: Timestamp| {
        let to = number(to);
        let evidence = store.ledger.is_evidence(ACCOUNT, &to, recorded);
        evidence.await.unwrap()
    };
    let (to, other) = ("+14155550123", "+14155550199");
    store.insert(message(1)).await;
    store.accepted(message(2), sid(2)).await;
    let elsewhere = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..message(3)
    };
    store.sending(elsewhere, token(3)).await;
    assert!(!evidence(to, at(0)).await, "nothing of these is looked for");

    let first = at(3_600);
    assert!(store.claim(id(1), claim(token(1), first)).await);
    let begun = first - LOOKED_BACK;
    let still = begun - Duration::from_millis(1);
    assert!(evidence(to, begun).await && evidence(to, first).await);
    assert!(!evidence(to, still).await, "it was there before");
    assert!(!evidence(other, first).await);
    // Also when it is deleted, or was certainly not sent and waits.
    store.delete(id(1), first).await;
    assert!(evidence(to, first).await);
    let waits = NewMessage {
        recipient: number(other),
        ..message(4)
    };
    store.sending(waits, token(4)).await;
    let later = not_sent(at(500), at(1));
    assert!(store.settle(id(4), token(4), later, at(1)).await);
    assert!(evidence(other, at(0)).await);
    store.ledger.cancel(user(1), id(4), at(2)).await.unwrap();
    assert!(!evidence(other, at(0)).await);
}
