//! Who writes, and who gets what belongs to nobody.

use mysms_core::domain::{Inbound, NewMessage, Receiver, Timestamp, UserId};
use mysms_core::ledger::Assignment;
use mysms_core::store::{Filter, Order, Page, Ways};

use super::adapters::Store;
use super::conversations::{ANNA, DAY, answer, inbound, list, outbound, owner_of, receive, taken};
use super::fixtures::{address, at, id, message, race, user};

const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

/// What belongs to nobody, the newest first.
async fn unassigned(store: &Store) -> Vec<u64> {
    let page = Page {
        order: Order::NewestFirst,
        after: None,
        limit: 100,
        filter: Filter {
            ways: Ways::Both,
            ..Filter::default()
        },
    };
    let part = store.history.page(UserId::NOBODY, page).await.unwrap();
    let ids = part.messages.iter().map(|message| message.id);
    ids.map(|known| (1..100).find(|number| id(*number) == known).unwrap())
        .collect()
}

async fn assign(store: &Store, number: u64, to: u64, now: Timestamp) -> Assignment {
    let assigned = store.ledger.assign(id(number), user(to), now);
    assigned.await.unwrap()
}

pub(super) async fn whoever_writes_has_a_conversation(store: &Store) {
    let authors = [
        "384387",
        "PARCELBOX",
        "whatsapp:+14155550123",
        "A\u{fffd}B",
        ANNA,
    ];
    for (number, author) in (1..).zip(authors) {
        let text = Inbound {
            receiver: Receiver::User(user(1)),
            ..inbound(number, author)
        };
        let stored = receive(store, &text).await;
        assert_eq!(stored.counterpart, Some(address(author)));
        assert_eq!(store.get(id(number)).await, stored);
    }
    let listed = list(store, 1).await;
    let listed = listed.iter().map(|known| known.counterpart.as_str());
    let expected: Vec<_> = authors.into_iter().rev().collect();
    assert_eq!(listed.collect::<Vec<_>>(), expected);
    let code = address("384387");
    let read = store.ledger.mark_read(user(1), &code, None, at(60));
    assert!(read.await.unwrap());
}

pub(super) async fn an_answer_in_another_channel_belongs_to_whoever_wrote_to_its_number(
    store: &Store,
) {
    let through = NewMessage {
        sender: Some(SERVICE.to_owned()),
        ..outbound(1, 3, ANNA)
    };
    taken(store, through, at(0)).await;
    let rcs = Inbound {
        to: address("rcs:parcel_agent"),
        service: Some(SERVICE.to_owned()),
        ..inbound(2, "rcs:+14155550123")
    };
    assert_eq!(owner_of(store, &rcs).await, user(3));
    let of_another = Inbound {
        to: address("rcs:parcel_agent"),
        service: Some(SERVICE.to_owned()),
        ..inbound(3, "rcs:+14155550199")
    };
    assert_eq!(owner_of(store, &of_another).await, UserId::NOBODY);
}

/// What came to a short code or another channel has no number of ours.
pub(super) async fn a_running_conversation_with_a_short_code_is_kept(store: &Store) {
    const CODE: &str = "72345";
    let from_code = |number, owner| NewMessage {
        sender: Some(CODE.to_owned()),
        ..outbound(number, owner, ANNA)
    };
    let to_code = |number, at| Inbound {
        to: address(CODE),
        ..answer(number, ANNA, at)
    };
    taken(store, from_code(1, 1), at(0)).await;
    let day = |days| at(0) + DAY * days;
    assert_eq!(owner_of(store, &to_code(2, day(2))).await, user(1));
    taken(store, from_code(3, 2), day(4)).await;
    assert_eq!(owner_of(store, &to_code(4, day(4))).await, user(1));
}

pub(super) async fn what_would_be_nobodys_may_be_somebodys(store: &Store) {
    let text = |number, receiver| Inbound {
        receiver,
        otherwise: user(7),
        ..inbound(number, ANNA)
    };
    assert_eq!(owner_of(store, &text(1, Receiver::Holder)).await, user(7));
    assert_eq!(owner_of(store, &text(2, Receiver::Claimer)).await, user(7));
    let ruled = text(3, Receiver::User(user(2)));
    assert_eq!(owner_of(store, &ruled).await, user(2));
    taken(store, outbound(4, 1, ANNA), at(4)).await;
    assert_eq!(owner_of(store, &text(5, Receiver::Holder)).await, user(1));
}

