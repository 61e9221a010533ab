use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Bson, Document, doc};
use mysms_core::domain::{EndpointId, MessageId, Telling, Timestamp};
use mysms_core::store::{Result, StoreError, Told};
use serde::Deserialize;

use super::document::{date, read, stored, timestamp};
use super::{Mongo, STORE, answer};

/// How often what another process notes at the same moment is noted: it is there then.
const TRIES: u32 = 4;

#[derive(Deserialize)]
pub(super) struct ToldDocument {
    #[serde(rename = "_id")]
    id: ToldId,
    version: i64,
    changed_at: bson::DateTime,
    steps: i64,
    replays: i64,
}

#[derive(Deserialize)]
struct ToldId {
    message: bson::Uuid,
}

#[async_trait]
impl Told for Mongo {
    async fn told(&self, endpoint: EndpointId, messages: &[MessageId]) -> Result<Vec<Telling>> {
        let ids: Vec<_> = messages.iter().map(|id| named(endpoint, *id)).collect();
        let find = self.db.told.find(doc! { "_id": { "$in": ids } });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<ToldDocument> = found.await?;
        found.iter().map(telling).collect()
    }

    async fn note_told(
        &self,
        endpoint: EndpointId,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<()> {
        let mut rest: Vec<_> = tellings
            .iter()
            .map(|telling| noted(endpoint, telling, now))
            .collect();
        for _ in 0..TRIES {
            if rest.is_empty() {
                return Ok(());
            }
            let reply = self.db.update(self.db.told.name(), rest.clone(), false);
            let refused = reply.await?.refused_as_duplicates()?;
            let again = refused
                .into_iter()
                .filter_map(|place| rest.get(place).cloned());
            rest = again.collect();
        }
        Err(StoreError::unavailable(STORE, "it is being noted"))
    }

    async fn forget_told(&self, endpoint: EndpointId, limit: usize) -> Result<u64> {
        let bound =
            |message: Bson| doc! { "endpoint": stored(endpoint.as_uuid()), "message": message };
        let all = doc! { "$gte": bound(Bson::MinKey), "$lte": bound(Bson::MaxKey) };
        let told = self.db.told.clone_with_type::<Document>();
        let find = told
            .find(doc! { "_id": all })
            .projection(doc! { "_id": 1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<Document> = found.await?;
        if found.is_empty() {
            return Ok(0);
        }
        let ids: Vec<_> = found
            .iter()
            .filter_map(|document| document.get("_id"))
            .collect();
        let delete = self.db.told.delete_many(doc! { "_id": { "$in": ids } });
        Ok(answer(delete).await?.deleted_count)
    }

    /// The index of `told_at` forgets.
    async fn forget_told_before(&self, _before: Timestamp, _limit: usize) -> Result<u64> {
        Ok(0)
    }
}

fn named(endpoint: EndpointId, message: MessageId) -> Document {
    doc! { "endpoint": stored(endpoint.as_uuid()), "message": stored(message.as_uuid()) }
}

fn noted(endpoint: EndpointId, telling: &Telling, now: Timestamp) -> Document {
    let grows = doc! {
        "version": i64::from(telling.version),
        "changed_at": date(telling.changed_at),
        "steps": i64::from(telling.steps),
        "replays": i64::from(telling.replays),
        "told_at": date(now),
    };
    doc! {
        "q": { "_id": named(endpoint, telling.message) },
        "u": { "$max": grows },
        "upsert": true,
    }
}

fn telling(document: &ToldDocument) -> Result<Telling> {
    let number = |number: i64| {
        u32::try_from(number)
            .map_err(|error| StoreError::corrupt("what an endpoint was told", error))
    };
    Ok(Telling {
        message: MessageId::from_uuid(read(document.id.message)),
        version: number(document.version)?,
        changed_at: timestamp(document.changed_at),
        steps: number(document.steps)?,
        replays: number(document.replays)?,
    })
}
