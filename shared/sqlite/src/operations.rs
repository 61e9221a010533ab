use async_trait::async_trait;
use mysms_core::domain::{IdempotencyKey, Lane, Message, Timestamp};
use mysms_core::store::{Failure, Failures, LaneStanding, Operations, Result, Standing, Upkeep};
use sqlx::Row;

use super::{Sqlite, row, unavailable};

#[async_trait]
impl Operations for Sqlite {
    async fn failures(&self, page: Failures) -> Result<Vec<Failure>> {
        let rows = sqlx::query(
            "SELECT * FROM messages
             WHERE id > ? AND id < ? AND visible = 1 AND status IN ('failed', 'undelivered')
             ORDER BY id LIMIT ?",
        )
        .bind(page.after.as_uuid())
        .bind(page.before.as_uuid())
        .bind(i64::try_from(page.limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let mut failures = Vec::new();
        for row in &rows {
            let message = row::message(row)?;
            let retried = self.was_retried(&message).await?;
            failures.push(Failure { message, retried });
        }
        Ok(failures)
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
                lanes.push(self.lane_standing(&account, lane, now).await?);
            }
            let doubts: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM messages WHERE account = ? AND status = 'sending'
                     AND wake_at IS NOT NULL AND last_claim_at < ?",
            )
            .bind(account.clone())
            .bind(claimed_before.as_millis())
            .fetch_one(&self.readers)
            .await
            .map_err(unavailable)?;
            standings.push(Standing {
                account,
                lanes,
                doubts: doubts.unsigned_abs(),
            });
        }
        Ok(standings)
    }
}

impl Sqlite {
    async fn lane_standing(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
    ) -> Result<LaneStanding> {
        let (mut waiting, mut oldest_due) = (0, None);
        for status in lane.statuses() {
            let row = sqlx::query(
                "SELECT COUNT(*), MIN(wake_at) FROM messages
                 WHERE account = ? AND status = ? AND wake_at IS NOT NULL",
            )
            .bind(account.to_owned())
            .bind(status.as_str())
            .fetch_one(&self.readers)
            .await
            .map_err(unavailable)?;
            waiting += row.get::<i64, _>(0).unsigned_abs();
            let alarm = row.get::<Option<i64>, _>(1).map(Timestamp::from_millis);
            let due = alarm.filter(|at| *at <= now);
            oldest_due = oldest_due.into_iter().chain(due).min();
        }
        if lane == Lane::Erase {
            let (count, alarm) = self.erasing(account).await?;
            (waiting, oldest_due) = (count, alarm.filter(|at| *at <= now));
        }
        Ok(LaneStanding {
            lane,
            waiting,
            oldest_due,
        })
    }

    async fn was_retried(&self, message: &Message) -> Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE owner = ? AND idempotency_key = ?)",
        )
        .bind(message.owner.as_uuid())
        .bind(IdempotencyKey::of_retry(message.id).as_str().to_owned())
        .fetch_one(&self.readers)
        .await
        .map_err(unavailable)
    }
}