pub(super) async fn what_belongs_to_nobody_is_given_to_a_user(store: &Store) {
    for number in 1..=3 {
        receive(store, &inbound(number, ANNA)).await;
    }
    assert_eq!(unassigned(store).await, [3, 2, 1]);
    let before = store.get(id(2)).await;
    let Assignment::Assigned(given) = assign(store, 2, 1, at(60)).await else {
        panic!("it belonged to nobody");
    };
    assert_eq!(store.get(id(2)).await, *given);
    assert_eq!((given.owner, given.assigned_at), (user(1), Some(at(60))));
    assert_eq!(
        (given.version, given.updated_at),
        (before.version + 1, at(60))
    );
    assert!(given.unread);
    assert_eq!(unassigned(store).await, [3, 1]);
    let listed = list(store, 1).await;
    assert_eq!((listed[0].last.id, listed[0].unread), (id(2), 1));
    assert_eq!(
        store.history.find(UserId::NOBODY, id(2)).await.unwrap(),
        None
    );
    assert_eq!(assign(store, 2, 2, at(61)).await, Assignment::Taken);
    // Told to another process once more.
    assert_eq!(receive(store, &inbound(2, ANNA)).await.owner, user(1));
}

pub(super) async fn one_of_twenty_racing_users_is_given_it(store: &Store) {
    receive(store, &inbound(1, ANNA)).await;
    let outcomes = race(|number| {
        let ledger = store.ledger.clone();
        async move { ledger.assign(id(1), user(number), at(60)).await.unwrap() }
    })
    .await;
    let owner = store.get(id(1)).await.owner;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|outcome| matches!(outcome, Assignment::Assigned(_)));
    assert_eq!(won.len(), 1);
    assert!(matches!(&won[0], Assignment::Assigned(given) if given.owner == owner));
    assert!(lost.iter().all(|outcome| *outcome == Assignment::Taken));
}

pub(super) async fn only_what_belongs_to_nobody_is_given(store: &Store) {
    store.insert(message(1)).await;
    let ruled = Inbound {
        receiver: Receiver::User(user(2)),
        ..inbound(2, ANNA)
    };
    receive(store, &ruled).await;
    receive(store, &inbound(3, ANNA)).await;
    store
        .ledger
        .delete(UserId::NOBODY, id(3), at(4))
        .await
        .unwrap();
    let ids = [1, 2, 3].map(id);
    let before = store.documents(&ids).await;
    for (number, to) in [(1, 1), (1, 2), (2, 2), (2, 1), (3, 1), (9, 1)] {
        assert_eq!(
            assign(store, number, to, at(60)).await,
            Assignment::NotFound
        );
    }
    assert_eq!(store.documents(&ids).await, before);
}

/// As if they had exchanged it when it was given to them.
pub(super) async fn who_was_given_a_text_gets_the_next(store: &Store) {
    let long_ago = at(0);
    let day = |days| long_ago + DAY * days;
    receive(store, &answer(1, ANNA, long_ago)).await;
    assign(store, 1, 1, day(40)).await;
    assert_eq!(owner_of(store, &answer(2, ANNA, day(41))).await, user(1));
    let elsewhere = Inbound {
        to: address("+15005550009"),
        ..answer(3, ANNA, day(41))
    };
    assert_eq!(owner_of(store, &elsewhere).await, UserId::NOBODY);
    let channel = answer(4, "whatsapp:+14155550123", day(41));
    assert_eq!(owner_of(store, &channel).await, user(1));
    // Nobody takes a running conversation over, and somebody does one that is not.
    taken(store, outbound(5, 2, ANNA), day(42)).await;
    assert_eq!(owner_of(store, &answer(6, ANNA, day(43))).await, user(1));
    taken(store, outbound(7, 2, ANNA), day(50)).await;
    assert_eq!(owner_of(store, &answer(8, ANNA, day(51))).await, user(2));
    // A deleted text stands for nobody.
    receive(store, &answer(9, "384387", long_ago)).await;
    assign(store, 9, 1, day(51)).await;
    store.ledger.delete(user(1), id(9), day(51)).await.unwrap();
    let code = answer(10, "384387", day(51));
    assert_eq!(owner_of(store, &code).await, UserId::NOBODY);
}

pub(super) async fn where_nobody_is_to_get_it_at_first_whoever_was_given_it_does(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    let ruled = |number, at| Inbound {
        receiver: Receiver::Claimer,
        ..answer(number, ANNA, at)
    };
    assert_eq!(owner_of(store, &ruled(2, at(10))).await, UserId::NOBODY);
    assign(store, 2, 2, at(20)).await;
    assert_eq!(owner_of(store, &ruled(3, at(30))).await, user(2));
    assert_eq!(
        owner_of(store, &ruled(4, at(30) + DAY * 31)).await,
        UserId::NOBODY
    );
}
