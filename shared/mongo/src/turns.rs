//! Who is when on which line.
//!
//! All of it are hints, so whoever waits for a turn waits for one server and not for a majority: what a
//! failover takes away moves a turn by a text.

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use mongodb::options::{
    Acknowledgment, CollectionOptions, ReadConcern, ReturnDocument, UpdateModifications,
    WriteConcern,
};
use mysms_core::domain::{Timestamp, Turn, UserId, Weight};
use mysms_core::store::{
    LISTED_USERS, Mover, QueueId, QueueStanding, Reach, Result, StoreError, Turns,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::document::{date, read, stored};
use super::{Mongo, STORE, answer, answer_unless_taken};

/// How often the first write of a document is tried: whoever comes second finds it there.
const TRIES: u32 = 4;

/// How the texts of a class on a line are.
#[derive(Deserialize)]
pub(super) struct QueueDocument {
    virtual_time: i64,
    entered: i64,
    left: i64,
}

/// How far the turns of a user in a queue reach.
#[derive(Deserialize)]
pub(super) struct EndDocument {
    #[serde(rename = "_id")]
    id: EndId,
    end: i64,
    weight: Weight,
}

#[derive(Deserialize)]
struct EndId {
    user: mongodb::bson::Uuid,
}

pub(super) fn hints() -> CollectionOptions {
    let by_one = WriteConcern::builder().w(Acknowledgment::Nodes(1)).build();
    CollectionOptions::builder()
        .write_concern(by_one)
        .read_concern(ReadConcern::local())
        .build()
}

#[async_trait]
impl Turns for Mongo {
    async fn enter(&self, queue: &QueueId, segments: u64) -> Result<QueueStanding> {
        let entered = doc! {
            "$inc": { "entered": count(segments) },
            "$setOnInsert": { "left": 0_i64, "virtual_time": 0_i64 },
        };
        let after = upsert(&self.db.queues, named(queue), entered).await?;
        let after = QueueStanding::from(after);
        Ok(QueueStanding {
            entered: after.entered.saturating_sub(segments),
            ..after
        })
    }

    async fn move_end(&self, queue: &QueueId, mover: &Mover, now: Timestamp) -> Result<Turn> {
        let length = Turn::length(mover.segments, mover.weight);
        let begin = doc! { "$max": ["$end", mover.from.as_micros()] };
        let further = vec![doc! { "$set": {
            "end": { "$add": [begin, length] },
            "weight": i32::from(mover.weight.get()),
            "moved_at": date(now),
        } }];
        let after = upsert(&self.db.turns, of_user(queue, mover.user), further).await?;
        Ok(Turn::from_micros(after.end.saturating_sub(length)))
    }

    async fn leave(&self, queue: &QueueId, segments: u64, turn: Option<Turn>) -> Result<()> {
        let up_to = turn.unwrap_or(Turn::FIRST).as_micros();
        let left = doc! {
            "$inc": { "left": count(segments) },
            "$max": { "virtual_time": up_to },
            "$setOnInsert": { "entered": 0_i64 },
        };
        upsert(&self.db.queues, named(queue), left).await?;
        Ok(())
    }

    async fn give_back(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()> {
        let length = doc! { "$divide": [Turn::length(segments, Weight::ONE), "$weight"] };
        let end = doc! { "$subtract": ["$end", { "$toLong": { "$floor": length } }] };
        let moved = vec![doc! { "$set": { "end": end } }];
        answer(self.db.turns.update_one(of_user(queue, user), moved)).await?;
        Ok(())
    }

    async fn emptied(&self, queue: &QueueId, entered: u64) -> Result<()> {
        let mut known = named(queue);
        known.insert("entered", doc! { "$lte": count(entered) });
        let all = vec![doc! { "$set": { "left": "$entered" } }];
        answer(self.db.queues.update_one(known, all)).await?;
        Ok(())
    }

    async fn queue(&self, queue: &QueueId) -> Result<(QueueStanding, Vec<Reach>)> {
        let found = answer(self.db.queues.find_one(named(queue))).await?;
        let standing = found.map(QueueStanding::from).unwrap_or_default();
        let ahead = doc! {
            "_id.line": queue.line.as_str(),
            "_id.class": queue.class.as_str(),
            "end": { "$gt": standing.virtual_time.as_micros() },
        };
        let find = self
            .db
            .turns
            .find(ahead)
            .sort(doc! { "end": -1 })
            .limit(i64::try_from(LISTED_USERS).unwrap_or(i64::MAX));
        let ends: Vec<_> = answer(async { find.await?.try_collect().await }).await?;
        Ok((standing, ends.into_iter().map(Reach::from).collect()))
    }
}

/// Changes a document, making it if need be; returns it as it is then.
async fn upsert<T: DeserializeOwned + Send + Sync>(
    collection: &Collection<T>,
    filter: Document,
    update: impl Into<UpdateModifications>,
) -> Result<T> {
    let update = update.into();
    for _ in 0..TRIES {
        let change = collection
            .find_one_and_update(filter.clone(), update.clone())
            .upsert(true)
            .return_document(ReturnDocument::After);
        if let Some(Some(after)) = answer_unless_taken(change.into_future()).await? {
            return Ok(after);
        }
    }
    Err(StoreError::unavailable(STORE, "it is being made"))
}

fn named(queue: &QueueId) -> Document {
    doc! { "_id": { "line": queue.line.as_str(), "class": queue.class.as_str() } }
}

fn of_user(queue: &QueueId, user: UserId) -> Document {
    let user = stored(user.as_uuid());
    doc! { "_id": { "line": queue.line.as_str(), "class": queue.class.as_str(), "user": user } }
}

fn count(segments: u64) -> i64 {
    i64::try_from(segments).unwrap_or(i64::MAX)
}

impl From<QueueDocument> for QueueStanding {
    fn from(document: QueueDocument) -> Self {
        Self {
            virtual_time: Turn::from_micros(document.virtual_time),
            entered: u64::try_from(document.entered).unwrap_or(0),
            left: u64::try_from(document.left).unwrap_or(0),
        }
    }
}

impl From<EndDocument> for Reach {
    fn from(document: EndDocument) -> Self {
        Self {
            user: UserId::from_uuid(read(document.id.user)),
            end: Turn::from_micros(document.end),
            weight: document.weight,
        }
    }
}
