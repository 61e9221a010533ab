use async_trait::async_trait;
use shared::domain::{Message, MessageId, Status, Timestamp};
use shared::store::{Erased, Old, Overdue, Result, Upkeep};

use super::history::delete;
use super::{ALARM_PUSH, EXPIRY_MARGIN, Reference, rank};

#[async_trait]
impl Upkeep for Reference {
    async fn push_alarm(
        &self,
        id: MessageId,
        status: Status,
        wake_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(self.update(
            id,
            |message| message.status == status && message.wake_at == Some(wake_at),
            |message| {
                let terminal = rank(message.status) >= rank(Status::Canceled);
                // An expiry that is past would block the lane just as the alarm did.
                let expiry = Some(message.expires_at).filter(|expiry| *expiry > now);
                let later = now + ALARM_PUSH;
                let pushed = expiry.map_or(later, |expiry| expiry.min(later));
                message.wake_at = (!terminal).then_some(pushed);
            },
        ))
    }

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
            deleted && message.status != Status::Sending
        });
        let purged = old.iter().take(limit);
        Ok(purged
            .filter_map(|message| state.messages.remove(&message.id))
            .count() as u64)
    }

    async fn erase_old(&self, old: Old, now: Timestamp) -> Result<Erased> {
        let end = MessageId::boundary(old.before);
        let made_within = |message: &Message| old.after < message.id && message.id < end;
        let looked_at = self.state().select(made_within).into_iter().take(old.limit);
        let (mut count, mut last) = (0, None);
        for message in looked_at {
            let erased = self.update(
                message.id,
                |message| {
                    message.visible && message.wake_at.is_none() && message.updated_at < old.before
                },
                |message| delete(message, now),
            );
            count += u64::from(erased);
            last = Some(message.id);
        }
        Ok(Erased { count, last })
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
