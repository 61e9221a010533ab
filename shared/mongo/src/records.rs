use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Bson, Document, doc};
use mysms_core::domain::Timestamp;
use mysms_core::store::{Kind, Reading, Records, Result, StoreError, Stored, first_version};
use serde::Deserialize;

use super::document::timestamp;
use super::{Mongo, answer, answer_unless_taken};

#[derive(Deserialize)]
pub(super) struct RecordDocument {
    #[serde(rename = "_id")]
    id: RecordId,
    version: i64,
    value: String,
}

#[derive(Deserialize)]
struct RecordId {
    key: String,
}

/// A record with the server's time.
#[derive(Deserialize)]
struct TimedDocument {
    #[serde(flatten)]
    record: RecordDocument,
    at: bson::DateTime,
}

#[async_trait]
impl Records for Mongo {
    async fn record(&self, kind: Kind, key: &str, _now: Timestamp) -> Result<Reading> {
        let pipeline = [
            doc! { "$match": named(kind, key) },
            doc! { "$set": { "at": "$$NOW" } },
        ];
        let find = self.db.records.aggregate(pipeline);
        let find = find.with_type::<TimedDocument>();
        let found = self.db.read(async { find.await?.try_next().await }).await?;
        match found {
            Some(found) => Ok(Reading {
                record: Some(stored(found.record)?),
                at: timestamp(found.at),
            }),
            // Nothing tells the time of it, which happens once.
            None => Ok(Reading {
                record: None,
                at: self.server_time().await?,
            }),
        }
    }

    async fn records(&self, kind: Kind) -> Result<Vec<Stored>> {
        let bound = |key: Bson| doc! { "kind": kind.as_str(), "key": key };
        let of_kind = doc! { "_id": { "$gte": bound(Bson::MinKey), "$lte": bound(Bson::MaxKey) } };
        let find = self.db.records.find(of_kind).sort(doc! { "_id": 1 });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        found.into_iter().map(stored).collect()
    }

    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        // MongoDB takes 0 for no limit at all.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let bound = |key: &str| doc! { "kind": kind.as_str(), "key": key };
        let mut range =
            doc! { "$gte": bound(prefix), "$lt": bound(&format!("{prefix}{}", char::MAX)) };
        if let Some(after) = after {
            range.insert("$gt", bound(after));
        }
        let find = self
            .db
            .records
            .find(doc! { "_id": range })
            .sort(doc! { "_id": 1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        found.into_iter().map(stored).collect()
    }

    async fn replace(&self, kind: Kind, key: &str, seen: u64, after: Option<&str>) -> Result<bool> {
        let seen = i64::try_from(seen).unwrap_or(i64::MAX);
        let record = named(kind, key);
        match (seen, after) {
            (0, None) => Ok(self
                .db
                .read(self.db.records.find_one(record))
                .await?
                .is_none()),
            (0, Some(value)) => self.fill(record, value).await,
            (_, None) => self.clear(as_seen(record, seen)).await,
            (_, Some(value)) => self.put(as_seen(record, seen), value).await,
        }
    }
}

/// A refusal waits for a majority as well, so what it is based on shows to whoever reads it next.
impl Mongo {
    async fn fill(&self, mut record: Document, value: &str) -> Result<bool> {
        let version = first_version().cast_signed();
        record.extend(doc! { "version": version, "value": value });
        let records = self.db.records.clone_with_type::<Document>();
        let insert = records.insert_one(record);
        let inserted = answer_unless_taken(insert.into_future()).await?;
        Ok(inserted.is_some())
    }

    async fn put(&self, as_seen: Document, value: &str) -> Result<bool> {
        let next = doc! { "$inc": { "version": 1_i64 }, "$set": { "value": value } };
        let update = self.db.records.update_one(as_seen, next);
        Ok(answer(update).await?.matched_count == 1)
    }

    async fn clear(&self, as_seen: Document) -> Result<bool> {
        let delete = self.db.records.delete_one(as_seen);
        Ok(answer(delete).await?.deleted_count == 1)
    }
}

fn named(kind: Kind, key: &str) -> Document {
    doc! { "_id": { "kind": kind.as_str(), "key": key } }
}

fn as_seen(mut record: Document, seen: i64) -> Document {
    record.insert("version", seen);
    record
}

fn stored(document: RecordDocument) -> Result<Stored> {
    let version =
        u64::try_from(document.version).map_err(|error| StoreError::corrupt("a record", error))?;
    Ok(Stored {
        key: document.id.key,
        version,
        value: document.value,
    })
}
