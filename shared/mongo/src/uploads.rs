use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Bson, Document, doc};
use mysms_core::domain::{ContentType, Timestamp, Upload, UploadId, UploadSecret, UserId};
use mysms_core::store::{Hold, Result, Uploads};
use serde::{Deserialize, Serialize};

use super::document::{date, read, stored, timestamp};
use super::{Mongo, answer};

#[derive(Serialize, Deserialize)]
pub(super) struct UploadDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    owner: bson::Uuid,
    content_type: ContentType,
    size: i64,
    secret: UploadSecret,
    kept_until: bson::DateTime,
    /// All of it is there.
    complete: bool,
    /// By how many messages.
    held: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PartDocument {
    #[serde(rename = "_id")]
    id: PartId,
    bytes: bson::Binary,
}

#[derive(Serialize, Deserialize)]
struct PartId {
    upload: bson::Uuid,
    index: u32,
}

#[derive(Deserialize)]
struct TotalDocument {
    bytes: i64,
}

#[async_trait]
impl Uploads for Mongo {
    async fn uploaded(&self, owner: UserId) -> Result<u64> {
        let pipeline = [
            doc! { "$match": of(owner) },
            doc! { "$group": { "_id": null, "bytes": { "$sum": "$size" } } },
        ];
        let total = self.db.uploads.aggregate(pipeline);
        let total = total.with_type::<TotalDocument>();
        let total = self.db.read(async { total.await?.try_next().await });
        let bytes = total.await?.map_or(0, |total| total.bytes);
        Ok(u64::try_from(bytes).unwrap_or_default())
    }

    async fn begin_upload(&self, upload: &Upload) -> Result<()> {
        let document = UploadDocument {
            id: stored(upload.id.as_uuid()),
            owner: stored(upload.owner.as_uuid()),
            content_type: upload.content_type.clone(),
            size: number(upload.size),
            secret: upload.secret.clone(),
            kept_until: date(upload.kept_until),
            complete: false,
            held: 0,
        };
        let known = by_id(upload.id);
        self.db.insert_once(&self.db.uploads, document, known).await
    }

    async fn add_part(&self, id: UploadId, index: u32, bytes: &[u8]) -> Result<()> {
        let document = PartDocument {
            id: PartId {
                upload: stored(id.as_uuid()),
                index,
            },
            bytes: bson::Binary {
                subtype: bson::spec::BinarySubtype::Generic,
                bytes: bytes.to_vec(),
            },
        };
        let known = part(id, index);
        let parts = &self.db.upload_parts;
        self.db.insert_once(parts, document, known).await
    }

    async fn complete_upload(
        &self,
        id: UploadId,
        size: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        let complete = doc! {
            "$set": { "complete": true, "size": number(size) },
            "$max": { "kept_until": date(kept_until) },
        };
        let update = self.db.uploads.update_one(by_id(id), complete);
        if answer(update).await?.matched_count == 1 {
            return Ok(true);
        }
        // Of what was removed some parts may have come afterwards.
        self.remove_parts(id).await?;
        Ok(false)
    }

    async fn uploads(&self, ids: &[UploadId]) -> Result<Vec<Upload>> {
        let wanted: Vec<_> = ids.iter().map(|id| stored(id.as_uuid())).collect();
        let find = doc! { "_id": { "$in": wanted }, "complete": true };
        let find = self.db.uploads.find(find);
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<UploadDocument> = found.await?;
        let mut found: Vec<_> = found.into_iter().map(Upload::from).collect();
        for id in ids {
            if found.iter().all(|upload| upload.id != *id) {
                let complete = doc! { "_id": stored(id.as_uuid()), "complete": true };
                let surely = self.db.surely_one(&self.db.uploads, complete).await?;
                found.extend(surely.map(Upload::from));
            }
        }
        Ok(found)
    }

