//! Where messages stand in their conversations, and which of these are last.

use mysms_core::domain::{MessageId, NewMessage, NumberPart, Position};
use mysms_core::store::{Among, Excerpt, Order, Overview};

use super::adapters::Store;
use super::conversations::{ANNA, BERT, inbound, list, outbound, receive, taken};
use super::fixtures::{address, at, claim, fact, id, sid, token, user};

const HOUR: u64 = 3600;

/// A text that is to be sent an hour later.
fn scheduled(number: u64, recipient: &str) -> NewMessage {
    NewMessage {
        send_at: Some(at(HOUR)),
        ..outbound(number, 1, recipient)
    }
}

/// What is received at a time, with that time in its id.
async fn receive_at(store: &Store, number: u64, from: &str, seconds: u64) -> MessageId {
    let written = inbound(number, from);
    let written = mysms_core::domain::Inbound {
        id: MessageId::from_uuid(Position::at(at(seconds), written.id).as_uuid()),
        at: at(seconds),
        ..written
    };
    receive(store, &written).await.id
}

/// The provider takes a text that has become due.
async fn goes_out(store: &Store, number: u64, seconds: u64) {
    let claimed = store.claim(id(number), claim(token(number), at(seconds)));
    assert!(claimed.await);
    let taken = fact(id(number), sid(1000 + number), "accepted", at(seconds));
    store.fact(&taken).await;
}

fn excerpt(order: Order, after: Option<Position>, limit: usize) -> Excerpt {
    Excerpt {
        counterpart: address(ANNA),
        order,
        after,
        limit,
    }
}

pub(super) async fn thread(store: &Store, wanted: Excerpt) -> Vec<MessageId> {
    let messages = store
        .conversations
        .exchanged(user(1), &wanted)
        .await
        .unwrap();
    messages.iter().map(|message| message.id).collect()
}

async fn whole(store: &Store) -> Vec<MessageId> {
    let newest = thread(store, excerpt(Order::NewestFirst, None, 100)).await;
    let mut oldest = thread(store, excerpt(Order::OldestFirst, None, 100)).await;
    oldest.reverse();
    assert_eq!(newest, oldest);
    oldest.reverse();
    oldest
}

pub(super) async fn a_text_that_waited_stands_where_it_went_out(store: &Store) {
    store.insert(scheduled(1, ANNA)).await;
    store.insert(scheduled(2, ANNA)).await;
    taken(store, outbound(3, 1, ANNA), at(1)).await;
    let before = receive_at(store, 4, ANNA, HOUR - 1).await;
    assert_eq!(whole(store).await, [id(1), id(2), id(3), before]);
    goes_out(store, 2, HOUR + 1).await;
    assert_eq!(whole(store).await, [id(1), id(3), before, id(2)]);
    let after = receive_at(store, 5, ANNA, HOUR + 2).await;
    assert_eq!(whole(store).await, [id(1), id(3), before, id(2), after]);
    // Nothing that happens to it later moves it again, and what never goes out stays.
    let delivered = fact(id(2), sid(1002), "delivered", at(HOUR + 9));
    store.fact(&delivered).await;
    store
        .ledger
        .cancel(user(1), id(1), at(HOUR + 9))
        .await
        .unwrap();
    assert_eq!(whole(store).await, [id(1), id(3), before, id(2), after]);
    let shown = store.history.find(user(1), id(2)).await.unwrap().unwrap();
    assert_eq!(shown.dispatched_at(), Some(at(HOUR + 1)));
    assert_eq!(shown.position(), Position::at(at(HOUR + 1), id(2)));
}

