//! What users see of their messages.

use mysms_core::domain::{Message, MessageId, NewMessage, UserId};
use mysms_core::store::{Filter, Order, Page};

use super::adapters::Store;
use super::fixtures::{at, id, message, user};

async fn page(
    store: &Store,
    owner: UserId,
    order: Order,
    after: Option<MessageId>,
    limit: usize,
) -> Vec<MessageId> {
    let page = Page {
        order,
        after,
        limit,
        filter: Filter::default(),
    };
    let part = store.history.page(owner, page).await.unwrap();
    assert_eq!(part.searched_to, None, "there is nothing to search for");
    part.messages.iter().map(|message| message.id).collect()
}

/// All pages one after the other.
async fn pages(store: &Store, order: Order, limit: usize) -> Vec<MessageId> {
    let mut all = Vec::new();
    loop {
        let next = page(store, user(1), order, all.last().copied(), limit).await;
        assert!(next.len() <= limit);
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}

/// Stores five messages, not in the order of their ids.
async fn five_messages(store: &Store) -> Vec<MessageId> {
    for number in [3, 1, 5, 2, 4] {
        store.insert(message(number)).await;
    }
    (1..=5).map(id).collect()
}

pub(super) async fn it_is_shown_in_both_orders_whole_and_in_pages(store: &Store) {
    let oldest_first = five_messages(store).await;
    let newest_first: Vec<_> = oldest_first.iter().rev().copied().collect();
    for limit in [1, 2, 3, 5, 200] {
        assert_eq!(pages(store, Order::OldestFirst, limit).await, oldest_first);
        assert_eq!(pages(store, Order::NewestFirst, limit).await, newest_first);
    }
}

pub(super) async fn pages_are_stable_while_messages_are_inserted(store: &Store) {
    for number in [10, 20, 30, 40] {
        store.insert(message(number)).await;
    }
    let mut old = page(store, user(1), Order::OldestFirst, None, 2).await;
    let mut new = page(store, user(1), Order::NewestFirst, None, 2).await;
    store.insert(message(50)).await;
    old.extend(page(store, user(1), Order::OldestFirst, old.last().copied(), 9).await);
    new.extend(page(store, user(1), Order::NewestFirst, new.last().copied(), 9).await);
    assert_eq!(old, [id(10), id(20), id(30), id(40), id(50)]);
    assert_eq!(new, [id(40), id(30), id(20), id(10)]);
}

pub(super) async fn a_page_goes_on_after_a_message_deleted_since(store: &Store) {
    five_messages(store).await;
    store.delete(id(2), at(1)).await;
    let rest = page(store, user(1), Order::OldestFirst, Some(id(2)), 9).await;
    assert_eq!(rest, [id(3), id(4), id(5)]);
}

pub(super) async fn a_page_shows_all_but_the_timelines(store: &Store) {
    let id = store.insert(message(1)).await;
    let page = Page {
        order: Order::OldestFirst,
        after: None,
        limit: 1,
        filter: Filter::default(),
    };
    let shown = store.history.page(user(1), page).await.unwrap().messages;
    let stored = store.get(id).await;
    let found = store.history.find(user(1), id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&stored));
    let without_timeline = Message {
        timeline: Vec::new(),
        ..stored
    };
    assert_eq!(shown, [without_timeline]);
}

pub(super) async fn nobody_sees_or_touches_the_messages_of_another(store: &Store) {
    let of_another = NewMessage {
        owner: user(2),
        ..message(1)
    };
    let id = store.insert(of_another).await;
    let before = store.get(id).await;
    let history = &store.history;
    assert_eq!(history.find(user(1), id).await.unwrap(), None);
    assert!(pages(store, Order::OldestFirst, 10).await.is_empty());
    let cancel = store.ledger.cancel(user(1), id, at(1)).await.unwrap();
    assert_eq!(cancel, mysms_core::ledger::Cancel::NotFound);
    assert!(!store.ledger.delete(user(1), id, at(1)).await.unwrap().any());
    assert_eq!(
        store
            .ledger
            .delete_all(user(1), at(1))
            .await
            .unwrap()
            .messages,
        0
    );
    assert_eq!(store.get(id).await, before);
    assert_eq!(
        page(store, user(2), Order::NewestFirst, None, 10).await,
        [id]
    );
}

pub(super) async fn deleted_messages_are_not_shown(store: &Store) {
    five_messages(store).await;
    store.delete(id(4), at(1)).await;
    assert_eq!(store.history.find(user(1), id(4)).await.unwrap(), None);
    let left = [id(1), id(2), id(3), id(5)];
    assert_eq!(pages(store, Order::OldestFirst, 2).await, left);
    assert_eq!(
        store
            .ledger
            .delete_all(user(1), at(2))
            .await
            .unwrap()
            .messages,
        4
    );
    assert!(pages(store, Order::NewestFirst, 2).await.is_empty());
    assert_eq!(
        store
            .ledger
            .delete_all(user(1), at(3))
            .await
            .unwrap()
            .messages,
        0
    );
}
