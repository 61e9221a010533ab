//! What is received, and what users see of what they exchanged with whom.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{
    Address, Body, Direction, Inbound, LeaseToken, MOST_EXCHANGED, Media, Message, MessageId,
    NewMessage, Position, Receiver, Status, Timestamp, UserId,
};
use mysms_core::store::{Among, Conversation, Excerpt, Filter, Order, Overview, Page};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, SENDER, address, at, claim, fact, id, message, number, pictures, race, rejected, sid,
    text, token, unknown, user,
};
use super::positions;

pub(super) const DAY: Duration = Duration::from_hours(24);

pub(super) const ANNA: &str = "+14155550123";
pub(super) const BERT: &str = "+14155550199";

pub(super) fn inbound(number: u64, from: &str) -> Inbound {
    Inbound {
        id: id(number),
        sid: sid(number),
        account: ACCOUNT.to_owned(),
        from: address(from),
        to: address(SENDER),
        service: None,
        receiver: Receiver::Holder,
        otherwise: UserId::NOBODY,
        body: Some(text(&format!("Answer {number}"))),
        media: Media::default(),
        at: at(number),
        recovered_at: None,
        left: Vec::new(),
    }
}

pub(super) fn outbound(number: u64, owner: u64, recipient: &str) -> NewMessage {
    NewMessage {
        owner: user(owner),
        recipient: self::number(recipient),
        ..message(number)
    }
}

pub(super) fn answer(number: u64, from: &str, at: Timestamp) -> Inbound {
    Inbound {
        at,
        ..inbound(number, from)
    }
}

/// Stores a text that the provider took at a time, under the SID of its number and 1000.
pub(super) async fn taken(store: &Store, new: NewMessage, at: Timestamp) {
    // The tests count the last bytes of their ids.
    let number = new.id.as_uuid().as_u128() & 0xffff;
    let number = u64::try_from(number).unwrap();
    let id = store.sending(new, LeaseToken::generate()).await;
    store
        .fact(&fact(id, sid(1000 + number), "accepted", at))
        .await;
}

pub(super) async fn receive(store: &Store, inbound: &Inbound) -> Message {
    store.conversations.receive(inbound).await.unwrap().message
}

pub(super) async fn owner_of(store: &Store, inbound: &Inbound) -> UserId {
    receive(store, inbound).await.owner
}

pub(super) async fn list(store: &Store, owner: u64) -> Vec<Conversation> {
    page_of_list(store, owner, None, 100).await
}

async fn page_of_list(
    store: &Store,
    owner: u64,
    before: Option<Position>,
    limit: usize,
) -> Vec<Conversation> {
    let wanted = Overview {
        before,
        number: None,
        among: Among::All,
        limit,
    };
    let list = store.conversations.conversations(user(owner), &wanted);
    list.await.unwrap()
}

async fn history(store: &Store, filter: Filter) -> Vec<MessageId> {
    let page = Page {
        order: Order::OldestFirst,
        after: None,
        limit: 100,
        filter,
    };
    let part = store.history.page(user(1), page).await.unwrap();
    part.messages.iter().map(|message| message.id).collect()
}

async fn thread(store: &Store, counterpart: &str) -> Vec<MessageId> {
    let wanted = Excerpt {
        counterpart: address(counterpart),
        order: Order::OldestFirst,
        after: None,
        limit: 100,
    };
    positions::thread(store, wanted).await
}

pub(super) async fn a_received_message_is_read_back_field_by_field(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    let answer = inbound(2, ANNA);
    let stored = receive(store, &answer).await;
    assert_eq!(stored, answer.clone().message_for(user(1)));
    let found = store.history.find(user(1), id(2)).await.unwrap().unwrap();
    assert_eq!(found, stored);
    assert_eq!(
        (found.direction, found.status),
        (Direction::Inbound, Status::Delivered)
    );
    let silent = Inbound {
        body: None,
        service: Some("MG0123456789abcdef0123456789abcdef".to_owned()),
        ..inbound(3, ANNA)
    };
    receive(store, &silent).await;
    let found = store.history.find(user(1), id(3)).await.unwrap().unwrap();
    assert_eq!(found, silent.message_for(user(1)));
    assert_eq!(found.body, None, "nothing is known of it");
    let picture = Inbound {
        body: None,
        media: pictures(&["https://x/0", "https://x/1"]),
        ..inbound(4, ANNA)
    };
    receive(store, &picture).await;
    let found = store.history.find(user(1), id(4)).await.unwrap().unwrap();
    assert_eq!(found.body, Some(Body::empty()));
    assert_eq!(found, picture.message_for(user(1)));
}

