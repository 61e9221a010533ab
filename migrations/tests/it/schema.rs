//! The schema as programs find it and `migrate` leaves it.

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use lab::Scratch;
use migrations::{SchemaError, SchemaState, check, migrate, require};
use mongodb::Database;
use mongodb::bson::{Binary, DateTime, Document, doc, spec::BinarySubtype};
use mysms_core::domain::Timestamp;

use crate::scratch::{connect, record_unknown};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn id(number: u8) -> Binary {
    Binary {
        subtype: BinarySubtype::Uuid,
        bytes: vec![number; 16],
    }
}

async fn indexes(database: &Database, collection: &str) -> Vec<String> {
    let mut names = database
        .collection::<Document>(collection)
        .list_index_names()
        .await
        .unwrap();
    names.sort();
    names
}

async fn records(database: &Database) -> Vec<Document> {
    let records = database.collection::<Document>("migrations");
    let found = records.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
    found.try_collect().await.unwrap()
}

#[tokio::test]
async fn an_empty_database_is_behind_and_then_current() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    let missing = vec![
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
    ];
    assert_eq!(
        check(&database).await.unwrap(),
        SchemaState::Behind { missing }
    );
    let refusal = require(&database).await.unwrap_err().to_string();
    assert!(refusal.contains("run `mysms-migrate`"), "{refusal}");
    assert!(
        records(&database).await.is_empty(),
        "to check changes nothing"
    );

    let applied = migrate(&database, NOW).await.unwrap();
    let ids: Vec<_> = applied.iter().map(|done| done.id).collect();
    assert_eq!(
        ids,
        [
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22
        ]
    );
    assert_eq!(check(&database).await.unwrap(), SchemaState::Current);
    require(&database).await.unwrap();
    let expected = [
        "_id_",
        "assigned",
        "changes",
        "conversation",
        "correspondents",
        "erasing",
        "history",
        "idempotency_key",
        "lanes",
        "positions",
        "provider_sid",
        "references",
        "tags",
        "taken",
        "tombstones",
        "tried",
        "turns",
        "unread",
        "waiting",
    ];
    assert_eq!(indexes(&database, "messages").await, expected);
    let expected = [
        "_id_",
        "erased_at",
        "folded_name",
        "invite",
        "revoked_at",
        "to_be_erased",
    ];
    assert_eq!(indexes(&database, "users").await, expected);
    let expected = ["_id_", "revoked_at", "until"];
    assert_eq!(indexes(&database, "revocations").await, expected);
    assert_eq!(indexes(&database, "quotas").await, ["_id_", "until"]);
    let expected = ["_id_", "flagged", "noted_at", "recipient", "standing"];
    assert_eq!(indexes(&database, "opt_outs").await, expected);
    assert_eq!(indexes(&database, "consents").await, ["_id_", "said"]);
    assert_eq!(indexes(&database, "invites").await, ["_id_", "expires_at"]);
    let expected = ["_id_", "forget_at", "of_owner", "place"];
    assert_eq!(indexes(&database, "keys").await, expected);
    assert_eq!(indexes(&database, "records").await, ["_id_"]);
    assert_eq!(indexes(&database, "queues").await, ["_id_"]);
    assert_eq!(indexes(&database, "told").await, ["_id_", "told_at"]);
    let expected = ["_id_", "moved_at", "reach"];
    assert_eq!(indexes(&database, "turns").await, expected);
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn a_second_run_does_nothing() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    migrate(&database, NOW).await.unwrap();
    let before = records(&database).await;
    let later = NOW + std::time::Duration::from_mins(1);
    assert_eq!(migrate(&database, later).await.unwrap(), []);
    assert_eq!(records(&database).await, before);
    scratch.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_may_migrate_at_once() {
    let scratch = Scratch::new();
    let processes = join_all((0..4).map(|_| connect(&scratch))).await;
    let runs = processes.iter().map(|database| migrate(database, NOW));
    for run in join_all(runs).await {
        run.unwrap();
    }
    let database = &processes[0];
    assert_eq!(check(database).await.unwrap(), SchemaState::Current);
    assert_eq!(records(database).await.len(), 22);
    assert_eq!(indexes(database, "messages").await.len(), 19);
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn a_run_that_broke_off_is_completed_and_keeps_what_is_stored() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    let messages = database.collection::<Document>("messages");
    let mut message = doc! { "_id": id(1), "owner": id(2), "status": "queued" };
    messages.insert_one(&message).await.unwrap();
    let keys = doc! { "folded_name": 1 };
    let options = doc! { "key": keys, "name": "folded_name", "unique": true };
    let first_index = doc! { "createIndexes": "users", "indexes": [options] };
    database.run_command(first_index).await.unwrap();

    migrate(&database, NOW).await.unwrap();
    assert_eq!(check(&database).await.unwrap(), SchemaState::Current);
    assert_eq!(indexes(&database, "messages").await.len(), 19);
    message.insert("position", id(1));
    assert_eq!(messages.find_one(doc! {}).await.unwrap(), Some(message));
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_accepted_if_it_is_compatible() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    migrate(&database, NOW).await.unwrap();
    record_unknown(&database, 5).await;
    let newer = SchemaState::Ahead { compatible: true };
    assert_eq!(check(&database).await.unwrap(), newer);
    require(&database).await.unwrap();
    assert_eq!(migrate(&database, NOW).await.unwrap(), []);
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn the_schema_of_a_newer_major_version_is_neither_used_nor_changed() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    record_unknown(&database, 6).await;
    let foreign = SchemaState::Ahead { compatible: false };
    assert_eq!(check(&database).await.unwrap(), foreign);
    assert!(matches!(require(&database).await, Err(SchemaError::Ahead)));
    assert!(matches!(
        migrate(&database, NOW).await,
        Err(SchemaError::Ahead)
    ));
    let collections = database.list_collection_names().await.unwrap();
    assert_eq!(collections, ["migrations"]);
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn what_is_no_message_is_not_stored() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    migrate(&database, NOW).await.unwrap();
    let messages = database.collection::<Document>("messages");
    let message = doc! { "_id": id(1), "owner": id(2), "status": "queued" };
    for (field, wrong) in [("_id", "1"), ("owner", "1"), ("status", "lost")] {
        let mut broken = message.clone();
        broken.insert(field, wrong);
        assert!(messages.insert_one(&broken).await.is_err(), "{field}");
        broken.remove(field);
        let stored = messages.insert_one(&broken).await;
        assert!(stored.is_err(), "{field} is missing");
    }
    messages.insert_one(&message).await.unwrap();
    scratch.remove().await.unwrap();
}

