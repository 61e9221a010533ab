//! Looking for messages in a history.

use futures_util::future::join_all;
use mysms_core::domain::{MessageId, NewMessage, NumberPart, Status, Timestamp};
use mysms_core::store::{Filter, Needle, Order, Page, SEARCHED, Ways};

use super::adapters::Store;
use super::conversations::{ANNA, inbound, outbound, receive, taken};
use super::fixtures::{
    address, at, fact, id, message, millis, number, reference, sid, tags, text, token, user,
};

const ORDERS: [Order; 2] = [Order::OldestFirst, Order::NewestFirst];

/// A message of the first user that was sent at a given time.
fn sent_at(at: Timestamp) -> NewMessage {
    NewMessage {
        id: MessageId::generate(at),
        sent_at: at,
        ..message(0)
    }
}

fn with_statuses(statuses: &[Status]) -> Filter {
    Filter {
        statuses: statuses.to_vec(),
        ..Filter::default()
    }
}

fn to(recipient: &str) -> Filter {
    Filter {
        counterpart: Some(address(recipient)),
        ..Filter::default()
    }
}

fn with_text(text: &str) -> Filter {
    Filter {
        text: Some(Needle::new(text)),
        ..Filter::default()
    }
}

fn with_reference(name: &str) -> Filter {
    Filter {
        reference: Some(reference(name)),
        ..Filter::default()
    }
}

fn with_tags(pairs: &[&str]) -> Filter {
    Filter {
        tags: tags(pairs),
        ..Filter::default()
    }
}

fn between(since: Option<Timestamp>, until: Option<Timestamp>) -> Filter {
    Filter {
        since,
        until,
        ..Filter::default()
    }
}

/// All that passes, gathered page by page.
async fn pages(store: &Store, filter: &Filter, order: Order, limit: usize) -> Vec<MessageId> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = Page {
            order,
            after,
            limit,
            filter: filter.clone(),
        };
        let part = store.history.page(user(1), page).await.unwrap();
        assert!(part.messages.len() <= limit);
        all.extend(part.messages.iter().map(|message| message.id));
        let last = part.messages.last().map(|message| message.id);
        after = part.searched_to.or(last);
        if after.is_none() {
            return all;
        }
    }
}

/// A filter lets exactly these through, in both orders and in pages of any size.
async fn assert_found(store: &Store, filter: Filter, expected: &[MessageId]) {
    for order in ORDERS {
        let mut expected = expected.to_vec();
        if order == Order::NewestFirst {
            expected.reverse();
        }
        for limit in [1, 2, 200] {
            let found = pages(store, &filter, order, limit).await;
            assert_eq!(found, expected, "{filter:?} {order:?} by {limit}");
        }
    }
}

pub(super) async fn by_status(store: &Store) {
    use Status::{Accepted, Canceled, Delivered, Queued, Sending};
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    store.insert(message(4)).await;
    let delivered = store.accepted(message(5), sid(5)).await;
    let receipt = fact(delivered, sid(5), "delivered", at(9));
    store.fact(&receipt).await;
    store.delete(id(4), at(5)).await;

    assert_found(store, with_statuses(&[Queued]), &[id(1)]).await;
    assert_found(store, with_statuses(&[Delivered, Sending]), &[id(2), id(5)]).await;
    assert_found(store, with_statuses(&[Accepted]), &[id(3)]).await;
    assert_found(store, with_statuses(&[Canceled]), &[]).await;
    assert_found(store, with_statuses(&[]), &[id(1), id(2), id(3), id(5)]).await;
}

pub(super) async fn by_recipient(store: &Store) {
    for number in 1..=6 {
        let recipient = ["+14155550123", "+14155550199"][(number % 2) as usize];
        let new = NewMessage {
            recipient: self::number(recipient),
            ..message(number)
        };
        store.insert(new).await;
    }
    store
        .insert(NewMessage {
            owner: user(2),
            ..message(8)
        })
        .await;
    store.delete(id(4), at(5)).await;
    assert_found(store, to("+14155550123"), &[id(2), id(6)]).await;
    assert_found(store, to("+14155550199"), &[id(1), id(3), id(5)]).await;
    assert_found(store, to("+14155550100"), &[]).await;
}

pub(super) async fn by_reference_exactly(store: &Store) {
    for (number, name) in (1..).zip(["order 1", "order 1", "Order 1", "order 17", "order 1"]) {
        let owner = user(if number == 5 { 2 } else { 1 });
        let new = NewMessage {
            owner,
            reference: Some(reference(name)),
            ..message(number)
        };
        store.insert(new).await;
    }
    store.insert(message(6)).await;
    assert_found(store, with_reference("order 1"), &[id(1), id(2)]).await;
    assert_found(store, with_reference("order 17"), &[id(4)]).await;
    assert_found(store, with_reference("order"), &[]).await;
    assert_found(store, with_reference("{\"$gt\": \"\"}"), &[]).await;
    store.delete(id(2), at(5)).await;
    assert_found(store, with_reference("order 1"), &[id(1)]).await;
}

