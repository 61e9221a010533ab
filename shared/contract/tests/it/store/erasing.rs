//! Old messages: what nobody has anything left to do with becomes a tombstone.

use mysms_core::domain::{Event, MessageId, NewMessage, NextPoll, Status, Timestamp};
use mysms_core::ledger::{Erased, Old};

use super::adapters::Store;
use super::fixtures::{at, fact, id, message, number, rejected, sid, token, user};

/// A century of seconds later.
const LATER: u64 = 100 * 365 * 24 * 3600;

fn old(after: MessageId, before: Timestamp, limit: usize) -> Old {
    Old {
        after,
        before,
        limit,
    }
}

async fn erase(store: &Store, old: Old) -> Erased {
    store.ledger.erase_old(old, at(LATER)).await.unwrap()
}

fn from_the_beginning() -> MessageId {
    MessageId::boundary(Timestamp::EPOCH)
}

pub(super) async fn what_is_old_and_at_rest_is_erased(store: &Store) {
    let delivered = store.accepted(message(1), sid(1)).await;
    store
        .fact(&fact(delivered, sid(1), "delivered", at(9)))
        .await;
    let failed = store.sending(message(2), token(2)).await;
    assert!(store.settle(failed, token(2), rejected(), at(9)).await);
    let canceled = store.insert(message(3)).await;
    store.ledger.cancel(user(1), canceled, at(9)).await.unwrap();
    let unheard_of = store.accepted(message(4), sid(4)).await;
    let over = NextPoll { at: None, polls: 3 };
    assert!(store.ledger.next_poll(unheard_of, over).await.unwrap());

    let ids = [delivered, failed, canceled, unheard_of];
    let before = store.documents(&ids).await;
    let erased = erase(store, old(from_the_beginning(), at(10), 9)).await;
    let last = Some(unheard_of);
    assert_eq!(erased, Erased { count: 4, last });
    for (was, is) in before.iter().zip(store.documents(&ids).await) {
        assert!(!is.visible);
        assert_eq!((is.deleted_at, is.status), (Some(at(LATER)), was.status));
        assert_eq!((&is.body, &is.recipient), (&None, &None));
        assert_eq!(is.provider, was.provider, "the SID stays taken");
        assert_eq!(is.timeline.last().unwrap().event, Event::Deleted);
        assert!(store.history.find(user(1), is.id).await.unwrap().is_none());
    }
}

pub(super) async fn what_is_still_on_its_way_or_has_changed_since_is_kept(store: &Store) {
    let scheduled = NewMessage {
        send_at: Some(at(LATER)),
        expires_at: at(LATER + 60),
        ..message(1)
    };
    let queued = store.insert(scheduled).await;
    let sending = store.sending(message(2), token(2)).await;
    let polled = store.accepted(message(3), sid(3)).await;
    let changed = store.accepted(message(4), sid(4)).await;
    store
        .fact(&fact(changed, sid(4), "delivered", at(10)))
        .await;
    let ids = [queued, sending, polled, changed];
    let before = store.documents(&ids).await;
    let erased = erase(store, old(from_the_beginning(), at(10), 9)).await;
    assert_eq!(erased.count, 0);
    assert_eq!(store.documents(&ids).await, before);
    assert_eq!(before[1].status, Status::Sending);
}

pub(super) async fn what_was_accepted_later_is_not_looked_at(store: &Store) {
    let canceled = store.insert(message(1)).await;
    store.ledger.cancel(user(1), canceled, at(0)).await.unwrap();
    let (count, last) = (0, None);
    let erased = erase(store, old(from_the_beginning(), at(0), 9)).await;
    assert_eq!(erased, Erased { count, last });
    let erased = erase(store, old(canceled, at(10), 9)).await;
    assert_eq!(erased, Erased { count, last });
}

pub(super) async fn it_goes_on_in_batches(store: &Store) {
    for number in 1..=5 {
        let new = NewMessage {
            recipient: self::number("+14155550199"),
            ..message(number)
        };
        store.insert(new).await;
        if number != 2 {
            let id = id(number);
            store.ledger.cancel(user(1), id, at(1)).await.unwrap();
        }
    }
    let mut after = from_the_beginning();
    let mut counts = Vec::new();
    loop {
        let erased = erase(store, old(after, at(10), 2)).await;
        let Some(last) = erased.last else { break };
        counts.push(erased.count);
        after = last;
    }
    assert_eq!(counts, [1, 2, 1], "what is kept counts as looked at");
}
