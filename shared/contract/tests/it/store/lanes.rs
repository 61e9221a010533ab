//! What the sweeper finds, and the upkeep of alarms and tombstones.

use mysms_core::domain::{Lane, MessageId, NewMessage, NextPoll, Status, Timestamp};
use mysms_core::store::Overdue;

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, LEASE, OTHER_ACCOUNT, at, claim, fact, id, message, millis, not_sent, sid, token, user,
};

async fn due(store: &Store, lane: Lane, now: Timestamp, limit: usize) -> Vec<MessageId> {
    store.ledger.due(ACCOUNT, lane, now, limit).await.unwrap()
}

fn waking(number: u64, seconds: u64) -> NewMessage {
    NewMessage {
        wake_at: at(seconds),
        ..message(number)
    }
}

pub(super) async fn a_lane_lists_the_oldest_alarm_first(store: &Store) {
    for (number, alarm) in [(1, 30), (2, 10), (3, 40), (4, 20), (5, 50)] {
        store.insert(waking(number, alarm)).await;
    }
    let by_alarm = [id(2), id(4), id(1), id(3)];
    assert_eq!(due(store, Lane::Send, at(40), 100).await, by_alarm);
    assert_eq!(due(store, Lane::Send, at(50), 2).await, by_alarm[..2]);
    assert!(
        due(store, Lane::Send, at(10) - millis(1), 100)
            .await
            .is_empty()
    );
}

pub(super) async fn each_lane_lists_its_own_statuses_only(store: &Store) {
    store.insert(waking(1, 10)).await;
    store.sending(message(2), token(1)).await;
    store.accepted(message(3), sid(3)).await;
    let sent = store.accepted(message(4), sid(4)).await;
    store.fact(&fact(sent, sid(4), "sent", at(5))).await;
    let failed = store.accepted(message(5), sid(5)).await;
    store.fact(&fact(failed, sid(5), "failed", at(5))).await;
    let now = at(100_000);
    assert_eq!(due(store, Lane::Send, now, 9).await, [id(1)]);
    assert_eq!(due(store, Lane::Resolve, now, 9).await, [id(2)]);
    assert_eq!(due(store, Lane::Poll, now, 9).await, [id(3), id(4)]);
}

pub(super) async fn the_poll_lane_orders_accepted_and_sent_together(store: &Store) {
    for (number, alarm) in [(1, 40), (2, 10), (3, 30), (4, 20)] {
        let id = store.accepted(message(number), sid(number)).await;
        if number % 2 == 0 {
            store.fact(&fact(id, sid(number), "sent", at(1))).await;
        }
        let next = NextPoll {
            at: Some(at(alarm)),
            polls: 1,
        };
        assert!(store.ledger.next_poll(id, next).await.unwrap());
    }
    assert_eq!(
        due(store, Lane::Poll, at(40), 3).await,
        [id(2), id(4), id(3)]
    );
}

pub(super) async fn a_lane_lists_one_account_only(store: &Store) {
    let of_another = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..message(1)
    };
    store.insert(of_another).await;
    store.insert(message(2)).await;
    assert_eq!(due(store, Lane::Send, at(60), 9).await, [id(2)]);
    let other = store.ledger.due(OTHER_ACCOUNT, Lane::Send, at(60), 9).await;
    assert_eq!(other.unwrap(), [id(1)]);
}

pub(super) async fn an_alarm_rings_at_the_retry_or_the_expiry_if_that_is_earlier(store: &Store) {
    let short = NewMessage {
        expires_at: at(200),
        ..message(2)
    };
    store.sending(message(1), token(1)).await;
    store.sending(short, token(2)).await;
    for (number, token) in [(1, token(1)), (2, token(2))] {
        assert!(
            store
                .settle(id(number), token, not_sent(at(300), at(5)), at(5))
                .await
        );
    }
    assert!(due(store, Lane::Send, at(199), 9).await.is_empty());
    assert_eq!(due(store, Lane::Send, at(200), 9).await, [id(2)]);
    assert_eq!(due(store, Lane::Send, at(300), 9).await, [id(2), id(1)]);
}

pub(super) async fn a_pushed_alarm_rings_an_hour_later_or_at_the_expiry(store: &Store) {
    let short = NewMessage {
        expires_at: at(600),
        ..message(2)
    };
    let expired = NewMessage {
        expires_at: at(20),
        ..message(3)
    };
    for new in [message(1), short, expired] {
        store.insert(new).await;
    }
    for (number, rings) in [(1, 3630), (2, 600), (3, 3630)] {
        let push = store
            .ledger
            .push_alarm(id(number), Status::Queued, at(15), at(30));
        assert!(push.await.unwrap());
        assert_eq!(store.get(id(number)).await.wake_at, Some(at(rings)));
    }
}