pub(super) async fn by_all_tags_that_are_wanted(store: &Store) {
    let noted: [&[&str]; 6] = [
        &["shop:1"],
        &["shop:1", "kind:bill"],
        &["shop:2", "kind:bill"],
        &["shop:11"],
        &["kind:shop:1"],
        &[],
    ];
    for (number, pairs) in (1..).zip(noted) {
        let new = NewMessage {
            tags: tags(pairs),
            ..message(number)
        };
        store.insert(new).await;
    }
    let of_another = NewMessage {
        owner: user(2),
        tags: tags(&["shop:1"]),
        ..message(7)
    };
    store.insert(of_another).await;
    assert_found(store, with_tags(&["shop:1"]), &[id(1), id(2)]).await;
    assert_found(store, with_tags(&["kind:bill"]), &[id(2), id(3)]).await;
    assert_found(store, with_tags(&["shop:1", "kind:bill"]), &[id(2)]).await;
    assert_found(store, with_tags(&["shop:3", "kind:bill"]), &[]).await;
    assert_found(store, with_tags(&["kind:shop:1"]), &[id(5)]).await;
    store.delete(id(2), at(5)).await;
    assert_found(store, with_tags(&["shop:1"]), &[id(1)]).await;
    assert_found(store, with_tags(&["kind:bill"]), &[id(3)]).await;
}

/// Many have one tag, few the other: whoever wants both gets all of them at once.
pub(super) async fn several_conditions_are_found_by_the_rarest(store: &Store) {
    let count = SEARCHED as u64 + 10;
    let is_rare = |number: u64| number == 1 || number == count;
    let inserts = (1..=count).map(|number| {
        let pairs: &[&str] = match number {
            number if is_rare(number) => &["all:x", "rare:x"],
            _ => &["all:x"],
        };
        store.insert(NewMessage {
            tags: tags(pairs),
            reference: Some(reference("all")),
            ..message(number)
        })
    });
    join_all(inserts).await;
    for order in ORDERS {
        let page = Page {
            order,
            after: None,
            limit: 5,
            filter: Filter {
                counterpart: Some(address("+14155550123")),
                reference: Some(reference("all")),
                ..with_tags(&["all:x", "rare:x"])
            },
        };
        let part = store.history.page(user(1), page).await.unwrap();
        let mut found: Vec<_> = part.messages.iter().map(|message| message.id).collect();
        found.sort();
        assert_eq!(found, [id(1), id(count)]);
        assert_eq!(part.searched_to, None, "nothing had to be passed over");
    }
}

pub(super) async fn by_the_time_to_the_millisecond(store: &Store) {
    let mut ids = Vec::new();
    for later in [0, 1, 1, 2, 1000] {
        ids.push(store.insert(sent_at(at(0) + millis(later))).await);
    }
    let after = |later| Some(at(0) + millis(later));
    for (since, until, expected) in [
        (None, None, &ids[..]),
        (after(0), None, &ids[..]),
        (after(1), None, &ids[1..]),
        (after(2), None, &ids[3..]),
        (after(1001), None, &[]),
        (None, after(0), &[]),
        (None, after(1), &ids[..1]),
        (None, after(2), &ids[..3]),
        (after(1), after(2), &ids[1..3]),
        (after(1), after(1001), &ids[1..]),
        (after(2), after(1), &[]),
        (Some(Timestamp::from_millis(-1)), after(1), &ids[..1]),
    ] {
        assert_found(store, between(since, until), expected).await;
    }
}

pub(super) async fn by_text_literally_and_ignoring_case(store: &Store) {
    let bodies = [
        "Your CODE is 1",
        "привет",
        "100 % sure",
        "a.*b",
        "ПРИВЕТ code",
    ];
    for (number, body) in (1..).zip(bodies) {
        let new = NewMessage {
            body: text(body),
            ..message(number)
        };
        store.insert(new).await;
    }
    store.delete(id(2), at(5)).await;
    assert_found(store, with_text("code"), &[id(1), id(5)]).await;
    assert_found(store, with_text("Привет"), &[id(5)]).await;
    assert_found(store, with_text("%"), &[id(3)]).await;
    assert_found(store, with_text(".*"), &[id(4)]).await;
    assert_found(store, with_text("\"$"), &[]).await;
}

