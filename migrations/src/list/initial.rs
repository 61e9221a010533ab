use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::error::{ErrorKind, Result};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

/// How long a tombstone keeps its SID and its Idempotency-Key, as it was when this step was made.
const TOMBSTONE_KEPT: Duration = Duration::from_hours(7 * 24);

/// The server's code for a collection that is there already.
const NAMESPACE_EXISTS: i32 = 48;

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "users").await?;
    make_collection(database, "messages").await?;
    validate_messages(database).await?;
    let users = database.collection::<Document>("users");
    users.create_index(folded_name()).await?;
    let messages = database.collection::<Document>("messages");
    messages.create_indexes(message_indexes()).await?;
    Ok(())
}

pub(super) async fn make_collection(database: &Database, name: &str) -> Result<()> {
    match database.create_collection(name).await {
        Err(error) if matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == NAMESPACE_EXISTS) => {
            Ok(())
        }
        made => made,
    }
}

/// Only the fields that every operation relies on: each write of a message is checked again.
async fn validate_messages(database: &Database) -> Result<()> {
    let statuses = [
        "queued",
        "sending",
        "accepted",
        "sent",
        "canceled",
        "failed",
        "undelivered",
        "delivered",
    ];
    let schema = doc! {
        "required": ["_id", "owner", "status"],
        "properties": {
            "_id": { "bsonType": "binData" },
            "owner": { "bsonType": "binData" },
            "status": { "enum": statuses.to_vec() },
        },
    };
    let modify = doc! { "collMod": "messages", "validator": { "$jsonSchema": schema } };
    database.run_command(modify).await?;
    Ok(())
}

fn folded_name() -> IndexModel {
    let options = IndexOptions::builder()
        .name("folded_name".to_owned())
        .unique(true);
    index(doc! { "folded_name": 1 }, options.build())
}

fn message_indexes() -> Vec<IndexModel> {
    let named = |name: &str| IndexOptions::builder().name(name.to_owned());
    let where_there = |field: &str| doc! { field: { "$exists": true } };
    let lanes = named("lanes").partial_filter_expression(where_there("wake_at"));
    let sid = named("provider_sid")
        .unique(true)
        .partial_filter_expression(where_there("provider.sid"));
    let key = named("idempotency_key")
        .unique(true)
        .partial_filter_expression(where_there("idempotency_key"));
    let history = named("history").partial_filter_expression(doc! { "visible": true });
    let tombstones = named("tombstones").expire_after(TOMBSTONE_KEPT);
    vec![
        // What expired is told apart in the index, without reading a backlog of messages.
        index(
            doc! { "account": 1, "status": 1, "wake_at": 1, "expires_at": 1 },
            lanes.build(),
        ),
        index(doc! { "provider.sid": 1 }, sid.build()),
        index(doc! { "owner": 1, "idempotency_key": 1 }, key.build()),
        index(doc! { "owner": 1, "_id": -1 }, history.build()),
        index(doc! { "deleted_at": 1 }, tombstones.build()),
    ]
}

pub(super) fn index(keys: Document, options: IndexOptions) -> IndexModel {
    IndexModel::builder().keys(keys).options(options).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_keeps_tombstones_for_as_long_as_workers_do() {
        assert_eq!(TOMBSTONE_KEPT, mysms_core::domain::TOMBSTONE_KEPT);
    }
}