pub(super) async fn an_alarm_is_pushed_only_if_it_is_as_it_was_read(store: &Store) {
    let id = store.insert(message(1)).await;
    let before = store.get(id).await;
    for (status, wake_at) in [(Status::Queued, at(16)), (Status::Sending, at(15))] {
        let push = store.ledger.push_alarm(id, status, wake_at, at(30));
        assert!(!push.await.unwrap());
    }
    let unknown = super::fixtures::id(9);
    let push = store
        .ledger
        .push_alarm(unknown, Status::Queued, at(15), at(30));
    assert!(!push.await.unwrap());
    assert_eq!(store.get(id).await, before);
}

pub(super) async fn overdue_lists_the_unsent_of_every_account(store: &Store) {
    let expiring = |number, account: &str, expires_at| NewMessage {
        account: account.to_owned(),
        expires_at,
        ..message(number)
    };
    store.insert(expiring(1, ACCOUNT, at(100))).await;
    store.insert(expiring(2, OTHER_ACCOUNT, at(105))).await;
    store
        .insert(expiring(3, ACCOUNT, at(105) + millis(1)))
        .await;
    store.sending(expiring(4, ACCOUNT, at(50)), token(4)).await;
    store.insert(expiring(5, ACCOUNT, at(50))).await;
    store.delete(id(5), at(1)).await;
    let unsent = Overdue::Unsent { now: at(100) };
    assert_eq!(overdue(store, unsent, 9).await, [id(1), id(2)]);
    assert_eq!(overdue(store, unsent, 1).await.len(), 1);
}

pub(super) async fn overdue_lists_the_doubtful_of_every_account(store: &Store) {
    let in_doubt = |number, account: &str, expires_at| NewMessage {
        account: account.to_owned(),
        expires_at,
        ..message(number)
    };
    store.sending(in_doubt(1, ACCOUNT, at(100)), token(1)).await;
    store
        .sending(in_doubt(2, OTHER_ACCOUNT, at(90)), token(2))
        .await;
    store
        .sending(in_doubt(3, ACCOUNT, at(100) + millis(1)), token(3))
        .await;
    store.insert(in_doubt(4, ACCOUNT, at(90))).await;
    store.sending(in_doubt(5, ACCOUNT, at(80)), token(5)).await;
    let taken = store.take_resolve(id(5), claim(token(6), at(990))).await;
    assert!(taken.is_some());
    let doubtful = Overdue::Doubtful {
        now: at(1000),
        expired_before: at(100),
    };
    assert_eq!(overdue(store, doubtful, 9).await, [id(1), id(2)]);
    assert_eq!(overdue(store, doubtful, 1).await.len(), 1);
    let within_the_lease = Overdue::Doubtful {
        now: at(0) + LEASE - millis(1),
        expired_before: at(100),
    };
    assert!(overdue(store, within_the_lease, 9).await.is_empty());
}

async fn overdue(store: &Store, overdue: Overdue, limit: usize) -> Vec<MessageId> {
    let mut found = store.upkeep.overdue(overdue, limit).await.unwrap();
    found.sort();
    found
}

pub(super) async fn open_accounts_are_those_with_an_alarm(store: &Store) {
    let of = |number, account: &str| NewMessage {
        account: account.to_owned(),
        ..message(number)
    };
    assert!(open_accounts(store).await.is_empty());
    store.insert(of(1, OTHER_ACCOUNT)).await;
    store.insert(of(2, ACCOUNT)).await;
    store.insert(of(3, ACCOUNT)).await;
    assert_eq!(open_accounts(store).await, [ACCOUNT, OTHER_ACCOUNT]);
    store.delete(id(1), at(1)).await;
    assert_eq!(open_accounts(store).await, [ACCOUNT]);
}

async fn open_accounts(store: &Store) -> Vec<String> {
    let mut accounts = store.upkeep.open_accounts().await.unwrap();
    accounts.sort();
    accounts
}

pub(super) async fn old_tombstones_are_purged_and_nothing_else(store: &Store) {
    let ids: Vec<_> = (1..=5).map(id).collect();
    for number in 1..=4 {
        store.insert(message(number)).await;
    }
    store.sending(message(5), token(5)).await;
    for (number, deleted_at) in [(1, 10), (2, 20), (3, 30), (5, 10)] {
        store.delete(id(number), at(deleted_at)).await;
    }
    let before = store.documents(&ids).await;
    let purged = store.upkeep.purge(at(30), 1).await.unwrap();
    if store.purges_by_itself() {
        assert_eq!(purged, 0);
        assert_eq!(store.documents(&ids).await, before);
        return;
    }
    assert_eq!(purged, 1, "at most as many as were asked for");
    assert_eq!(store.upkeep.purge(at(30), 9).await.unwrap(), 1);
    assert_eq!(store.upkeep.purge(at(30), 9).await.unwrap(), 0);
    assert_eq!(
        store.documents(&ids).await,
        before[2..],
        "also not one still in doubt"
    );
}

pub(super) async fn a_store_that_works_answers_a_ping(store: &Store) {
    store.upkeep.ping().await.unwrap();
    assert!(store.history.find(user(1), id(1)).await.unwrap().is_none());
}
