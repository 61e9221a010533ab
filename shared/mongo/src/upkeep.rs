use async_trait::async_trait;
use mongodb::bson::{Bson, Document, doc};
use mysms_core::domain::{MessageId, Timestamp};
use mysms_core::store::{Ends, Overdue, Result, StoreError, Upkeep};

use super::Mongo;
use super::document::date;
use super::index::Index;

#[async_trait]
impl Upkeep for Mongo {
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>> {
        let Ends {
            status,
            rung_by,
            expired_by,
        } = overdue.ends();
        let mut found = Vec::new();
        for account in self.open_accounts().await? {
            let filter = doc! {
                "account": account,
                "status": status.as_str(),
                "wake_at": { "$lte": date(rung_by) },
                "expires_at": { "$lte": date(expired_by) },
            };
            let limit = limit - found.len();
            found.extend(self.db.ids(filter, Index::Lanes, limit).await?);
        }
        Ok(found)
    }

    /// The index on `deleted_at` purges; what has yet to be erased has none.
    async fn purge(&self, _deleted_before: Timestamp, _limit: usize) -> Result<u64> {
        Ok(0)
    }

    async fn open_accounts(&self) -> Result<Vec<String>> {
        // Both conditions hold for all of them, and let the server skip through the lanes' index.
        let has_alarm = doc! {
            "account": { "$gt": "" },
            "wake_at": { "$gte": date(Timestamp::EPOCH) },
        };
        self.accounts_of(has_alarm).await
    }

    async fn time(&self) -> Result<Option<Timestamp>> {
        self.server_time().await.map(Some)
    }

    async fn ping(&self) -> Result<()> {
        // A primary that is cut off answers a mere ping, but can store nothing.
        self.pulse.feel(self.db.require_majority()).await
    }
}

impl Mongo {
    /// The accounts with messages that wait to be erased.
    pub(super) async fn erasing_accounts(&self) -> Result<Vec<String>> {
        let awaited = doc! {
            "account": { "$gt": "" },
            "erase_at": { "$gte": date(Timestamp::EPOCH) },
        };
        self.accounts_of(awaited).await
    }

    async fn accounts_of(&self, messages: Document) -> Result<Vec<String>> {
        let distinct = self.db.messages.distinct("account", messages);
        let accounts = self.db.read(distinct).await?;
        accounts
            .into_iter()
            .map(|account| match account {
                Bson::String(account) => Ok(account),
                _ => Err(StoreError::corrupt("an account", "it is no text")),
            })
            .collect()
    }
}
