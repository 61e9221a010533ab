use async_trait::async_trait;
use mysms_core::domain::{EXPIRY_MARGIN, MessageId, Status, Timestamp};
use mysms_core::store::{Overdue, Result, Upkeep};

use super::Reference;

#[async_trait]
impl Upkeep for Reference {
    async fn overdue(&self, overdue: Overdue, limit: usize) -> Result<Vec<MessageId>> {
        let found = self.state().select(|message| match overdue {
            Overdue::Unsent { now } => {
                message.status == Status::Queued && message.expires_at <= now + EXPIRY_MARGIN
            }
            Overdue::Doubtful {
                now,
                expired_before,
            } => {
                message.status == Status::Sending
                    && message.lease.is_some_and(|lease| lease.until <= now)
                    && message.expires_at <= expired_before
            }
        });
        Ok(found.iter().map(|message| message.id).take(limit).collect())
    }

    async fn purge(&self, deleted_before: Timestamp, limit: usize) -> Result<u64> {
        let mut state = self.state();
        let old = state.select(|message| {
            let deleted = message.deleted_at.is_some_and(|at| at < deleted_before);
            deleted && message.status != Status::Sending && message.erase_at.is_none()
        });
        let purged = old.iter().take(limit);
        Ok(purged
            .filter_map(|message| state.messages.remove(&message.id))
            .count() as u64)
    }

    async fn open_accounts(&self) -> Result<Vec<String>> {
        let waiting = self.state().select(|message| message.wake_at.is_some());
        let mut accounts: Vec<_> = waiting.into_iter().map(|message| message.account).collect();
        accounts.sort();
        accounts.dedup();
        Ok(accounts)
    }

    async fn time(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}
