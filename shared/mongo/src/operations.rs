use std::collections::HashSet;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mongodb::options::Hint;
use mysms_core::domain::{IdempotencyKey, Lane, Message, MessageId, Status, Timestamp};
use mysms_core::store::{Failure, Failures, LaneStanding, Operations, Result, Standing, Upkeep};
use serde::Deserialize;

use super::document::{date, stored, timestamp};
use super::filter::{alarm, index_of, open_in, rung_in};
use super::index::Index;
use super::{Mongo, failed};

#[async_trait]
impl Operations for Mongo {
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>> {
        // MongoDB takes 0 for no limit at all.
        if page.limit == 0 {
            return Ok(Vec::new());
        }
        let find = self
            .db
            .messages
            .find(ended_without_success(page))
            .sort(doc! { "_id": 1 })
            .hint(Hint::Keys(doc! { "_id": 1 }))
            .limit(i64::try_from(page.limit).unwrap_or(i64::MAX));
        let messages = self.db.all(find).await?;
        let retried = self.retries_of(&messages).await?;
        let failures = messages.into_iter().map(|message| Failure {
            retried: retried.contains(IdempotencyKey::of_retry(message.id).as_str()),
            message,
        });
        Ok(failures.collect())
    }

    async fn standing(&self, now: Timestamp, claimed_before: Timestamp) -> Result<Vec<Standing>> {
        let mut standings = Vec::new();
        let mut accounts = self.open_accounts().await?;
        accounts.extend(self.erasing_accounts().await?);
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            let mut lanes = Vec::new();
            for lane in Lane::ALL {
                lanes.push(LaneStanding {
                    lane,
                    waiting: self.count(&account, lane).await?,
                    oldest_due: self.oldest_due(&account, lane, now).await?,
                });
            }
            let mut doubtful = open_in(&account, Lane::Resolve);
            doubtful.insert("last_claim_at", doc! { "$lt": date(claimed_before) });
            standings.push(Standing {
                doubts: self.counted(doubtful, Index::Lanes).await?,
                account,
                lanes,
            });
        }
        Ok(standings)
    }
}

impl Mongo {
    /// Counting a long backlog takes longer than a user would wait, but an operator does.
    async fn count(&self, account: &str, lane: Lane) -> Result<u64> {
        self.counted(open_in(account, lane), index_of(lane)).await
    }

    async fn counted(&self, open: Document, index: Index) -> Result<u64> {
        let count = self.db.messages.count_documents(open);
        count.hint(index.hint()).await.map_err(failed)
    }

    async fn oldest_due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (due, index) = (rung_in(account, lane, now), index_of(lane));
        let alarms = self.db.messages.clone_with_type::<AlarmDocument>();
        let oldest = alarms
            .find_one(due)
            .sort(index.order())
            .hint(index.hint())
            .projection(doc! { "_id": 0, alarm(lane): 1 });
        let oldest = self.db.read(oldest).await?;
        Ok(oldest.map(|found| timestamp(found.at)))
    }

    /// The idempotency keys of the retries that some messages have.
    async fn retries_of(&self, messages: &[Message]) -> Result<HashSet<String>> {
        if messages.is_empty() {
            return Ok(HashSet::new());
        }
        let retry = |message: &Message| {
            doc! {
                "owner": stored(message.owner.as_uuid()),
                "idempotency_key": IdempotencyKey::of_retry(message.id).as_str(),
            }
        };
        let retries: Vec<_> = messages.iter().map(retry).collect();
        let keys = self.db.messages.clone_with_type::<KeyDocument>();
        let find = keys
            .find(doc! { "$or": retries })
            .projection(doc! { "idempotency_key": 1 });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found
            .into_iter()
            .map(|found| found.idempotency_key)
            .collect())
    }
}

#[derive(Deserialize)]
struct AlarmDocument {
    #[serde(alias = "wake_at", alias = "erase_at")]
    at: bson::DateTime,
}

#[derive(Deserialize)]
struct KeyDocument {
    idempotency_key: String,
}

fn ended_without_success(page: Failures) -> Document {
    let bound = |id: MessageId| stored(id.as_uuid());
    let statuses = [Status::Failed.as_str(), Status::Undelivered.as_str()];
    doc! {
        "_id": { "$gt": bound(page.after), "$lt": bound(page.before) },
        "status": { "$in": statuses.to_vec() },
        "visible": true,
    }
}