    async fn part(&self, id: UploadId, index: u32) -> Result<Option<Bytes>> {
        let parts = &self.db.upload_parts;
        let found = self.db.read(parts.find_one(part(id, index))).await?;
        let found = match found {
            None => self.db.surely_one(parts, part(id, index)).await?,
            found => found,
        };
        Ok(found.map(|part| Bytes::from(part.bytes.bytes)))
    }

    async fn hold_upload(&self, hold: &Hold) -> Result<bool> {
        let there = doc! {
            "_id": stored(hold.upload.as_uuid()),
            "owner": stored(hold.owner.as_uuid()),
            "complete": true,
        };
        let change = doc! {
            "$inc": { "held": i64::from(hold.messages) },
            "$max": { "kept_until": date(hold.kept_until) },
        };
        let update = self.db.uploads.update_one(there, change);
        Ok(answer(update).await?.matched_count == 1)
    }

    async fn remove_upload(&self, owner: UserId, id: UploadId, had_by_most: u32) -> Result<bool> {
        let mut filter = by_id(id);
        filter.extend(of(owner));
        filter.insert("held", doc! { "$lte": i64::from(had_by_most) });
        self.remove(filter, id).await
    }

    async fn remove_overdue_uploads(&self, now: Timestamp, limit: usize) -> Result<u64> {
        let overdue = doc! { "kept_until": { "$lte": date(now) } };
        let mut removed = 0;
        for id in self.ids(overdue.clone(), limit).await? {
            let mut filter = by_id(id);
            filter.extend(overdue.clone());
            removed += u64::from(self.remove(filter, id).await?);
        }
        Ok(removed)
    }

    async fn remove_uploads(&self, owner: UserId) -> Result<()> {
        for id in self.ids(of(owner), 0).await? {
            self.remove(by_id(id), id).await?;
        }
        Ok(())
    }
}

impl Mongo {
    /// Those that a filter matches; at most `limit`, if that is not 0.
    async fn ids(&self, filter: Document, limit: usize) -> Result<Vec<UploadId>> {
        let find = self.db.uploads.find(filter);
        let find = find.limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<UploadDocument> = found.await?;
        let id = |document: UploadDocument| UploadId::from_uuid(read(document.id));
        Ok(found.into_iter().map(id).collect())
    }

    /// Removes an upload that a filter matches. From its first step on nobody finds it, and it is overdue, so
    /// that what is not done now is done then.
    async fn remove(&self, filter: Document, id: UploadId) -> Result<bool> {
        let gone = doc! { "$set": { "complete": false, "kept_until": date(Timestamp::EPOCH) } };
        let update = self.db.uploads.update_one(filter, gone);
        if answer(update).await?.matched_count == 0 {
            return Ok(false);
        }
        self.remove_parts(id).await?;
        answer(self.db.uploads.delete_one(by_id(id))).await?;
        Ok(true)
    }

    async fn remove_parts(&self, id: UploadId) -> Result<()> {
        let bound = |index: Bson| doc! { "upload": stored(id.as_uuid()), "index": index };
        let parts = doc! { "_id": { "$gte": bound(Bson::MinKey), "$lte": bound(Bson::MaxKey) } };
        answer(self.db.upload_parts.delete_many(parts)).await?;
        Ok(())
    }
}

impl From<UploadDocument> for Upload {
    fn from(document: UploadDocument) -> Self {
        Self {
            id: UploadId::from_uuid(read(document.id)),
            owner: UserId::from_uuid(read(document.owner)),
            content_type: document.content_type,
            size: u64::try_from(document.size).unwrap_or_default(),
            secret: document.secret,
            kept_until: timestamp(document.kept_until),
        }
    }
}

fn by_id(id: UploadId) -> Document {
    doc! { "_id": stored(id.as_uuid()) }
}

fn of(owner: UserId) -> Document {
    doc! { "owner": stored(owner.as_uuid()) }
}

fn part(id: UploadId, index: u32) -> Document {
    doc! { "_id": { "upload": stored(id.as_uuid()), "index": index } }
}

fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
