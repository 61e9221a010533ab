//! What is there only for SQLite.

use std::time::Duration;

use mysms_core::domain::{
    Class, Direction, LineId, Message, NewMessage, Provider, ProviderId, Timestamp, Turn, UserId,
    Weight,
};
use mysms_core::store::{ENDS_KEPT, MessageStore, Mover, QueueId, StoreError, Turns};
use sqlx::{Row, SqlitePool};
use uuid::Uuid;

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

/// A text that the provider took so many seconds after it was written.
fn taken(seconds: u64, change: impl FnOnce(&mut Message)) -> Message {
    let mut message = message();
    message.provider = Some(Provider {
        sid: ProviderId::parse(&format!("SM{}", message.id)).unwrap(),
        at: NOW + Duration::from_secs(seconds),
        adopted: false,
    });
    message.last_claim_at = Some(NOW + Duration::from_secs(5));
    change(&mut message);
    message
}

#[tokio::test]
async fn texts_of_an_earlier_file_stand_where_they_went_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db");
    let store = Sqlite::open(&path).await.unwrap();
    let found = |message: &mut Message| message.provider.as_mut().unwrap().adopted = true;
    let scheduled = |message: &mut Message| message.send_at = Some(NOW);
    let messages = [
        message(),
        taken(60, |_| {}),
        taken(61, |_| {}),
        taken(31, scheduled),
        taken(0, scheduled),
        taken(600, found),
        taken(600, |message| message.direction = Direction::Inbound),
    ];
    for message in &messages {
        store.insert(message.clone()).await.unwrap();
    }
    store.close().await;
    let address = format!("sqlite://{}", path.display());
    let file = SqlitePool::connect(&address).await.unwrap();
    let before = "DROP INDEX messages_position; ALTER TABLE messages DROP COLUMN position;";
    for statements in [before, include_str!("schema/0024_positions.sql")] {
        sqlx::raw_sql(statements).execute(&file).await.unwrap();
    }
    for message in &messages {
        let read = sqlx::query("SELECT position FROM messages WHERE id = ?");
        let row = read.bind(message.id.as_uuid()).fetch_one(&file).await;
        let position: Uuid = row.unwrap().get(0);
        assert_eq!(position, message.position().as_uuid(), "{message:?}");
    }
    let moved = messages.iter().filter(|one| one.position() != one.id.into());
    assert_eq!(moved.count(), 2);
    file.close().await;
}
