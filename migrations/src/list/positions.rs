//! Where messages stand in their conversations.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, DateTime, Document, Uuid, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database};
use serde::Deserialize;

use super::initial::index;

/// What went out later than this after it was written stands where it went out, as it was when this step was
/// made.
const AT_ONCE: Duration = Duration::from_mins(1);

/// The id is in the index for the list of conversations to be read from it alone. Tombstones are in it, because
/// in a partial index the server would look at every message of a user to find the newest of each counterpart.
pub(super) async fn apply(database: &Database) -> Result<()> {
    let messages = database.collection::<Document>("messages");
    move_what_waited(&messages).await?;
    let has_none = doc! { "position": { "$exists": false } };
    let stands_at_its_id = vec![doc! { "$set": { "position": "$_id" } }];
    messages.update_many(has_none, stands_at_its_id).await?;
    let options = IndexOptions::builder().name("positions".to_owned());
    let keys = doc! { "owner": 1, "visible": 1, "counterpart": 1, "position": -1, "_id": 1 };
    messages.create_index(index(keys, options.build())).await?;
    Ok(())
}

/// A text that had to wait and went out.
#[derive(Deserialize)]
struct Waited {
    #[serde(rename = "_id")]
    id: Uuid,
    at: DateTime,
}

impl Waited {
    /// Its id, with another time.
    fn position(&self) -> Uuid {
        let mut position = self.id.bytes();
        let millis = self.at.timestamp_millis().to_be_bytes();
        position[..6].copy_from_slice(&millis[2..]);
        Uuid::from_bytes(position)
    }
}

async fn move_what_waited(messages: &Collection<Document>) -> Result<()> {
    // One that was found in the provider's list was taken in its latest attempt, not when it was found.
    let taken_at = doc! { "$cond": [
        "$provider.adopted", { "$ifNull": ["$last_claim_at", "$provider.at"] }, "$provider.at",
    ] };
    let at_once = i64::try_from(AT_ONCE.as_millis()).unwrap_or(i64::MAX);
    let had_to_wait = doc! { "$expr": { "$and": [
        { "$gt": ["$at", "$sent_at"] },
        { "$or": [
            { "$gt": ["$send_at", Bson::Null] },
            { "$gt": ["$at", { "$add": ["$sent_at", at_once] }] },
        ] },
    ] } };
    let found = messages.aggregate([
        doc! { "$match": {
            "direction": "outbound",
            "provider.at": { "$exists": true },
            "position": { "$exists": false },
        } },
        doc! { "$project": { "at": taken_at, "sent_at": 1, "send_at": 1 } },
        doc! { "$match": had_to_wait },
        doc! { "$project": { "at": 1 } },
    ]);
    let mut found = found.with_type::<Waited>().await?;
    while let Some(waited) = found.try_next().await? {
        let stands = doc! { "$set": { "position": waited.position() } };
        messages
            .update_one(doc! { "_id": waited.id }, stands)
            .await?;
    }
    Ok(())
}
