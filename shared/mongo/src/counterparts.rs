//! Which of a user's counterparts something is known about, one key of an index for each.

use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mysms_core::domain::{Address, Direction, Position, Status, UserId};
use mysms_core::store::{Result, With};
use serde::Deserialize;

use super::Collections;
use super::document;
use super::filter::{all_of, unread_of};
use super::index::Index;

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_id")]
    counterpart: Address,
}

/// Where the last message of a conversation stands.
#[derive(Deserialize)]
struct Last {
    #[serde(rename = "_id")]
    counterpart: Address,
    position: bson::Uuid,
}

impl Collections {
    pub(super) async fn last_positions(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<Vec<(Address, Position)>> {
        let mut with_these = all_of(owner);
        let numbers: Vec<_> = counterparts.iter().map(Address::as_str).collect();
        with_these.insert("counterpart", doc! { "$in": numbers });
        let last = doc! { "_id": "$counterpart", "position": { "$first": "$position" } };
        let aggregate = self
            .messages
            .aggregate([
                doc! { "$match": with_these },
                doc! { "$sort": { "counterpart": 1, "position": -1 } },
                doc! { "$group": last },
            ])
            .hint(Index::Conversation.hint())
            .with_type::<Last>();
        let found: Vec<_> = self
            .read(async { aggregate.await?.try_collect().await })
            .await?;
        let positions = found.into_iter().map(|last| {
            let position = Position::from_uuid(document::read(last.position));
            (last.counterpart, position)
        });
        Ok(positions.collect())
    }

    pub(super) async fn counterparts(&self, owner: UserId, with: &With) -> Result<Vec<Address>> {
        let (pipeline, index) = match with {
            With::Unread => (each(unseen(owner)).to_vec(), Index::Unread),
            With::Failed => (self.failed_last(owner), Index::Conversation),
            With::Queued => (queued(owner).to_vec(), Index::Waiting),
        };
        let aggregate = self
            .messages
            .aggregate(pipeline)
            .hint(index.hint())
            .with_type::<Found>();
        let found: Vec<_> = self
            .read(async { aggregate.await?.try_collect().await })
            .await?;
        Ok(found.into_iter().map(|found| found.counterpart).collect())
    }

    /// The server goes from the end of each conversation back to the last text that was sent there.
    fn failed_last(&self, owner: UserId) -> Vec<Document> {
        let mut sent = all_of(owner);
        sent.insert("direction", Direction::Outbound.as_str());
        let failed = [Status::Failed, Status::Undelivered].map(Status::as_str);
        let last_sent = doc! {
            "from": self.messages.name(),
            "localField": "_id",
            "foreignField": "counterpart",
            "pipeline": [
                { "$match": sent },
                { "$sort": { "position": -1 } },
                { "$limit": 1 },
                { "$project": { "status": 1 } },
            ],
            "as": "last",
        };
        vec![
            doc! { "$match": all_of(owner) },
            doc! { "$sort": { "counterpart": 1, "position": -1 } },
            // What else of the first one is asked for makes no difference, but that one key is read for each.
            doc! { "$group": { "_id": "$counterpart", "position": { "$first": "$position" } } },
            doc! { "$lookup": last_sent },
            doc! { "$match": { "last.status": { "$in": failed.to_vec() } } },
        ]
    }
}

/// The counterparts of all messages that match, each once.
fn each(matching: Document) -> [Document; 2] {
    [
        doc! { "$match": matching },
        doc! { "$group": { "_id": "$counterpart" } },
    ]
}

/// Matches what an owner has not seen. What was deleted unseen has no counterpart any more.
fn unseen(owner: UserId) -> Document {
    let mut unseen = unread_of(owner);
    unseen.insert("visible", true);
    unseen
}

/// The counterparts of what is queued of an owner's. One key is read for each, as above.
fn queued(owner: UserId) -> [Document; 3] {
    let mut queued = all_of(owner);
    queued.insert("status", Status::Queued.as_str());
    [
        doc! { "$match": queued },
        doc! { "$sort": { "counterpart": 1 } },
        doc! { "$group": { "_id": "$counterpart", "status": { "$first": "$status" } } },
    ]
}
