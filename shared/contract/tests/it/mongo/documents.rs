//! How messages look to other clients of the database.

use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use mongo::Mongo;
use mongodb::bson::spec::{BinarySubtype, ElementType};
use mongodb::bson::{Bson, Document, doc};
use mysms_core::domain::{
    Absence, Body, Event, Fact, Idempotency, NewMessage, NotSent, Settlement, Status, TimelineEntry,
};
use mysms_core::store::StoreError;

use super::profiler::Profiler;
use super::{Scratch, ledger};
use crate::store::fixtures::{
    BY, at, claim, fact, id, idempotency, look_again, message, number, sid, text, token, user,
};

async fn document(mongo: &Mongo) -> Document {
    let messages = mongo.database().collection("messages");
    messages.find_one(doc! {}).await.unwrap().unwrap()
}

/// The paths of nulls in a document.
fn nulls(document: &Document) -> Vec<String> {
    let mut found = Vec::new();
    for (field, value) in document {
        match value {
            Bson::Null => found.push(field.clone()),
            Bson::Document(inner) => {
                found.extend(nulls(inner).iter().map(|path| format!("{field}.{path}")));
            }
            Bson::Array(entries) => {
                let inner = entries.iter().filter_map(Bson::as_document);
                found.extend(inner.flat_map(nulls).map(|path| format!("{field}.{path}")));
            }
            _ => {}
        }
    }
    found
}

fn assert_rank_is_that_of_the_status(document: &Document) {
    let status: Status = document.get_str("status").unwrap().parse().unwrap();
    let rank = document.get_i32("rank").unwrap();
    assert_eq!(rank, i32::from(status.rank()), "{status}");
}

#[tokio::test]
async fn what_a_message_does_not_have_is_absent_at_every_step() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let check = async |expected_nulls: &[&str]| {
        let document = document(&mongo).await;
        assert_eq!(nulls(&document), expected_nulls);
        assert_rank_is_that_of_the_status(&document);
        document
    };
    ledger.insert(message(1)).await.unwrap();
    let fresh = check(&[]).await;
    for absent in [
        "lease",
        "provider",
        "idempotency_key",
        "deleted_at",
        "error_code",
    ] {
        assert!(!fresh.contains_key(absent), "{absent}");
    }
    let ids = [id(1)];
    ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    check(&[]).await;
    let absent = look_again(Absence::NotInList, at(95));
    assert!(
        ledger
            .settle(id(1), token(1), absent, at(91))
            .await
            .unwrap()
    );
    check(&["lease.token"]).await;
    ledger
        .take_resolve(id(1), claim(token(2), at(95)))
        .await
        .unwrap();
    let again = Settlement::RequeueAbsent;
    assert!(ledger.settle(id(1), token(2), again, at(96)).await.unwrap());
    let queued = check(&[]).await;
    assert!(!queued.contains_key("lease") && !queued.contains_key("unseen"));
    for (word, time) in [("sent", at(97)), ("delivered", at(98))] {
        ledger
            .apply_fact(&fact(id(1), sid(1), word, time))
            .await
            .unwrap();
        check(&[]).await;
    }
    assert!(!check(&[]).await.contains_key("wake_at"));
    scratch.remove().await;
}

#[tokio::test]
async fn ids_are_uuids_and_times_are_dates() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let replay = NewMessage {
        retry_of: Some(id(7)),
        send_at: Some(at(0)),
        ..message(1)
    };
    ledger.insert(replay).await.unwrap();
    let ids = [id(1)];
    ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let stored = document(&mongo).await;
    for field in ["_id", "owner", "retry_of"] {
        let Some(Bson::Binary(binary)) = stored.get(field) else {
            panic!("{field}: {:?}", stored.get(field));
        };
        assert_eq!(binary.subtype, BinarySubtype::Uuid, "{field}");
    }
    let times = [
        "sent_at",
        "send_at",
        "updated_at",
        "expires_at",
        "not_before",
        "wake_at",
    ];
    let claimed = ["first_attempt_at", "last_claim_at"];
    for field in times.into_iter().chain(claimed) {
        let kind = stored.get(field).unwrap().element_type();
        assert_eq!(kind, ElementType::DateTime, "{field}");
    }
    let first = stored.get_array("timeline").unwrap()[0].as_document();
    let kind = first.unwrap().get("at").unwrap().element_type();
    assert_eq!(kind, ElementType::DateTime);
    scratch.remove().await;
}

