//! Texts that are deleted before their endpoint was told how they ended.

use mysms_core::domain::{DisabledBy, Reference, TOMBSTONE_KEPT};

use super::receiver::Heard;
use super::*;
use crate::maintenance::maintain;
use crate::rig::remote;

const DAY: Duration = Duration::from_hours(24);

/// What is said in a text that [`send`] makes, and noted on it.
const WORDS: &str = "the secret plan";
const REFERENCE: &str = "order-4711";
const TAG: &str = "summer-campaign";

/// Sends a text that has everything which a deletion erases.
async fn send(stage: &Stage) -> MessageId {
    let at = stage.now();
    let id = MessageId::generate(at);
    let stored = stage.rig.stores.ledger.insert(NewMessage {
        id,
        owner: stage.endpoint.owner,
        account: ACCOUNT.to_owned(),
        sender: Some(SENDER.to_owned()),
        recipient: PhoneNumber::parse(ANNA).unwrap(),
        body: Body::parse(WORDS.to_owned()).unwrap(),
        reference: Reference::parse(REFERENCE.to_owned()).ok(),
        tags: serde_json::from_value(serde_json::json!({"for": TAG})).unwrap(),
        wake_at: at + SECOND,
        ..NewMessage::example(at)
    });
    assert_eq!(stored.await.unwrap(), Inserted::Stored);
    id
}

/// The provider says what became of a text.
async fn report(stage: &Stage, id: MessageId, word: &str, code: Option<&str>) {
    let mut remote = remote(1, word);
    remote.error_code = code.map(str::to_owned);
    let context = &stage.rig.context;
    context.record_fact(&context.fact_about(id, &remote)).await;
    stage.wait(SECOND);
}

async fn disable(stage: &Stage) {
    let now = stage.now();
    let by = DisabledBy::Owner;
    stage
        .set(|endpoint| assert!(endpoint.disable(by, now)))
        .await;
}

/// Its user lets it go on where it was.
async fn enable(stage: &Stage) {
    let now = stage.now();
    stage.change(|progress| progress.resume(now)).await;
    stage.set(Endpoint::enable).await;
    stage.tell_for(HOUR).await;
}

fn assert_tells_nothing_erased(heard: &Heard) {
    let said = heard.body.to_string();
    for erased in [WORDS, ANNA, &ANNA[1..], REFERENCE, TAG] {
        assert!(!said.contains(erased), "{said}");
    }
}

#[tokio::test]
async fn how_a_text_ended_is_told_with_its_deletion_but_not_what_it_said_nor_to_whom() {
    let stage = Stage::new().await;
    let id = send(&stage).await;
    stage.tell().await;
    disable(&stage).await;
    stage.wait(HOUR);
    report(&stage, id, "delivered", None).await;
    stage.delete(id).await;
    stage.receiver.forget();
    enable(&stage).await;
    let calls = stage.receiver.calls();
    let [deleted] = &calls[..] else {
        panic!("{calls:?}");
    };
    assert_eq!(deleted.text("type"), "message.deleted");
    assert_eq!((deleted.version(), deleted.previous()), (3, Some(1)));
    let data = &deleted.body["data"];
    assert_eq!(data["status"], "delivered");
    assert_eq!(data["error_code"], serde_json::Value::Null);
    assert_eq!(deleted.steps(), ["provider", "deleted"]);
    assert_eq!(data["timeline"][0]["status"], "delivered");
    assert_tells_nothing_erased(deleted);
}

/// What a worker needs to look for it.
#[tokio::test]
async fn what_is_kept_of_a_deleted_text_while_it_is_being_sent_is_not_told() {
    let stage = Stage::new().await;
    let id = send(&stage).await;
    stage.rig.claim_and_die(id).await;
    stage.delete(id).await;
    assert!(stage.message(id).await.body.is_some());
    stage.tell().await;
    let calls = stage.receiver.calls();
    let [deleted] = &calls[..] else {
        panic!("{calls:?}");
    };
    assert_eq!(deleted.text("type"), "message.deleted");
    assert_tells_nothing_erased(deleted);
}

#[tokio::test]
async fn what_becomes_of_a_text_after_it_was_deleted_is_told_too() {
    let stage = Stage::new().await;
    let id = send(&stage).await;
    report(&stage, id, "sent", None).await;
    stage.delete(id).await;
    stage.tell().await;
    stage.wait(SECOND);
    report(&stage, id, "undelivered", Some("30003")).await;
    stage.tell().await;
    assert_eq!(
        stage.receiver.kinds(),
        ["message.deleted", "message.deleted"]
    );
    let calls = stage.receiver.calls();
    let (first, last) = (&calls[0], &calls[1]);
    assert_eq!(first.body["data"]["status"], "sent");
    assert_eq!(first.steps(), ["queued", "provider", "deleted"]);
    let data = &last.body["data"];
    assert_eq!(data["status"], "undelivered");
    assert_eq!(data["error_code"], "30003");
    assert_eq!(last.steps(), ["provider"]);
    assert_eq!(last.previous(), Some(first.version()));
}

/// What the documents promise, and no more.
#[tokio::test]
async fn a_deletion_is_told_for_a_week_to_whoever_was_disabled_and_not_longer() {
    for (away, is_told) in [
        (TOMBSTONE_KEPT.saturating_sub(DAY), true),
        (TOMBSTONE_KEPT + DAY, false),
    ] {
        let stage = Stage::new().await;
        let [deleted, kept] = [send(&stage).await, stage.send().await];
        stage.tell().await;
        disable(&stage).await;
        stage.delete(deleted).await;
        stage.cancel(kept).await;
        stage.wait(away);
        maintain(&stage.rig.context).await.unwrap();
        enable(&stage).await;
        let book = stage.receiver.book();
        let told = book[&deleted.to_string()].len() == 2;
        assert_eq!(told, is_told, "after {away:?}");
        assert_eq!(book[&kept.to_string()], [1, 2], "after {away:?}");
    }
}