/// The fields after whose time documents are removed, and how many hours after.
async fn purged_after(database: &Database, collection: &str) -> Vec<(Document, u64)> {
    let collection = database.collection::<Document>(collection);
    let mut indexes = collection.list_indexes().await.unwrap();
    let mut purged = Vec::new();
    while let Some(index) = indexes.try_next().await.unwrap() {
        let after = index.options.unwrap().expire_after;
        purged.extend(after.map(|after| (index.keys, after.as_secs() / 3600)));
    }
    purged
}

#[tokio::test]
async fn what_is_done_with_is_purged_after_its_time() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    migrate(&database, NOW).await.unwrap();
    let cases = [
        ("messages", "deleted_at", 7 * 24),
        ("users", "erased_at", 2 * 24),
        ("invites", "expires_at", 30 * 24),
        ("revocations", "until", 0),
        ("sessions", "until", 0),
        ("quotas", "until", 0),
        ("keys", "forget_at", 0),
        ("turns", "moved_at", 40 * 24),
    ];
    for (collection, field, hours) in cases {
        let purged = purged_after(&database, collection).await;
        assert_eq!(purged, [(doc! { field: 1 }, hours)], "{collection}");
    }
    scratch.remove().await.unwrap();
}

#[tokio::test]
async fn a_subscriber_has_one_number_whichever_was_stored() {
    let mexican = ("+5215512345678", "+525512345678");
    let argentinian = ("+5491112345678", "+541112345678");
    for (long, short) in [mexican, argentinian] {
        one_number(long, short).await;
    }
}

