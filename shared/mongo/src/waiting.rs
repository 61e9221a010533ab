//! What waits to leave a sender.

use mongodb::bson::{Bson, Document, doc};
use mysms_core::domain::{Class, Message, Status};
use mysms_core::store::{Result, StoreError};

use super::Collections;
use super::index::Index;

impl Collections {
    /// The messages of a class that leave next from some senders. The server reads the index sender by
    /// sender, each in the order of its turns, and merges them.
    pub(super) async fn heads(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        // MongoDB takes 0 for no limit at all.
        if limit == 0 || senders.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = with_turns(account);
        filter.insert("sender", doc! { "$in": senders });
        filter.insert("class", class.as_str());
        let find = self
            .messages
            .find(filter)
            .sort(Index::Turns.order())
            .hint(Index::Turns.hint())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(limit).unwrap_or(u32::MAX));
        self.readable(find).await
    }

    /// From where messages with turns are to leave. The server reads one key of the index for each.
    pub(super) async fn senders_with_turns(&self, account: &str) -> Result<Vec<String>> {
        let mut filter = with_turns(account);
        filter.insert("sender", doc! { "$gt": "" });
        let senders = self.read(self.messages.distinct("sender", filter)).await?;
        senders
            .into_iter()
            .map(|sender| match sender {
                Bson::String(sender) => Ok(sender),
                _ => Err(StoreError::corrupt("a sender", "it is no text")),
            })
            .collect()
    }
}

/// Matches what is queued and has a turn, whatever it is: a range lets the server read it from the index.
fn with_turns(account: &str) -> Document {
    doc! {
        "account": account,
        "status": Status::Queued.as_str(),
        "turn": { "$gte": i64::MIN },
    }
}
