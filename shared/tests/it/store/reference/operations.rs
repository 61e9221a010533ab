use async_trait::async_trait;
use shared::domain::{Event, IdempotencyKey, Lease, Message, MessageId, Restored, Status};
use shared::store::{Failure, Failures, Operations, Result};

use super::{Reference, entry, log};

#[async_trait]
impl Operations for Reference {
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>> {
        let state = self.state();
        let found = state.select(|message| {
            let ended = message.status == Status::Failed || message.status == Status::Undelivered;
            let between = page.after < message.id && message.id < page.before;
            ended && message.visible && between
        });
        let was_retried = |of: &Message| {
            let key = IdempotencyKey::of_retry(of.id);
            state.messages.values().any(|message| {
                let used = message.idempotency.as_ref().map(|known| &known.key);
                message.owner == of.owner && used == Some(&key)
            })
        };
        let failures = found.into_iter().take(page.limit).map(|message| Failure {
            retried: was_retried(&message),
            message,
        });
        Ok(failures.collect())
    }

    async fn doubt(&self, restored: Restored, limit: usize) -> Result<u64> {
        let doubtful = |message: &Message| match message.status {
            Status::Queued => message.not_before <= restored.until,
            Status::Sending => message.last_claim_at < Some(restored.now),
            _ => false,
        };
        let found: Vec<MessageId> = self.state().select(doubtful).iter().map(|m| m.id).collect();
        let mut count = 0;
        for id in found.into_iter().take(limit) {
            let changed = self.update(id, doubtful, |message| {
                let until = restored.until;
                message.status = Status::Sending;
                message.lease = Some(Lease { token: None, until });
                message.wake_at = Some(until);
                message.unseen = 0;
                let earliest = restored.since.max(message.sent_at);
                message.first_attempt_at = message.first_attempt_at.or(Some(earliest));
                message.last_claim_at = Some(restored.now);
                log(
                    message,
                    entry(restored.now, Event::Restored, Some(Status::Sending)),
                );
            });
            count += u64::from(changed);
        }
        Ok(count)
    }
}
