//! What is there only for SQLite.

use std::time::Duration;

use mysms_core::domain::{Class, LineId, Message, NewMessage, Timestamp, Turn, UserId, Weight};
use mysms_core::store::{ENDS_KEPT, MessageStore, Mover, QueueId, StoreError, Turns};

use super::Sqlite;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn message() -> Message {
    Message::from(NewMessage {
        expires_at: NOW + Duration::from_hours(4),
        ..NewMessage::example(NOW)
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

#[tokio::test]
async fn how_far_a_user_came_is_forgotten_after_some_weeks() {
    let directory = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&directory.path().join("ledger.db")).await;
    let store = store.unwrap();
    let queue = QueueId {
        line: LineId::new("AC1", "+15005550006"),
        class: Class::Otp,
    };
    let users = [(); 2].map(|()| UserId::generate(NOW));
    let move_end = async |user, at| {
        let mover = Mover {
            user,
            weight: Weight::ONE,
            segments: 1,
            from: Turn::FIRST,
        };
        store.move_end(&queue, &mover, at).await.unwrap();
    };
    let known = async || {
        let (_, reaches) = store.queue(&queue).await.unwrap();
        reaches
            .into_iter()
            .map(|reach| reach.user)
            .collect::<Vec<_>>()
    };
    move_end(users[0], NOW).await;
    move_end(users[1], NOW + ENDS_KEPT).await;
    assert_eq!(known().await.len(), 2);
    move_end(users[1], NOW + ENDS_KEPT + Duration::from_millis(1)).await;
    assert_eq!(known().await, [users[1]]);
}
