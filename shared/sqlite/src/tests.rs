//! What is there only for SQLite.

use std::time::Duration;

use mysms_core::domain::NewMessage;

use mysms_core::domain::{Body, Class, Message, MessageId, PhoneNumber, Timestamp, UserId};
use mysms_core::store::{MessageStore, StoreError};

use super::Sqlite;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn message() -> Message {
    Message::from(NewMessage {
        id: MessageId::generate(NOW),
        owner: UserId::generate(NOW),
        account: "AC1".to_owned(),
        sender: None,
        class: Class::default(),
        turn: None,
        recipient: PhoneNumber::parse("+14155550123").unwrap(),
        body: Body::parse("hello".to_owned()).unwrap(),
        sent_at: NOW,
        send_at: None,
        time_zone: None,
        not_before: None,
        wake_at: NOW,
        expires_at: NOW + Duration::from_hours(4),
        idempotency: None,
        retry_of: None,
    })
}

#[tokio::test]
async fn a_message_that_cannot_be_read_keeps_no_other_from_its_way() {
    let directory = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&directory.path().join("ledger.db")).await;
    let store = store.unwrap();
    let (good, bad) = (message(), message());
    for message in [&good, &bad] {
        store.insert(message.clone()).await.unwrap();
    }
    let spoil = sqlx::query("UPDATE messages SET timeline = '[1]' WHERE id = ?");
    let spoiled = store.write(spoil.bind(bad.id.as_uuid())).await;
    assert_eq!(spoiled.unwrap(), 1);
    assert_eq!(store.read(&[good.id, bad.id]).await.unwrap(), [good]);
    let alone = store.read(&[bad.id]).await;
    assert!(
        matches!(alone, Err(StoreError::Corrupt { .. })),
        "{alone:?}"
    );
}
