//! What stays of conversations when their texts go.

use std::collections::HashMap;
use std::convert::Infallible;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Ledger;
use crate::domain::{Left, Message, Timestamp};
use crate::store::{Kind, Result, editing};

/// Conversations that are noted at a time.
const AT_ONCE: usize = 32;

/// Those that are looked through at a time for what may be forgotten.
const PART: usize = 500;

impl Ledger {
    /// Keeps who is to get the answers to messages that are about to be deleted: a deletion changes what its user
    /// sees, and gives nobody else what is written to them. Before it, so that whoever dies in between has
    /// something to repeat.
    pub(super) async fn note_left(&self, messages: &[Message], now: Timestamp) -> Result<()> {
        let mut by_author = HashMap::<String, Left>::new();
        let worth = |message: &&Message| Left::is_worth_noting(message, now);
        for message in messages.iter().filter(worth) {
            if let Some(author) = &message.counterpart {
                let key = Left::key_of(&message.account, author);
                by_author.entry(key).or_default().note(message);
            }
        }
        let notes = by_author.into_iter();
        let notes = notes.map(|(key, left)| self.add_left(key, left, now));
        let notes = stream::iter(notes).buffer_unordered(AT_ONCE);
        notes.try_collect().await
    }

    async fn add_left(&self, key: String, added: Left, now: Timestamp) -> Result<()> {
        let add = |known: Option<Left>| {
            let mut left = known.unwrap_or_default();
            left.add(&added);
            left.prune(now);
            Ok::<_, Infallible>(left)
        };
        let edited = editing::edit(&*self.records, (Kind::Left, &key), now, add);
        let Ok(_) = edited.await?;
        Ok(())
    }

    /// Forgets what no answer is expected to any more.
    pub async fn forget_left(&self, now: Timestamp) -> Result<()> {
        let mut after = None;
        loop {
            let records = &*self.records;
            let part = records.records_under(Kind::Left, "", after.as_deref(), PART);
            let part = part.await?;
            for stored in &part {
                let mut left: Left = stored.read()?;
                left.prune(now);
                // Whoever notes something meanwhile puts it in another version.
                if left.is_empty() {
                    let (key, version) = (&stored.key, stored.version);
                    records.replace(Kind::Left, key, version, None).await?;
                }
            }
            if part.len() < PART {
                return Ok(());
            }
            after = part.last().map(|stored| stored.key.clone());
        }
    }
}
