//! Every operation may be repeated with the same arguments after an unclear answer.

mod ledger;
mod upkeep;
mod users;

use mysms_core::domain::{Lane, Message};
use mysms_core::store::{Filter, Order, Overdue, Page, Pause};

pub(super) use self::ledger::*;
pub(super) use self::upkeep::*;
pub(super) use self::users::*;
use super::adapters::Store;
use super::at_provider::deleted;
use super::fixtures::{ACCOUNT, at, id, idempotency, message, sid, token, user};
use super::pauses::{pause, sender};

/// All that a case may have stored.
async fn documents(store: &Store) -> (Vec<Message>, Vec<Pause>) {
    let ids: Vec<_> = (1..=9).map(id).collect();
    let pauses = store.pauses.paused().await.unwrap();
    (store.documents(&ids).await, pauses)
}

/// Runs an operation twice. The first time it has to change something, the second time nothing.
/// Returns both answers.
async fn twice<T>(store: &Store, operation: impl AsyncFn() -> T) -> (T, T) {
    let before = documents(store).await;
    let first = operation().await;
    let after = documents(store).await;
    assert_ne!(after, before, "the operation does what it is here for");
    let second = operation().await;
    assert_eq!(documents(store).await, after);
    (first, second)
}

pub(super) async fn to_read_changes_nothing(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    deleted(store, 4).await;
    store.pauses.pause(pause(15, 0)).await.unwrap();
    let before = documents(store).await;
    let late = at(999_999);
    for lane in Lane::ALL {
        assert_eq!(
            store
                .ledger
                .due(ACCOUNT, lane, late, 9)
                .await
                .unwrap()
                .len(),
            1
        );
    }
    let page = Page {
        order: Order::NewestFirst,
        after: None,
        limit: 9,
        filter: Filter::default(),
    };
    let shown = store.history.page(user(1), page).await.unwrap();
    assert_eq!(shown.messages.len(), 3);
    assert!(store.history.find(user(1), id(1)).await.unwrap().is_some());
    let key = idempotency("order-17").key;
    assert_eq!(store.ledger.keyed(user(1), &key).await.unwrap(), None);
    assert_eq!(store.ledger.owners(&[sid(3)]).await.unwrap().len(), 1);
    let doubtful = Overdue::Doubtful {
        now: late,
        expired_before: late,
    };
    for overdue in [Overdue::Unsent { now: late }, doubtful] {
        assert_eq!(store.upkeep.overdue(overdue, 9).await.unwrap().len(), 1);
    }
    assert_eq!(store.upkeep.open_accounts().await.unwrap(), [ACCOUNT]);
    assert!(store.pauses.find(&sender()).await.unwrap().is_some());
    assert_eq!(documents(store).await, before);
}