pub(super) async fn the_same_sid_is_one_message(store: &Store) {
    let answer = inbound(1, ANNA);
    let first = store.conversations.receive(&answer).await.unwrap();
    let again = store.conversations.receive(&answer).await.unwrap();
    let told_anew = Inbound {
        id: id(2),
        at: at(60),
        ..answer
    };
    let later = store.conversations.receive(&told_anew).await.unwrap();
    assert!(!first.known && !again.known && later.known);
    assert_eq!(first.message, again.message);
    assert_eq!(first.message, later.message);
    assert_eq!(
        store.history.find(UserId::NOBODY, id(2)).await.unwrap(),
        None
    );
}

pub(super) async fn one_of_twenty_racing_deliveries_of_a_sid_is_stored(store: &Store) {
    let received = race(|number| {
        let conversations = Arc::clone(&store.conversations);
        let delivery = Inbound {
            sid: sid(1),
            ..inbound(number, ANNA)
        };
        async move { conversations.receive(&delivery).await.unwrap() }
    })
    .await;
    let new = received.iter().filter(|received| !received.known).count();
    let ids: BTreeSet<_> = received
        .iter()
        .map(|received| received.message.id)
        .collect();
    assert_eq!((new, ids.len()), (1, 1));
}

pub(super) async fn it_belongs_to_the_user_who_holds_the_conversation(store: &Store) {
    assert_eq!(owner_of(store, &inbound(1, ANNA)).await, UserId::NOBODY);
    taken(store, outbound(2, 1, ANNA), at(0)).await;
    taken(store, outbound(3, 2, BERT), at(0)).await;
    assert_eq!(owner_of(store, &inbound(4, ANNA)).await, user(1));
    // Not within three days, and then from the next text on.
    taken(store, outbound(5, 2, ANNA), at(3600)).await;
    assert_eq!(owner_of(store, &answer(6, ANNA, at(7200))).await, user(1));
    taken(store, outbound(7, 2, ANNA), at(7200) + DAY * 3).await;
    let later = at(7300) + DAY * 3;
    assert_eq!(owner_of(store, &answer(8, ANNA, later)).await, user(2));
    let elsewhere = Inbound {
        to: address("+15005550009"),
        ..answer(9, ANNA, later)
    };
    assert_eq!(owner_of(store, &elsewhere).await, UserId::NOBODY);
    // After a month an answer is one to nobody.
    let much_later = later + DAY * 31;
    assert_eq!(
        owner_of(store, &answer(10, ANNA, much_later)).await,
        UserId::NOBODY
    );
}

/// Somebody else wrote to the number between the time at which it was received and that at which it was
/// found.
pub(super) async fn a_text_that_is_found_late_goes_to_whom_it_was_written(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    taken(store, outbound(2, 2, ANNA), at(0) + DAY * 4).await;
    let found = Inbound {
        recovered_at: Some(at(0) + DAY * 5),
        ..answer(3, ANNA, at(0) + DAY / 24)
    };
    let received = receive(store, &found).await;
    assert_eq!(received, found.message_for(user(1)));
    assert!(received.is_recovered());
    assert_eq!(received.updated_at, at(0) + DAY * 5);
    assert_eq!(store.get(id(3)).await, received);
    let told = answer(4, ANNA, at(0) + DAY * 5);
    assert_eq!(owner_of(store, &told).await, user(2));
}

/// Whoever writes to whom: the number's rule says so.
pub(super) async fn a_number_may_give_its_texts_to_one_user(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    let ruled = Inbound {
        receiver: Receiver::User(user(2)),
        ..inbound(2, ANNA)
    };
    let received = receive(store, &ruled).await;
    assert_eq!(received, ruled.clone().message_for(user(2)));
    assert_eq!(store.get(id(2)).await, received);
    let told_again = Inbound {
        id: id(3),
        receiver: Receiver::User(user(3)),
        ..ruled
    };
    assert_eq!(owner_of(store, &told_again).await, user(2), "it is theirs");
    assert_eq!(owner_of(store, &inbound(4, ANNA)).await, user(1));
}

pub(super) async fn a_text_through_a_service_is_answered_through_it(store: &Store) {
    let service = "MG0123456789abcdef0123456789abcdef";
    let through = NewMessage {
        sender: Some(service.to_owned()),
        ..outbound(1, 3, ANNA)
    };
    taken(store, through, at(0)).await;
    assert_eq!(owner_of(store, &inbound(2, ANNA)).await, UserId::NOBODY);
    let through_the_service = Inbound {
        service: Some(service.to_owned()),
        ..inbound(3, ANNA)
    };
    assert_eq!(owner_of(store, &through_the_service).await, user(3));
}