pub(super) async fn it_lifts_its_conversation_when_it_goes_out(store: &Store) {
    taken(store, outbound(0, 1, ANNA), at(1)).await;
    store.insert(scheduled(1, ANNA)).await;
    taken(store, outbound(2, 1, BERT), at(1)).await;
    let last = async || -> Vec<_> {
        let shown = list(store, 1).await.into_iter();
        shown
            .map(|known| (known.counterpart, known.last.id))
            .collect()
    };
    let (anna, bert) = (address(ANNA), address(BERT));
    assert_eq!(last().await, [(bert.clone(), id(2)), (anna.clone(), id(1))]);
    let answer = receive_at(store, 3, ANNA, 9).await;
    assert_eq!(
        last().await,
        [(anna.clone(), answer), (bert.clone(), id(2))]
    );
    let answer = receive_at(store, 4, BERT, HOUR).await;
    assert_eq!(last().await[0], (bert.clone(), answer));
    goes_out(store, 1, HOUR + 1).await;
    assert_eq!(last().await, [(anna, id(1)), (bert, answer)]);
}

pub(super) async fn pages_go_on_on_both_sides_while_a_text_moves(store: &Store) {
    for number in 1..=3 {
        taken(store, outbound(number, 1, ANNA), at(1)).await;
    }
    store.insert(scheduled(4, ANNA)).await;
    for number in 5..=7 {
        taken(store, outbound(number, 1, ANNA), at(1)).await;
    }
    let page = async |order, after: u64| {
        let after = store.get(id(after)).await.position();
        thread(store, excerpt(order, Some(after), 2)).await
    };
    assert_eq!(page(Order::NewestFirst, 6).await, [id(5), id(4)]);
    assert_eq!(page(Order::OldestFirst, 3).await, [id(4), id(5)]);
    goes_out(store, 4, HOUR + 1).await;
    assert_eq!(page(Order::NewestFirst, 5).await, [id(3), id(2)]);
    assert_eq!(page(Order::OldestFirst, 6).await, [id(7), id(4)]);
    assert_eq!(page(Order::NewestFirst, 4).await, [id(7), id(6)]);
    assert_eq!(page(Order::OldestFirst, 4).await, []);
    let all = excerpt(Order::OldestFirst, None, 9);
    let others = store.conversations.exchanged(user(2), &all);
    assert_eq!(others.await.unwrap(), []);
    let none = thread(store, excerpt(Order::OldestFirst, None, 0)).await;
    assert_eq!(none, []);
}

/// The last message that is shown may be one whose id is lower than those of what was received before it.
pub(super) async fn what_is_seen_up_to_a_text_that_moved_is_read(store: &Store) {
    store.insert(scheduled(1, ANNA)).await;
    taken(store, outbound(2, 1, ANNA), at(1)).await;
    receive_at(store, 3, ANNA, 9).await;
    goes_out(store, 1, HOUR + 1).await;
    receive_at(store, 4, ANNA, HOUR + 2).await;
    let anna = address(ANNA);
    let read = store
        .ledger
        .mark_read(user(1), &anna, Some(id(1)), at(HOUR + 3));
    assert!(read.await.unwrap());
    assert_eq!(list(store, 1).await[0].unread, 1);
}

pub(super) async fn conversations_are_found_by_a_part_of_the_number(store: &Store) {
    for (number, to) in [(1, ANNA), (2, BERT), (3, "+14156660998")] {
        taken(store, outbound(number, 1, to), at(1)).await;
    }
    taken(store, outbound(4, 2, "+14156660999"), at(1)).await;
    let found = async |part: &str, before: Option<Position>, limit| -> Vec<_> {
        let wanted = Overview {
            before,
            number: NumberPart::parse(part).ok(),
            among: Among::All,
            limit,
        };
        let found = store.conversations.conversations(user(1), &wanted);
        let found = found.await.unwrap().into_iter();
        found.map(|known| known.last.id).collect()
    };
    assert_eq!(found("415666", None, 9).await, [id(3)]);
    assert_eq!(found("(415) 555", None, 9).await, [id(2), id(1)]);
    assert_eq!(found("415555", None, 1).await, [id(2)]);
    assert_eq!(found("415555", Some(id(2).into()), 1).await, [id(1)]);
    assert_eq!(found("415555012", None, 9).await, [id(1)]);
    assert_eq!(found("777", None, 9).await, []);
}