/// Texts that an update would take for the names of fields and operators.
#[tokio::test]
async fn texts_are_stored_as_they_are() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let key = Idempotency {
        body_hash: "$status".to_owned(),
        ..idempotency("$owner")
    };
    let new = NewMessage {
        body: text("$body"),
        recipient: number("+14155550123"),
        idempotency: Some(key.clone()),
        ..message(1)
    };
    ledger.insert(new).await.unwrap();
    let ids = [id(1)];
    ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let words = ["$$REMOVE", "$status", "{\"$literal\": 1}"];
    let entry = TimelineEntry::new(at(1), Event::NotSent)
        .with_code(Some(words[1]))
        .with_detail(Some(words[0]));
    let not_before = at(1);
    let unsent = Settlement::NotSent(NotSent { not_before, entry });
    assert!(ledger.settle(id(1), token(1), unsent, at(1)).await.unwrap());
    ledger
        .claim(&ids, BY, claim(token(2), at(2)))
        .await
        .unwrap();
    let detail = Some(words[2].to_owned());
    let unknown = Settlement::Unknown { detail };
    assert!(
        ledger
            .settle(id(1), token(2), unknown, at(3))
            .await
            .unwrap()
    );
    let said = Fact {
        code: Some(words[1].to_owned()),
        detail: Some(words[0].to_owned()),
        ..fact(id(1), sid(1), "failed", at(4))
    };
    ledger.apply_fact(&said).await.unwrap();

    let stored = ledger.read(&ids).await.unwrap().pop().unwrap();
    assert_eq!(stored.body.as_ref().map(Body::as_str), Some("$body"));
    assert_eq!(stored.idempotency, Some(key));
    assert_eq!(stored.error_code.as_deref(), Some(words[1]));
    let details: Vec<_> = stored
        .timeline
        .iter()
        .map(|entry| entry.detail.as_deref())
        .collect();
    let [not_sent, unknown, failed] = [words[0], words[2], words[0]].map(Some);
    assert_eq!(details, [None, None, not_sent, None, unknown, failed]);
    scratch.remove().await;
}

#[tokio::test]
async fn what_cannot_be_read_back_is_said_to_be_corrupt() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    for (field, wrong) in [
        ("recipient", Bson::from("nobody")),
        ("sent_at", Bson::from("yesterday")),
        ("idempotency_key", Bson::from("two words")),
        ("timeline", Bson::from(vec![doc! { "at": 1 }])),
    ] {
        let messages = mongo.database().collection::<Document>("messages");
        messages.delete_many(doc! {}).await.unwrap();
        let with_key = NewMessage {
            idempotency: Some(idempotency("order-17")),
            ..message(1)
        };
        ledger.insert(with_key).await.unwrap();
        let spoil = doc! { "$set": { field: wrong } };
        messages.update_one(doc! {}, spoil).await.unwrap();
        let error = ledger.read(&[id(1)]).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Corrupt { .. }),
            "{field}: {error:?}"
        );
        let taken = ledger.claim(&[id(1)], BY, claim(token(1), at(0))).await;
        assert!(
            matches!(taken, Err(StoreError::Corrupt { .. })),
            "{field}: {taken:?}"
        );
    }
    scratch.remove().await;
}

