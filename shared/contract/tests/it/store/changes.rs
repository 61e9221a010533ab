//! What is seen of changes.

use mysms_core::domain::{
    Absence, Message, MessageId, NewMessage, NextPoll, Restored, Settlement, Status, Timestamp,
    UserId,
};
use mysms_core::ledger::Old;
use mysms_core::store::Place;

use super::adapters::Store;
use super::fixtures::{
    LEASE, VALIDITY, at, claim, fact, id, look_again, message, not_sent, rejected, sid, token,
    unknown, user, with_code,
};

async fn changed(store: &Store, owner: UserId, since: Timestamp) -> Vec<Message> {
    let place = Place::before(since);
    store
        .changes
        .changed_after(owner, place, 1000)
        .await
        .unwrap()
}

async fn changed_ids(store: &Store, since: Timestamp) -> Vec<MessageId> {
    let changed = changed(store, user(1), since).await;
    changed.iter().map(|message| message.id).collect()
}

/// Four messages, of which the second changed last and the others at one time.
async fn four_messages(store: &Store) {
    for number in [3, 1, 4, 2] {
        store.insert(message(number)).await;
    }
    store.delete(id(2), at(7)).await;
    assert!(store.claim(id(1), claim(token(1), at(5))).await);
}

pub(super) async fn they_are_told_in_the_order_of_their_times(store: &Store) {
    four_messages(store).await;
    assert_eq!(
        changed_ids(store, at(0)).await,
        [id(3), id(4), id(1), id(2)]
    );
    assert_eq!(changed_ids(store, at(5)).await, [id(1), id(2)]);
    assert_eq!(changed_ids(store, at(6)).await, [id(2)]);
    assert!(changed_ids(store, at(8)).await.is_empty());
    // As a list shows them.
    let first = changed(store, user(1), at(0)).await.remove(0);
    let stored = store.get(id(3)).await;
    let timeline = Vec::new();
    assert_eq!(first, Message { timeline, ..stored });
}

pub(super) async fn a_part_goes_on_where_the_one_before_ended(store: &Store) {
    four_messages(store).await;
    for limit in [1, 2, 3, 4, 5] {
        let (mut all, mut place) = (Vec::new(), Place::before(at(0)));
        loop {
            let part = store.changes.changed_after(user(1), place, limit).await;
            let part = part.unwrap();
            assert!(part.len() <= limit);
            let Some(last) = part.last() else { break };
            place = Place::of(last);
            all.extend(part.iter().map(|message| message.id));
        }
        assert_eq!(all, [id(3), id(4), id(1), id(2)]);
    }
    let none = store
        .changes
        .changed_after(user(1), Place::before(at(0)), 0);
    assert!(none.await.unwrap().is_empty());
}

/// Does something at a time after all that was done before, and requires that it is seen.
async fn is_seen(store: &Store, what: &str, at: Timestamp, id: MessageId) {
    assert_eq!(changed_ids(store, at).await, [id], "{what}");
}

pub(super) async fn whatever_a_user_sees_of_a_message_tells_when_it_changed(store: &Store) {
    let (first, second) = (store.insert(message(1)).await, id(2));
    is_seen(store, "it was accepted", at(0), first).await;
    assert!(store.claim(first, claim(token(1), at(10))).await);
    is_seen(store, "it is being sent", at(10), first).await;
    assert!(
        store
            .settle(first, token(1), not_sent(at(20), at(20)), at(20))
            .await
    );
    is_seen(store, "it was not sent", at(20), first).await;
    assert!(store.claim(first, claim(token(2), at(30))).await);
    store.fact(&fact(first, sid(1), "accepted", at(40))).await;
    is_seen(store, "it was taken", at(40), first).await;
    store.fact(&fact(first, sid(1), "sent", at(50))).await;
    is_seen(store, "it was sent", at(50), first).await;
    let failed = with_code("30003", fact(first, sid(1), "failed", at(60)));
    store.fact(&failed).await;
    is_seen(store, "it failed", at(60), first).await;
    let other = with_code("30001", fact(first, sid(1), "failed", at(70)));
    store.fact(&other).await;
    is_seen(store, "it has another code", at(70), first).await;
    store.fact(&fact(first, sid(9), "delivered", at(80))).await;
    is_seen(store, "its second copy arrived", at(80), first).await;

    let early = NewMessage {
        expires_at: at(200),
        ..message(2)
    };
    store.insert(early).await;
    assert!(store.ledger.expire(second, at(200)).await.unwrap());
    is_seen(store, "it expired", at(200), second).await;
    settled_otherwise(store).await;
    withdrawn(store).await;
}