/// However many texts somebody schedules, and nobody gets.
pub(super) async fn texts_that_nobody_got_hide_no_conversation(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    let scheduled = (0..=u64::from(MOST_EXCHANGED)).map(|number| {
        let text = NewMessage {
            send_at: Some(at(0) + DAY),
            ..outbound(10 + number, 2, ANNA)
        };
        store.ledger.insert(text)
    });
    futures_util::future::try_join_all(scheduled).await.unwrap();
    // Long after the others, and not long enough after what Anna has exchanged.
    taken(store, outbound(6000, 2, ANNA), at(3600)).await;
    let answer = answer(6001, ANNA, at(7200));
    assert_eq!(owner_of(store, &answer).await, user(1));
}

/// Whoever texts Anna four days after her last text with Alice takes the conversation over, but not by
/// a text that has not reached her: that would cost nothing, and she would not know of it.
pub(super) async fn only_a_text_that_was_taken_takes_a_conversation_over(store: &Store) {
    let (alice, mallory, then) = (user(1), user(2), at(0) + DAY * 4);
    let answered = async |number: u64| owner_of(store, &answer(number, ANNA, then)).await;
    taken(store, outbound(1, 1, ANNA), at(0)).await;

    store.insert(outbound(2, 2, ANNA)).await;
    assert_eq!(answered(20).await, alice, "queued");
    let scheduled = NewMessage {
        send_at: Some(then + DAY),
        wake_at: then + DAY,
        expires_at: then + DAY * 2,
        ..outbound(3, 2, ANNA)
    };
    store.insert(scheduled).await;
    assert_eq!(answered(21).await, alice, "scheduled");
    store.insert(outbound(4, 2, ANNA)).await;
    store.ledger.cancel(mallory, id(4), at(1)).await.unwrap();
    assert_eq!(answered(22).await, alice, "canceled");
    store.sending(outbound(5, 2, ANNA), token(5)).await;
    assert_eq!(answered(23).await, alice, "sending");
    store.sending(outbound(6, 2, ANNA), token(6)).await;
    assert!(store.settle(id(6), token(6), unknown(), at(1)).await);
    assert_eq!(answered(24).await, alice, "in doubt");
    store.sending(outbound(7, 2, ANNA), token(7)).await;
    assert!(store.settle(id(7), token(7), rejected(), at(1)).await);
    assert_eq!(answered(25).await, alice, "refused");
    for (number, word) in [(8, "failed"), (9, "undelivered")] {
        taken(store, outbound(number, 2, ANNA), then).await;
        store
            .fact(&fact(id(number), sid(1000 + number), word, then))
            .await;
        assert_eq!(answered(20 + number).await, alice, "{word}");
    }
    taken(store, outbound(10, 2, ANNA), then).await;
    store.ledger.delete(mallory, id(10), then).await.unwrap();
    assert_eq!(answered(30).await, alice, "deleted");

    for (number, word) in [(11, "accepted"), (12, "sent"), (13, "delivered")] {
        let to = format!("+141555502{number}");
        taken(store, outbound(100 + 2 * number, 1, &to), at(0)).await;
        taken(store, outbound(100 + 2 * number + 1, 2, &to), then).await;
        let sid = sid(1000 + 100 + 2 * number + 1);
        store
            .fact(&fact(id(100 + 2 * number + 1), sid, word, then))
            .await;
        let owner = owner_of(store, &answer(30 + number, &to, then)).await;
        assert_eq!(owner, mallory, "{word}");
    }
}

pub(super) async fn a_deleted_message_stands_for_nobody(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    taken(store, outbound(2, 2, ANNA), at(0) + DAY * 4).await;
    store.ledger.delete_all(user(2), at(3)).await.unwrap();
    assert_eq!(
        owner_of(store, &answer(4, ANNA, at(0) + DAY * 4)).await,
        user(1)
    );
}

pub(super) async fn a_history_shows_what_was_sent_and_a_thread_both(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    receive(store, &inbound(2, ANNA)).await;
    store.insert(outbound(3, 1, BERT)).await;
    store.insert(outbound(4, 1, ANNA)).await;
    assert_eq!(
        history(store, Filter::default()).await,
        [id(1), id(3), id(4)]
    );
    let to_anna = Filter {
        counterpart: Some(address(ANNA)),
        ..Filter::default()
    };
    assert_eq!(history(store, to_anna).await, [id(1), id(4)]);
    assert_eq!(thread(store, ANNA).await, [id(1), id(2), id(4)]);
    assert_eq!(thread(store, BERT).await, [id(3)]);
    assert_eq!(thread(store, "+14155550100").await, []);
}

