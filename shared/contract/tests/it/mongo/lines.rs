//! What waits on lines is read from an index in its order, however much it is.

use futures_util::TryStreamExt;
use mongo::Mongo;
use mongodb::bson::{Bson, Document, doc};
use mysms_core::domain::{Class, NewMessage, Status, Weight};
use mysms_core::store::{Kind, Mover, Records, Turns};

use super::indexes::{Indexes, LANES, MESSAGES};
use super::{Scratch, ledger};
use crate::store::fixtures::{ACCOUNT, SENDER, at, id, in_line, message, queue, turn, user};

const TURNS: &str = "account: 1, status: 1, sender: 1, class: 1, turn: 1";
const REACH: &str = "_id.line: 1, _id.class: 1, end: 1";

const SENDERS: [&str; 3] = [SENDER, "+15005550001", "+15005550002"];

/// A third of those that are queued.
pub(super) fn has_turn(number: u64) -> bool {
    number % 10 == 2
}

/// Gives a queued message a turn, later ones before earlier ones, on one of the lines.
pub(super) fn put_in_line(document: &mut Document, number: u64) {
    let place = usize::try_from(number / 10).unwrap();
    let turn = i64::try_from(MESSAGES - number).unwrap();
    document.insert("sender", SENDERS[place % 3]);
    document.insert("class", Class::ALL[place / 3 % 3].as_str());
    document.insert("turn", turn * 1_000_000);
    let expiry = document.get_datetime("expires_at").copied();
    document.insert("wake_at", expiry.unwrap());
}

pub(super) async fn all(mongo: &Mongo, indexes: &Indexes) {
    heads(mongo, indexes).await;
    senders(mongo, indexes).await;
    ends(mongo, indexes).await;
    records(mongo, indexes).await;
}

/// What is usual needs no room, but the index of turns has to find it.
#[tokio::test]
async fn a_class_is_written_where_it_is_unusual_or_a_turn_waits() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let bulk = NewMessage {
        class: Class::Bulk,
        ..message(3)
    };
    for new in [message(1), in_line(2, 5), bulk] {
        ledger.insert(new).await.unwrap();
    }
    let messages = mongo.database().collection::<Document>("messages");
    let stored = messages.find(doc! {}).sort(doc! { "_id": 1 }).await;
    let stored: Vec<_> = stored.unwrap().try_collect().await.unwrap();
    let classes: Vec<_> = stored
        .iter()
        .map(|known| known.get_str("class").ok())
        .collect();
    assert_eq!(classes, [None, Some("transactional"), Some("bulk")]);
    assert_eq!(stored[1].get("turn"), Some(&Bson::Int64(5_000_000)));
    assert!(!stored[0].contains_key("turn"));
    let read = ledger.read(&[id(1)]).await.unwrap();
    assert_eq!(read[0].class, Class::Transactional);
    scratch.remove().await;
}

async fn heads(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    for senders in [&SENDERS[..1], &SENDERS] {
        for class in Class::ALL {
            let heads = ledger.waiting(ACCOUNT, senders, class, 64);
            let heads = indexes.assert("waiting", &[TURNS], 64, heads).await;
            let heads = heads.unwrap();
            assert_eq!(heads.len(), 64);
            assert!(heads.is_sorted_by_key(|message| message.turn));
        }
        let heads = ledger.waiting(ACCOUNT, senders, Class::Bulk, 64);
        let seen = indexes.profiler.watch("messages", heads).await;
        let [seen] = &seen[..] else {
            panic!("one statement, not {seen:?}");
        };
        // The head of each sender is read to be compared, and no more.
        assert!(!seen.sorted && seen.keys_read <= 70, "{seen:?}");
    }
}

async fn senders(mongo: &Mongo, indexes: &Indexes) {
    let ledger = ledger(mongo);
    let mut senders = Vec::new();
    let seen = indexes.profiler.watch("messages", async {
        senders = ledger.waited_for(ACCOUNT).await.unwrap();
    });
    let seen = seen.await;
    senders.sort();
    assert_eq!(senders, ["+15005550001", "+15005550002", SENDER]);
    let skips = |plan: &str| plan == format!("DISTINCT_SCAN {{ {TURNS} }}");
    assert!(seen.iter().all(|seen| skips(&seen.plan)), "{seen:?}");
    assert!(seen.iter().all(|seen| seen.keys_read < 10), "{seen:?}");

    // Nobody but an operator asks, and all that has the status is looked at.
    let queued = i64::try_from(MESSAGES * 3 / 10).unwrap();
    let from = ledger.open_from(ACCOUNT, SENDERS[1], Status::Queued, 64);
    let from = indexes.assert("open_from", &[LANES], queued, from).await;
    assert_eq!(from.unwrap().len(), 64);
    let sending = i64::try_from(MESSAGES / 10).unwrap();
    let from = ledger.open_from(ACCOUNT, SENDER, Status::Sending, 64);
    let from = indexes.assert("open_from", &[LANES], sending, from).await;
    assert_eq!(from.unwrap().len(), 64);
}

async fn ends(mongo: &Mongo, indexes: &Indexes) {
    let queue = queue(SENDER, Class::Bulk);
    let mover = Mover {
        user: user(1),
        weight: Weight::ONE,
        segments: 2,
        from: turn(0),
    };
    let seen = indexes.profiler.watch("turns", async {
        mongo.move_end(&queue, &mover, at(0)).await.unwrap();
        mongo.give_back(&queue, user(1), 1).await.unwrap();
        let (_, reaches) = mongo.queue(&queue).await.unwrap();
        assert_eq!(reaches.len(), 1);
    });
    let plans: Vec<_> = seen.await.into_iter().map(|seen| seen.plan).collect();
    assert_eq!(plans.len(), 3);
    let reach = format!("IXSCAN {{ {REACH} }}");
    let by_id = |plan: &String| plan == "IDHACK" || plan.contains("{ _id: 1 }");
    assert!(plans[..2].iter().all(by_id), "{plans:?}");
    assert_eq!(plans[2], reach);
}

async fn records(mongo: &Mongo, indexes: &Indexes) {
    let seen = indexes.profiler.watch("records", async {
        let replaced = mongo.replace(Kind::Line, SENDER, 0, Some("{}"));
        assert!(replaced.await.unwrap());
        let read = mongo.record(Kind::Line, SENDER, at(0)).await.unwrap();
        let first = read.record.unwrap().version;
        let replaced = mongo.replace(Kind::Line, SENDER, first, Some("{}"));
        assert!(replaced.await.unwrap());
        assert_eq!(mongo.records(Kind::Line).await.unwrap().len(), 1);
        let under = mongo.records_under(Kind::Line, "+", None, 5).await;
        assert_eq!(under.unwrap().len(), 1);
        let removed = mongo.replace(Kind::Line, SENDER, first + 1, None);
        assert!(removed.await.unwrap());
    });
    for seen in seen.await {
        let by_id = seen.plan == "IDHACK" || seen.plan.contains("{ _id: 1 }");
        assert!(by_id && !seen.sorted, "{seen:?}");
    }
    assert_eq!(mongo.records(Kind::Line).await.unwrap(), []);
}