pub(super) async fn by_everything_together(store: &Store) {
    let mut ids = Vec::new();
    for number in 0..24_u64 {
        let recipient = ["+14155550123", "+14155550199"][usize::from(number % 2 == 1)];
        let new = NewMessage {
            recipient: self::number(recipient),
            body: text(["yes", "NO", "Yes, sir"][(number % 3) as usize]),
            reference: (number != 12).then(|| reference("order 1")),
            tags: tags(if number == 14 {
                &["a:1"]
            } else {
                &["a:1", "b:2"]
            }),
            ..sent_at(at(number))
        };
        ids.push(store.insert(new).await);
    }
    for id in ids.iter().skip(8) {
        let canceled = store.ledger.cancel(user(1), *id, at(99)).await.unwrap();
        assert!(matches!(canceled, mysms_core::ledger::Cancel::Canceled(_)));
    }
    let filter = Filter {
        statuses: vec![Status::Canceled, Status::Delivered],
        counterpart: Some(address("+14155550123")),
        since: Some(at(4)),
        until: Some(at(20)),
        text: Some(Needle::new("YES")),
        ..Filter::default()
    };
    // Of 8 to 19 the even ones, but for those that say no.
    let expected = [8, 12, 14, 18].map(|number| ids[number]);
    assert_found(store, filter.clone(), &expected).await;
    let noted = Filter {
        reference: Some(reference("order 1")),
        tags: tags(&["a:1", "b:2"]),
        ..filter
    };
    assert_found(store, noted, &[ids[8], ids[18]]).await;
}

pub(super) async fn by_direction(store: &Store) {
    for number in [1, 3] {
        taken(store, outbound(number, 1, ANNA), at(1)).await;
        receive(store, &inbound(number + 1, ANNA)).await;
    }
    let ways = |ways| Filter {
        ways,
        ..Filter::default()
    };
    assert_found(store, Filter::default(), &[id(1), id(3)]).await;
    assert_found(store, ways(Ways::Sent), &[id(1), id(3)]).await;
    assert_found(store, ways(Ways::Received), &[id(2), id(4)]).await;
    assert_found(store, ways(Ways::Both), &[id(1), id(2), id(3), id(4)]).await;
    let answers = Filter {
        ways: Ways::Both,
        ..with_text("answer")
    };
    assert_found(store, answers, &[id(2), id(4)]).await;
    let hers = Filter {
        ways: Ways::Received,
        ..to(ANNA)
    };
    assert_found(store, hers, &[id(2), id(4)]).await;
}

pub(super) async fn by_a_part_of_the_number(store: &Store) {
    taken(store, outbound(1, 1, ANNA), at(1)).await;
    taken(store, outbound(2, 1, "+14156660998"), at(1)).await;
    receive(store, &inbound(3, "+14156660998")).await;
    let with = |part: &str, ways| Filter {
        number: NumberPart::parse(part).ok(),
        ways,
        ..Filter::default()
    };
    assert_found(store, with("415666", Ways::Both), &[id(2), id(3)]).await;
    assert_found(store, with("(415) 666-0998", Ways::Sent), &[id(2)]).await;
    assert_found(store, with("415", Ways::Sent), &[id(1), id(2)]).await;
    assert_found(store, with("999", Ways::Both), &[]).await;
}

pub(super) async fn pages_are_stable_while_messages_are_inserted(store: &Store) {
    let matching = |number| NewMessage {
        body: text("match"),
        ..message(number)
    };
    for number in [10, 20, 30, 40] {
        store.insert(matching(number)).await;
        store.insert(message(number + 5)).await;
    }
    let page = |order, after| Page {
        order,
        after,
        limit: 2,
        filter: Filter {
            counterpart: Some(address("+14155550123")),
            ..with_text("match")
        },
    };
    let read = async |order, after| {
        let part = store.history.page(user(1), page(order, after)).await;
        let messages = part.unwrap().messages;
        messages
            .iter()
            .map(|message| message.id)
            .collect::<Vec<_>>()
    };
    let old = read(Order::OldestFirst, None).await;
    let new = read(Order::NewestFirst, None).await;
    assert_eq!((old, new), (vec![id(10), id(20)], vec![id(40), id(30)]));
    store.insert(matching(50)).await;
    store.insert(matching(51)).await;
    let old = read(Order::OldestFirst, Some(id(20))).await;
    let new = read(Order::NewestFirst, Some(id(30))).await;
    assert_eq!((old, new), (vec![id(30), id(40)], vec![id(20), id(10)]));
    let rest = read(Order::OldestFirst, Some(id(40))).await;
    assert_eq!(rest, [id(50), id(51)]);
}

/// However little is found, a part does not take for ever, and nothing is passed over.
pub(super) async fn a_long_search_goes_on_where_it_stopped(store: &Store) {
    let count = SEARCHED as u64 + 10;
    let is_match = |number: u64| number == 1 || number == count;
    let inserts = (1..=count).map(|number| {
        let body = if is_match(number) { "needle" } else { "hay" };
        store.insert(NewMessage {
            body: text(body),
            ..message(number)
        })
    });
    join_all(inserts).await;
    for order in ORDERS {
        let mut found = pages(store, &with_text("needle"), order, 5).await;
        found.sort();
        assert_eq!(found, [id(1), id(count)]);
        let none = pages(store, &with_statuses(&[Status::Failed]), order, 5).await;
        assert_eq!(none, []);
    }
}