async fn one_number(long: &str, short: &str) {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    let wish = |number: &str, opted_out: bool, at: i64| {
        doc! {
            "_id": format!("+15005550006 {number}"), "sender": "+15005550006", "recipient": number,
            "opted_out": opted_out, "at": at, "noted_at": at,
        }
    };
    // That of somebody else.
    let other = |number: &str| format!("{}9", &number[..number.len() - 1]);
    let wishes = database.collection::<Document>("opt_outs");
    // Stored under the old form alone, and under both, of which the later one counts.
    let alone = wish(&other(long), true, 1);
    let stored = [wish(long, true, 2), wish(short, false, 1), alone];
    wishes.insert_many(stored).await.unwrap();
    let messages = database.collection::<Document>("messages");
    let message = doc! {
        "_id": id(1), "owner": id(2), "status": "queued", "counterpart": long, "recipient": long,
    };
    messages.insert_one(message).await.unwrap();
    let without_recipient =
        doc! { "_id": id(3), "owner": id(2), "status": "canceled", "counterpart": long };
    messages.insert_one(without_recipient).await.unwrap();

    migrate(&database, NOW).await.unwrap();

    let found = wishes.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
    let found: Vec<_> = found.try_collect().await.unwrap();
    let expected = [wish(short, true, 2), wish(&other(short), true, 1)];
    assert_eq!(found, expected);
    // What was known is kept as what was said, once however often the migration runs.
    let consents = database.collection::<Document>("consents");
    let kept = consents
        .find(doc! {})
        .sort(doc! { "_id": 1 })
        .await
        .unwrap();
    let kept: Vec<_> = kept.try_collect().await.unwrap();
    let kept = kept.iter().map(|kept| {
        let text = |name| kept.get_str(name).unwrap().to_owned();
        [text("recipient"), text("consent"), text("source")]
    });
    let words = ["withdrawn", "earlier"].map(str::to_owned);
    let expected = [short.to_owned(), other(short)];
    let expected = expected.map(|number| [number, words[0].clone(), words[1].clone()]);
    assert_eq!(kept.collect::<Vec<_>>(), expected);
    let named = |number| doc! { "_id": id(number) };
    let erased = messages.find_one(named(3)).await.unwrap().unwrap();
    assert_eq!(erased.get_str("counterpart").unwrap(), short);
    assert!(!erased.contains_key("recipient"));
    let message = messages.find_one(named(1)).await.unwrap().unwrap();
    assert_eq!(message.get_str("counterpart").unwrap(), short);
    assert_eq!(message.get_str("recipient").unwrap(), short);
    scratch.remove().await.unwrap();
}

/// A text of an earlier version stands where it went out if it had to wait, and else where it was written.
#[tokio::test]
async fn earlier_texts_stand_where_they_went_out() {
    let scratch = Scratch::new();
    let database = connect(&scratch).await;
    let messages = database.collection::<Document>("messages");
    let time = |seconds: i64| DateTime::from_millis(NOW.as_millis() + seconds * 1000);
    let text = |number: u8, direction: &str, taken: Option<i64>, adopted: bool| {
        let mut text = doc! {
            "_id": id(number), "owner": id(2), "status": "sent", "direction": direction,
            "sent_at": time(0), "last_claim_at": time(5),
        };
        if let Some(taken) = taken {
            let sid = format!("SM{number}");
            text.insert(
                "provider",
                doc! { "sid": sid, "at": time(taken), "adopted": adopted },
            );
        }
        text
    };
    let scheduled = |mut text: Document| {
        text.insert("send_at", time(30));
        text
    };
    let stored = [
        (text(1, "outbound", Some(60), false), None),
        (text(2, "outbound", Some(61), false), Some(61)),
        (scheduled(text(3, "outbound", Some(31), false)), Some(31)),
        (scheduled(text(4, "outbound", None, false)), None),
        (text(5, "outbound", Some(600), true), None),
        (text(6, "inbound", Some(600), false), None),
    ];
    messages
        .insert_many(stored.iter().map(|(text, _)| text))
        .await
        .unwrap();
    migrate(&database, NOW).await.unwrap();
    for (number, (text, moved_to)) in (1..).zip(stored) {
        let mut expected = id(number);
        if let Some(seconds) = moved_to {
            let millis = time(seconds).timestamp_millis().to_be_bytes();
            expected.bytes.splice(..6, millis[2..].iter().copied());
        }
        let named = doc! { "_id": id(number) };
        let after = messages.find_one(named).await.unwrap().unwrap();
        assert_eq!(after.get("position"), Some(&expected.into()), "{text}");
    }
    scratch.remove().await.unwrap();
}