pub(super) async fn conversations_are_listed_newest_first_and_in_pages(store: &Store) {
    let numbers: Vec<_> = (0..5).map(|last| format!("+1415555010{last}")).collect();
    for (place, to) in numbers.iter().chain(&numbers[..2]).enumerate() {
        taken(store, outbound(place as u64 + 1, 1, to), at(0)).await;
    }
    receive(store, &inbound(8, &numbers[3])).await;
    store.insert(outbound(9, 2, &numbers[4])).await;
    let expected = [3, 1, 0, 4, 2].map(|place: usize| numbers[place].as_str());
    let shown = list(store, 1).await;
    let counterparts: Vec<_> = shown
        .iter()
        .map(|known| known.counterpart.as_str())
        .collect();
    assert_eq!(counterparts, expected);
    assert_eq!(shown[0].last.id, id(8));
    assert_eq!(shown[0].last.timeline, []);
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = page_of_list(store, 1, before, 2).await;
        let Some(last) = page.last() else { break };
        before = Some(last.last.position());
        pages.extend(page);
    }
    assert_eq!(pages, shown);
    assert_eq!(list(store, 3).await, []);
}

pub(super) async fn a_deleted_message_is_in_no_conversation(store: &Store) {
    store.insert(outbound(1, 1, ANNA)).await;
    store.insert(outbound(2, 1, ANNA)).await;
    store.insert(outbound(3, 1, BERT)).await;
    assert!(store.claim(id(2), claim(token(1), at(3))).await);
    for deleted in [2, 3] {
        assert!(
            store
                .ledger
                .delete(user(1), id(deleted), at(5))
                .await
                .unwrap()
                .any()
        );
    }
    let shown = list(store, 1).await;
    let last: Vec<_> = shown.iter().map(|known| known.last.id).collect();
    assert_eq!(last, [id(1)]);
}

pub(super) async fn what_was_read_is_counted_no_more(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    taken(store, outbound(2, 1, BERT), at(0)).await;
    for number in 3..=5 {
        receive(store, &inbound(number, ANNA)).await;
    }
    receive(store, &inbound(6, BERT)).await;
    assert_eq!(unread(store).await, [(BERT, 1), (ANNA, 3)].map(known));
    assert!(read(store, ANNA, Some(4)).await);
    assert!(!read(store, ANNA, Some(4)).await);
    assert_eq!(unread(store).await, [(BERT, 1), (ANNA, 1)].map(known));
    let seen = store.history.find(user(1), id(4)).await.unwrap().unwrap();
    assert_eq!((seen.unread, seen.updated_at), (false, at(60)));
    assert!(read(store, ANNA, None).await);
    assert_eq!(unread(store).await, [(BERT, 1), (ANNA, 0)].map(known));
    let bert = address(BERT);
    let of_another = store.ledger.mark_read(user(2), &bert, None, at(60));
    assert!(!of_another.await.unwrap());
    assert_eq!(unread(store).await, [(BERT, 1), (ANNA, 0)].map(known));
}

fn known((counterpart, unread): (&str, u64)) -> (Address, u64) {
    (address(counterpart), unread)
}

async fn unread(store: &Store) -> Vec<(Address, u64)> {
    let shown = list(store, 1).await.into_iter();
    shown
        .map(|known| (known.counterpart, known.unread))
        .collect()
}

async fn read(store: &Store, counterpart: &str, up_to: Option<u64>) -> bool {
    let (counterpart, up_to) = (address(counterpart), up_to.map(id));
    let read = store.ledger.mark_read(user(1), &counterpart, up_to, at(60));
    read.await.unwrap()
}

pub(super) async fn a_received_message_is_a_change_and_nothing_to_do(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(0)).await;
    receive(store, &inbound(2, ANNA)).await;
    let place = mysms_core::store::Place::before(at(2));
    let changed = store
        .changes
        .changed_after(user(1), place, 10)
        .await
        .unwrap();
    assert_eq!(
        changed.iter().map(|one| one.id).collect::<Vec<_>>(),
        [id(2)]
    );
    assert!(!store.claim(id(2), claim(token(1), at(3))).await);
    assert_eq!(
        store.ledger.cancel(user(1), id(2), at(3)).await.unwrap(),
        mysms_core::ledger::Cancel::TooLate
    );
    assert!(
        store
            .ledger
            .delete(user(1), id(2), at(4))
            .await
            .unwrap()
            .any()
    );
    assert_eq!(unread(store).await, [(ANNA, 0)].map(known));
}
