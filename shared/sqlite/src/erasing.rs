//! What is to be erased at the provider, and what may forbid it.

use mysms_core::domain::{Message, MessageId, PhoneNumber, Timestamp};
use mysms_core::store::Result;
use sqlx::Row;
use uuid::Uuid;

use super::messages::{at_most, readable};
use super::{Sqlite, unavailable};

/// What is due, the oldest alarm first.
const DUE: &str = "SELECT id FROM messages
    WHERE account = ?1 AND erase_at <= ?2 ORDER BY erase_at LIMIT ?3";

const STANDING: &str =
    "SELECT COUNT(*), MIN(erase_at) FROM messages WHERE account = ?1 AND erase_at IS NOT NULL";

/// What is being sent to a number, or in doubt.
const SENDING: &str = "SELECT * FROM messages
    WHERE account = ?1 AND status = 'sending' AND wake_at IS NOT NULL AND recipient = ?2
        AND first_attempt_at IS NOT NULL LIMIT ?3";

/// What was tried in vain and waits to be tried again.
const WAITING: &str = "SELECT * FROM messages
    WHERE account = ?1 AND status = 'queued' AND first_attempt_at IS NOT NULL AND recipient = ?2
    LIMIT ?3";

impl Sqlite {
    pub(super) async fn to_erase(
        &self,
        account: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(DUE)
            .bind(account.to_owned())
            .bind(now.as_millis())
            .bind(at_most(limit))
            .fetch_all(&self.deciders)
            .await
            .map_err(unavailable)?;
        Ok(ids.into_iter().map(MessageId::from_uuid).collect())
    }

    /// How many wait to be erased, and the oldest alarm.
    pub(super) async fn erasing(&self, account: &str) -> Result<(u64, Option<Timestamp>)> {
        let row = sqlx::query(STANDING)
            .bind(account.to_owned())
            .fetch_one(&self.readers)
            .await
            .map_err(unavailable)?;
        let oldest = row.get::<Option<i64>, _>(1).map(Timestamp::from_millis);
        Ok((row.get::<i64, _>(0).unsigned_abs(), oldest))
    }

    /// The accounts with messages that wait to be erased.
    pub(super) async fn erasing_accounts(&self) -> Result<Vec<String>> {
        sqlx::query_scalar("SELECT DISTINCT account FROM messages WHERE erase_at IS NOT NULL")
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)
    }

    pub(super) async fn tried_to(
        &self,
        account: &str,
        to: &PhoneNumber,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut tried = Vec::new();
        for query in [SENDING, WAITING] {
            let rows = sqlx::query(query)
                .bind(account.to_owned())
                .bind(to.as_str().to_owned())
                .bind(at_most(limit - tried.len()))
                .fetch_all(&self.deciders)
                .await
                .map_err(unavailable)?;
            tried.extend(readable(&rows));
            tried.truncate(limit);
        }
        Ok(tried)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;

    #[tokio::test]
    async fn each_query_has_an_index() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        let store = store.unwrap();
        let plans = [
            (DUE, "messages_erasing (account=? AND erase_at<?)"),
            (STANDING, "messages_erasing (account=? AND erase_at>?)"),
            (
                SENDING,
                "messages_due (account=? AND status=? AND wake_at>?)",
            ),
            (WAITING, "messages_tried (account=? AND recipient=?)"),
        ];
        for (query, index) in plans {
            let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}")));
            let steps = explain.fetch_all(&store.readers).await.unwrap();
            let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
            assert_eq!(steps.len(), 1, "{steps:?}");
            assert!(steps[0].ends_with(index), "{steps:?}");
        }
    }
}
