//! What waits to leave a sender.

use mysms_core::domain::{Class, Message};
use mysms_core::store::Result;
use sqlx::QueryBuilder;

use super::messages::at_most;
use super::{Sqlite, unavailable};

/// Begins a query for queued messages in the order of their turns, in the words of their index.
const HEADS: &str =
    "SELECT * FROM messages WHERE status = 'queued' AND turn IS NOT NULL AND account = ";

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
        // A query for each sender reads its part of the index in order and stops at the limit.
        for sender in senders {
            let mut query = QueryBuilder::new(HEADS);
            query.push_bind(account.to_owned());
            query.push(" AND sender = ");
            query.push_bind((*sender).to_owned());
            query.push(" AND class = ");
            query.push_bind(class.as_str());
            query.push(" ORDER BY turn LIMIT ");
            query.push_bind(at_most(limit));
            found.extend(self.messages(query).await?);
        }
        found.sort_by_key(|message| message.turn);
        found.truncate(limit);
        Ok(found)
    }

    /// From where messages with turns are to leave.
    pub(super) async fn senders_with_turns(&self, account: &str) -> Result<Vec<String>> {
        // One step through the index for each sender.
        sqlx::query_scalar(
            "WITH RECURSIVE senders (name) AS (
                 SELECT MIN(sender) FROM messages
                 WHERE account = ?1 AND status = 'queued' AND turn IS NOT NULL
                 UNION ALL
                 SELECT (SELECT MIN(sender) FROM messages
                         WHERE account = ?1 AND status = 'queued' AND turn IS NOT NULL
                             AND sender > name)
                 FROM senders WHERE name IS NOT NULL
             )
             SELECT name FROM senders WHERE name IS NOT NULL",
        )
        .bind(account.to_owned())
        .fetch_all(&self.deciders)
        .await
        .map_err(unavailable)
    }

    /// What is to leave from a sender, now or later.
    pub(super) async fn all_queued(
        &self,
        account: &str,
        sender: &str,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new(
            "SELECT * FROM messages WHERE status = 'queued' AND wake_at IS NOT NULL AND account = ",
        );
        query.push_bind(account.to_owned());
        query.push(" AND sender = ");
        query.push_bind(sender.to_owned());
        query.push(" LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }
}
