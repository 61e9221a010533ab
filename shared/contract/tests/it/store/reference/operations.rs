use std::collections::BTreeSet;

use async_trait::async_trait;
use mysms_core::domain::{IdempotencyKey, Lane, Message, Status, Timestamp};
use mysms_core::store::{Failure, Failures, LaneStanding, Operations, Result, Standing};

use super::Reference;
use super::messages::alarm;

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

    async fn standing(&self, now: Timestamp, claimed_before: Timestamp) -> Result<Vec<Standing>> {
        let open = self
            .state()
            .select(|message| message.wake_at.is_some() || message.erase_at.is_some());
        let accounts: BTreeSet<_> = open.iter().map(|message| &message.account).collect();
        let standing = |account: &String| {
            let own = || open.iter().filter(|message| message.account == *account);
            let lane = |lane: Lane| {
                let alarms = || own().filter_map(|message| alarm(message, lane));
                LaneStanding {
                    lane,
                    waiting: alarms().count() as u64,
                    oldest_due: alarms().filter(|at| *at <= now).min(),
                }
            };
            let doubtful = |message: &&Message| {
                message.status == Status::Sending && message.last_claim_at < Some(claimed_before)
            };
            Standing {
                account: account.clone(),
                lanes: Lane::ALL.map(lane).to_vec(),
                doubts: own().filter(doubtful).count() as u64,
            }
        };
        Ok(accounts.into_iter().map(standing).collect())
    }
}