async fn settled_otherwise(store: &Store) {
    let refused = store.sending(message(3), token(3)).await;
    assert!(store.settle(refused, token(3), rejected(), at(300)).await);
    is_seen(store, "it was refused", at(300), refused).await;

    let adopted = store.sending(message(4), token(4)).await;
    let listed = fact(adopted, sid(4), "accepted", at(310));
    store
        .ledger
        .adopt(adopted, token(4), &listed)
        .await
        .unwrap();
    is_seen(store, "it was found", at(310), adopted).await;

    let hopeless = store.sending(message(5), token(5)).await;
    let given_up = Settlement::GiveUp {
        expired_before: at(0) + VALIDITY,
    };
    assert!(store.settle(hopeless, token(5), given_up, at(320)).await);
    is_seen(store, "it was given up", at(320), hopeless).await;

    let absent = store.sending(message(6), token(6)).await;
    let again = look_again(Absence::NotInList, at(330));
    assert!(store.settle(absent, token(6), again, at(330)).await);
    is_seen(store, "it was looked for", at(330), absent).await;
    let terms = claim(token(7), at(330));
    assert!(store.take_resolve(absent, terms).await.is_some());
    let requeue = Settlement::RequeueAbsent;
    assert!(store.settle(absent, token(7), requeue, at(350)).await);
    is_seen(store, "it waits again", at(350), absent).await;
}

async fn withdrawn(store: &Store) {
    let taken_back = store.insert(message(10)).await;
    let canceled = store.ledger.cancel(user(1), taken_back, at(400));
    canceled.await.unwrap();
    is_seen(store, "it was canceled", at(400), taken_back).await;

    let restored = Restored {
        since: at(0),
        now: at(410),
        until: at(420),
    };
    let doubtful = store.insert(message(11)).await;
    assert!(store.ledger.doubt(restored, 1000).await.unwrap() > 0);
    assert!(changed_ids(store, at(410)).await.contains(&doubtful));

    let old = store.accepted(message(12), sid(12)).await;
    store.fact(&fact(old, sid(12), "delivered", at(430))).await;
    let erased = Old {
        after: id(11),
        before: at(440),
        limit: 100,
    };
    store.ledger.erase_old(erased, at(450)).await.unwrap();
    is_seen(store, "it was erased", at(450), old).await;

    let left = store.insert(message(13)).await;
    let deleted = store.ledger.delete_all(user(1), at(460)).await;
    assert!(deleted.unwrap().any());
    let changed = changed_ids(store, at(460)).await;
    assert!(
        changed.contains(&left) && !changed.contains(&old),
        "{changed:?}"
    );
}

pub(super) async fn what_nobody_sees_is_no_change(store: &Store) {
    let polled = store.accepted(message(1), sid(1)).await;
    let doubtful = store.sending(message(2), token(2)).await;
    let (hour, later) = (at(3600), at(3600) + LEASE);
    assert!(
        store
            .ledger
            .take_poll(polled, hour, later)
            .await
            .unwrap()
            .is_some()
    );
    let next = NextPoll {
        at: Some(at(9000)),
        polls: 1,
    };
    assert!(store.ledger.next_poll(polled, next).await.unwrap());
    let terms = claim(token(3), hour);
    assert!(store.take_resolve(doubtful, terms).await.is_some());
    store.fact(&fact(polled, sid(1), "accepted", hour)).await;
    assert!(changed_ids(store, at(1)).await.is_empty());
    assert!(store.settle(doubtful, token(3), unknown(), hour).await);
    assert_eq!(store.get(doubtful).await.status, Status::Sending);
}

pub(super) async fn a_deletion_is_a_change_without_content(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.delete(id(1), at(5)).await;
    store.delete(id(2), at(6)).await;
    let gone = changed(store, user(1), at(1)).await;
    let ids: Vec<_> = gone.iter().map(|message| message.id).collect();
    assert_eq!(ids, [id(1), id(2)]);
    assert!(gone.iter().all(|message| !message.visible));
    assert_eq!((&gone[0].body, &gone[0].recipient), (&None, &None));
}

pub(super) async fn nobody_is_told_of_the_messages_of_another(store: &Store) {
    let of_another = NewMessage {
        owner: user(2),
        ..message(1)
    };
    let theirs = store.insert(of_another).await;
    store.insert(message(2)).await;
    assert_eq!(changed_ids(store, at(0)).await, [id(2)]);
    let seen = changed(store, user(2), at(0)).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].id, theirs);
    assert!(changed(store, user(3), at(0)).await.is_empty());
}
