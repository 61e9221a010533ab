use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mysms_core::domain::{LeaseToken, Timestamp};
use mysms_core::store::{Pause, Pauses, Result, SenderKey};
use serde::Deserialize;

use super::document::{date, stored, timestamp};
use super::{Mongo, answer};

#[derive(Deserialize)]
pub(super) struct PauseDocument {
    #[serde(rename = "_id")]
    sender: String,
    code: String,
    reason: String,
    since: bson::DateTime,
    probe_at: bson::DateTime,
    failures: u32,
    probing_until: Option<bson::DateTime>,
}

#[async_trait]
impl Pauses for Mongo {
    async fn pause(&self, pause: Pause) -> Result<()> {
        let update = doc! {
            "$set": {
                "code": pause.code,
                "reason": pause.reason,
                "probe_at": date(pause.probe_at),
                "failures": pause.failures,
            },
            "$setOnInsert": { "since": date(pause.since) },
            "$unset": { "probe_token": "", "probing_until": "" },
        };
        let upsert = self.db.pauses.update_one(by_key(&pause.sender), update);
        answer(upsert.upsert(true)).await?;
        Ok(())
    }

    async fn find(&self, sender: &SenderKey) -> Result<Option<Pause>> {
        let find = self.db.pauses.find_one(by_key(sender));
        let found = self.db.read(find).await?;
        Ok(found.map(Pause::from))
    }

    async fn paused(&self) -> Result<Vec<Pause>> {
        let find = self.db.pauses.find(doc! {}).sort(doc! { "since": 1 });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found.into_iter().map(Pause::from).collect())
    }

    async fn take_probe(
        &self,
        sender: &SenderKey,
        token: LeaseToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let token = stored(token.as_uuid());
        let nobody = doc! { "probing_until": { "$exists": false } };
        let nobody_any_more = doc! { "probing_until": { "$lte": date(now) } };
        let due = doc! {
            "probe_at": { "$lte": date(now) },
            "$or": [nobody, nobody_any_more],
        };
        let mut filter = by_key(sender);
        filter.insert("$or", vec![doc! { "probe_token": token }, due]);
        let probing = doc! { "probe_token": token, "probing_until": date(until) };
        let update = self.db.pauses.update_one(filter, doc! { "$set": probing });
        Ok(answer(update).await?.matched_count == 1)
    }

    async fn resume(&self, sender: &SenderKey) -> Result<()> {
        answer(self.db.pauses.delete_one(by_key(sender))).await?;
        Ok(())
    }
}

fn by_key(sender: &SenderKey) -> Document {
    doc! { "_id": sender.as_str() }
}

impl From<PauseDocument> for Pause {
    fn from(document: PauseDocument) -> Self {
        Self {
            sender: SenderKey::from_stored(document.sender),
            code: document.code,
            reason: document.reason,
            since: timestamp(document.since),
            probe_at: timestamp(document.probe_at),
            failures: document.failures,
            probing_until: document.probing_until.map(timestamp),
        }
    }
}
