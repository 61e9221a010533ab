//! What waits to leave a sender.

use mysms_core::domain::{Class, Message, Status};
use mysms_core::store::Result;

use super::messages::{at_most, readable};
use super::{Sqlite, unavailable};

/// In the words of the index, which is read in its order up to the limit.
const HEADS: &str = "SELECT * FROM messages
    WHERE account = ?1 AND status = 'queued' AND turn IS NOT NULL AND sender = ?2 AND class = ?3
    ORDER BY turn LIMIT ?4";

/// One step through the index for each sender.
const SENDERS: &str = "WITH RECURSIVE senders (name) AS (
        SELECT MIN(sender) FROM messages
        WHERE account = ?1 AND status = 'queued' AND turn IS NOT NULL
        UNION ALL
        SELECT (SELECT MIN(sender) FROM messages
                WHERE account = ?1 AND status = 'queued' AND turn IS NOT NULL AND sender > name)
        FROM senders WHERE name IS NOT NULL
    )
    SELECT name FROM senders WHERE name IS NOT NULL";

const OPEN: &str = "SELECT * FROM messages
    WHERE account = ?1 AND status = ?2 AND wake_at IS NOT NULL AND sender = ?3 LIMIT ?4";

impl Sqlite {
    /// The messages of a class that leave next from some senders.
    pub(super) async fn heads(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut found = Vec::new();
        for sender in senders {
            let rows = sqlx::query(HEADS)
                .bind(account.to_owned())
                .bind((*sender).to_owned())
                .bind(class.as_str())
                .bind(at_most(limit))
                .fetch_all(&self.deciders)
                .await
                .map_err(unavailable)?;
            found.extend(readable(&rows));
        }
        found.sort_by_key(|message| message.turn);
        found.truncate(limit);
        Ok(found)
    }

    /// From where messages with turns are to leave.
    pub(super) async fn senders_with_turns(&self, account: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(SENDERS)
            .bind(account.to_owned())
            .fetch_all(&self.deciders)
            .await
            .map_err(unavailable)
    }

    /// What leaves from a sender, now or later, and has a status.
    pub(super) async fn all_open(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let rows = sqlx::query(OPEN)
            .bind(account.to_owned())
            .bind(status.as_str())
            .bind(sender.to_owned())
            .bind(at_most(limit))
            .fetch_all(&self.deciders)
            .await
            .map_err(unavailable)?;
        Ok(readable(&rows))
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row};

    use super::*;

    async fn plan(store: &Sqlite, query: &str) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {query}");
        let steps = sqlx::query(AssertSqlSafe(explain));
        let steps = steps.fetch_all(&store.readers).await.unwrap();
        steps.iter().map(|step| step.get("detail")).collect()
    }

    #[tokio::test]
    async fn the_index_tells_who_leaves_next_without_sorting() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        let store = store.unwrap();
        let heads = "SEARCH messages USING INDEX messages_turns \
                     (account=? AND sender=? AND class=? AND turn>?)";
        assert_eq!(plan(&store, HEADS).await, [heads]);
        let senders = plan(&store, SENDERS).await;
        let searches: Vec<_> = senders
            .iter()
            .filter(|step| step.contains("messages"))
            .collect();
        let by_index = |step: &&String| step.contains("COVERING INDEX messages_turns (account=?");
        assert!(searches.iter().all(by_index), "{senders:#?}");
        assert_eq!(searches.len(), 2);
        let open =
            "SEARCH messages USING INDEX messages_due (account=? AND status=? AND wake_at>?)";
        assert_eq!(plan(&store, OPEN).await, [open]);
    }
}
