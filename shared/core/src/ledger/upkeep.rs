//! What has to be done now and then, and what operators repair.

use super::{Erased, Ledger, Old};
use crate::domain::{MessageId, Restored, Status, Timestamp};
use crate::store::Result;

impl Ledger {
    /// Moves the alarm of a message that was due although nothing could be done, unless it changed since
    /// it was read with this status and alarm; returns whether it moved it.
    pub async fn push_alarm(
        &self,
        id: MessageId,
        status: Status,
        wake_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let pushed = self.change(id, |message| {
            let unchanged = message.status == status && message.wake_at == Some(wake_at);
            if unchanged {
                message.push_alarm(now);
            }
            unchanged
        });
        Ok(pushed.await?.message().is_some())
    }

    /// Looks at the oldest messages of a span, and makes tombstones of those that nobody has anything
    /// left to do with and that have not changed since the end of the span.
    pub async fn erase_old(&self, old: Old, now: Timestamp) -> Result<Erased> {
        let Old {
            after,
            before,
            limit,
        } = old;
        let ids = self.store.made_within(after, before, limit).await?;
        let Some(last) = ids.last().copied() else {
            return Ok(Erased {
                count: 0,
                last: None,
            });
        };
        let messages = self.store.read(&ids).await?;
        let erased = self.change_each(messages, |message| message.erase_if_old(before, now));
        Ok(Erased {
            count: erased.await?.len() as u64,
            last: Some(last),
        })
    }

    /// Makes doubts of up to `limit` messages, of every account, that may have been sent since the
    /// backup from which this ledger was restored; returns how many, and 0 once none is left.
    pub async fn doubt(&self, restored: Restored, limit: usize) -> Result<u64> {
        let messages = self.store.doubtful(restored, limit).await?;
        let doubted = self.change_each(messages, |message| message.doubt(restored));
        Ok(doubted.await?.len() as u64)
    }
}