#[tokio::test]
async fn a_fact_that_changes_nothing_writes_nothing() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    let profiler = Profiler::new(mongo.database().clone());
    ledger.insert(message(1)).await.unwrap();
    let said = fact(id(1), sid(1), "sent", at(1));
    for modified in [1, 0] {
        let seen = profiler.watch("messages", ledger.apply_fact(&said)).await;
        let written: i64 = seen.iter().map(|statement| statement.modified).sum();
        assert_eq!(written, modified, "{seen:?}");
    }
    scratch.remove().await;
}

#[tokio::test]
async fn what_a_later_program_added_to_a_message_stays() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    for number in 1..=2 {
        ledger.insert(message(number)).await.unwrap();
    }
    let messages = mongo.database().collection::<Document>("messages");
    let future = doc! { "$set": { "colour": "blue" } };
    messages.update_many(doc! {}, future).await.unwrap();
    let ids = [id(1), id(2)];
    let claimed = ledger.claim(&ids, BY, claim(token(1), at(0))).await;
    assert_eq!(claimed.unwrap().len(), 2, "by one statement");
    let sent = fact(id(1), sid(1), "sent", at(1));
    ledger.apply_fact(&sent).await.unwrap();
    for document in messages
        .find(doc! {})
        .await
        .unwrap()
        .try_collect::<Vec<_>>()
        .await
        .unwrap()
    {
        assert_eq!(document.get_str("colour").unwrap(), "blue");
        let sending = document.get_str("status").unwrap() == "sending";
        assert_eq!(document.contains_key("lease"), sending, "{document:?}");
    }
    scratch.remove().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_keeps_no_other_from_its_way() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo);
    for number in 1..=3 {
        ledger.insert(message(number)).await.unwrap();
    }
    let messages = mongo.database().collection::<Document>("messages");
    let one = doc! { "body": "Your code is 2" };
    let spoil = doc! { "$set": { "status": "queued", "timeline": [{ "at": "noon" }] } };
    messages.update_one(one, spoil).await.unwrap();
    let ids = [id(1), id(2), id(3)];
    let claimed = ledger.claim(&ids, BY, claim(token(1), at(0))).await;
    let mut claimed: Vec<_> = claimed.unwrap().iter().map(|message| message.id).collect();
    claimed.sort();
    assert_eq!(claimed, [id(1), id(3)]);
    let facts = [1, 2, 3].map(|number| fact(id(number), sid(number), "sent", at(1)));
    let merged = join_all(facts.iter().map(|fact| ledger.apply_fact(fact))).await;
    let merged: Vec<_> = merged.iter().map(Result::is_ok).collect();
    assert_eq!(merged, [true, false, true]);
    assert_eq!(ledger.delete_all(user(1), at(2)).await.unwrap().messages, 2);
    scratch.remove().await;
}

/// The server removes a tombstone a time after its `deleted_at`.
#[tokio::test]
async fn what_has_yet_to_be_erased_is_nothing_that_the_server_removes() {
    let scratch = Scratch::new().await;
    let mongo = scratch.connect().await;
    let ledger = ledger(&mongo).erasing(Some(Duration::ZERO));
    ledger.insert(message(1)).await.unwrap();
    let ids = [id(1)];
    ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let sent = fact(id(1), sid(1), "sent", at(1));
    ledger.apply_fact(&sent).await.unwrap();
    assert!(ledger.delete(user(1), id(1), at(5)).await.unwrap().any());
    let waiting = document(&mongo).await;
    assert!(!waiting.contains_key("deleted_at"));
    assert!(waiting.contains_key("erasing_since") && waiting.contains_key("erase_at"));
    let read = ledger.read(&ids).await.unwrap().pop().unwrap();
    assert_eq!(read.deleted_at, Some(at(5)));
    assert!(ledger.note_erased(id(1), at(6)).await.unwrap());
    let erased = document(&mongo).await;
    assert!(erased.contains_key("deleted_at"));
    assert!(!erased.contains_key("erasing_since") && !erased.contains_key("erase_at"));
    scratch.remove().await;
}
