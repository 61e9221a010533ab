//! The messages that wait for their turn, as the ledger has them.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use serde::Deserialize;

use crate::messenger::Stack;

/// The messages of a sender, read past the messenger.
pub(super) struct Queue {
    messages: Collection<Document>,
    sender: &'static str,
}

/// How often each message that waits was changed, by recipient.
pub(super) type Versions = HashMap<String, i64>;

#[derive(Deserialize)]
struct Row {
    recipient: String,
    version: i64,
}

#[derive(Deserialize)]
struct Turn {
    recipient: String,
    turn: i64,
}

impl Queue {
    pub(super) async fn of(stack: &Stack, sender: &'static str) -> anyhow::Result<Self> {
        Ok(Self {
            messages: stack.database().await?.collection("messages"),
            sender,
        })
    }

    /// Those that wait.
    pub(super) async fn versions(&self) -> anyhow::Result<Versions> {
        let waiting = doc! { "sender": self.sender, "class": "bulk", "status": "queued" };
        let rows = self.messages.clone_with_type::<Row>();
        let rows = rows.find(waiting);
        let rows = rows.projection(doc! { "recipient": 1, "version": 1 });
        let rows: Vec<Row> = rows.await?.try_collect().await?;
        let versions = rows.into_iter().map(|row| (row.recipient, row.version));
        Ok(versions.collect())
    }

    /// The turns of all bulk texts, those that have left included.
    pub(super) async fn turns(&self) -> anyhow::Result<HashMap<String, i64>> {
        let bulk = doc! { "sender": self.sender, "class": "bulk", "turn": { "$ne": null } };
        let rows = self.messages.clone_with_type::<Turn>();
        let rows = rows
            .find(bulk)
            .projection(doc! { "recipient": 1, "turn": 1 });
        let rows: Vec<Turn> = rows.await?.try_collect().await?;
        let turns = rows.into_iter().map(|row| (row.recipient, row.turn));
        Ok(turns.collect())
    }
}

/// How many of those that waited before and wait still were changed meanwhile.
pub(super) fn changed(before: &Versions, now: &Versions) -> usize {
    let still = now.iter();
    let changed = still.filter(|(to, version)| before.get(*to).is_some_and(|was| was != *version));
    changed.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_waits_still_counts() {
        let versions = |all: &[(&str, i64)]| -> Versions {
            let all = all.iter();
            all.map(|(to, version)| ((*to).to_owned(), *version))
                .collect()
        };
        let before = versions(&[("a", 1), ("b", 1), ("c", 1)]);
        let now = versions(&[("b", 1), ("c", 2), ("d", 9)]);
        assert_eq!(changed(&before, &now), 1);
    }
}
