//! Which conversations are listed when some are put aside or looked for, and the end of one.

use std::slice;

use mysms_core::domain::{Address, Inbound, NumberPart, Position, Receiver, Status};
use mysms_core::store::{Among, Overview, With};

use super::adapters::Store;
use super::conversations::{ANNA, BERT, inbound, list, outbound, receive, taken};
use super::fixtures::{address, at, fact, id, rejected, sid, token, user};

const CARL: &str = "+14156660998";

async fn listed(store: &Store, wanted: &Overview) -> Vec<Address> {
    let found = store.conversations.conversations(user(1), wanted);
    let found = found.await.unwrap().into_iter();
    found.map(|known| known.counterpart).collect()
}

async fn counterparts(store: &Store, with: &With) -> Vec<Address> {
    let found = store.conversations.counterparts(user(1), with);
    let mut found = found.await.unwrap();
    found.sort_unstable();
    found
}

pub(super) async fn only_those_that_are_asked_for_are_listed_page_by_page(store: &Store) {
    for (number, to) in [(1, ANNA), (2, BERT), (3, CARL)] {
        taken(store, outbound(number, 1, to), at(1)).await;
    }
    taken(store, outbound(4, 2, ANNA), at(1)).await;
    let (anna, bert, carl) = (address(ANNA), address(BERT), address(CARL));
    let all = Overview {
        before: None,
        number: None,
        among: Among::All,
        limit: 9,
    };
    let among = async |among: Among, before: Option<Position>, limit| {
        let wanted = Overview {
            before,
            among,
            limit,
            ..all.clone()
        };
        listed(store, &wanted).await
    };
    let expected = [carl.clone(), bert.clone(), anna.clone()];
    assert_eq!(listed(store, &all).await, expected);
    let two = || vec![anna.clone(), carl.clone(), address("+14155550000")];
    assert_eq!(
        among(Among::Only(two()), None, 9).await,
        [carl.clone(), anna.clone()]
    );
    let first = among(Among::Only(two()), None, 1).await;
    assert_eq!(first, slice::from_ref(&carl));
    let rest = among(Among::Only(two()), Some(id(3).into()), 1).await;
    assert_eq!(rest, slice::from_ref(&anna));
    let others = among(Among::Except(two()), None, 9).await;
    assert_eq!(others, slice::from_ref(&bert));
    assert_eq!(among(Among::Only(vec![]), None, 9).await, []);
    assert_eq!(among(Among::Except(vec![]), None, 9).await, expected);
    // Beside a part of the number both count.
    let part = Overview {
        number: NumberPart::parse("415555").ok(),
        among: Among::Except(vec![bert]),
        ..all
    };
    assert_eq!(listed(store, &part).await, [anna]);
}

pub(super) async fn it_is_told_where_conversations_stand(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(1)).await;
    taken(store, outbound(2, 1, ANNA), at(1)).await;
    taken(store, outbound(3, 1, BERT), at(1)).await;
    taken(store, outbound(4, 2, ANNA), at(1)).await;
    let asked = [address(ANNA), address(CARL)];
    let last = store.conversations.last_positions(user(1), &asked);
    assert_eq!(last.await.unwrap(), [(address(ANNA), id(2).into())]);
    let deleted = store.ledger.delete(user(1), id(2), at(2));
    assert!(deleted.await.unwrap().any());
    let last = store.conversations.last_positions(user(1), &asked);
    assert_eq!(last.await.unwrap(), [(address(ANNA), id(1).into())]);
    let none = store.conversations.last_positions(user(1), &[]);
    assert_eq!(none.await.unwrap(), []);
}

pub(super) async fn it_is_told_with_whom_something_is_to_be_done(store: &Store) {
    // Anna's last text failed, whatever she wrote since; Bert's failed before one that did not.
    for (number, to) in [(1, ANNA), (2, BERT)] {
        let failing = store.sending(outbound(number, 1, to), token(number)).await;
        let failed = store
            .ledger
            .settle(failing, token(number), rejected(), at(2));
        assert!(failed.await.unwrap());
        assert_eq!(store.get(failing).await.status, Status::Failed);
    }
    taken(store, outbound(3, 1, BERT), at(3)).await;
    let answer = Inbound {
        receiver: Receiver::User(user(1)),
        ..inbound(4, ANNA)
    };
    receive(store, &answer).await;
    store.insert(outbound(5, 1, CARL)).await;
    store.insert(outbound(6, 2, ANNA)).await;
    assert_eq!(counterparts(store, &With::Failed).await, [address(ANNA)]);
    assert_eq!(counterparts(store, &With::Unread).await, [address(ANNA)]);
    assert_eq!(counterparts(store, &With::Queued).await, [address(CARL)]);
    // What was not delivered has failed as well.
    let undelivered = fact(id(3), sid(1003), "undelivered", at(4));
    store.fact(&undelivered).await;
    let failed = counterparts(store, &With::Failed).await;
    assert_eq!(failed, [address(ANNA), address(BERT)]);
    let everything = store.ledger.delete_all(user(1), at(9)).await.unwrap();
    assert_eq!(everything.messages, 5);
    for with in [With::Failed, With::Unread, With::Queued] {
        assert_eq!(counterparts(store, &with).await, []);
    }
}

pub(super) async fn a_conversation_is_deleted_both_ways_and_no_other(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(1)).await;
    receive(store, &inbound(2, ANNA)).await;
    store.insert(outbound(3, 1, ANNA)).await;
    taken(store, outbound(4, 1, BERT), at(1)).await;
    store.insert(outbound(5, 2, ANNA)).await;
    let others = [store.get(id(4)).await, store.get(id(5)).await];
    let anna = address(ANNA);
    let delete = store
        .ledger
        .delete_conversation(user(1), &anna, None, at(9));
    assert_eq!(delete.await.unwrap().messages, 3);
    let listed = list(store, 1).await.into_iter();
    let listed: Vec<_> = listed.map(|known| known.counterpart).collect();
    assert_eq!(listed, [address(BERT)]);
    let queued = store.get(id(3)).await;
    assert_eq!(queued.status, Status::Canceled, "it is never sent");
    assert_eq!((queued.body, queued.counterpart), (None, None));
    assert_eq!([store.get(id(4)).await, store.get(id(5)).await], others);
}

/// What came since the user saw the conversation stays.
pub(super) async fn a_conversation_is_deleted_up_to_a_message(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(1)).await;
    store.insert(outbound(2, 1, ANNA)).await;
    taken(store, outbound(3, 1, ANNA), at(1)).await;
    receive(store, &inbound(4, ANNA)).await;
    let anna = address(ANNA);
    let up_to = async || {
        let delete = store
            .ledger
            .delete_conversation(user(1), &anna, Some(id(3)), at(9));
        delete.await.unwrap().messages
    };
    assert_eq!(up_to().await, 3);
    assert_eq!(up_to().await, 0, "a repeat is harmless");
    let left = list(store, 1).await;
    assert_eq!(left[0].last.id, id(4));
    // Of another user's message nothing is known but its id.
    let delete = store
        .ledger
        .delete_conversation(user(2), &anna, Some(id(4)), at(9));
    assert!(!delete.await.unwrap().any());
}
