//! What stays of conversations when their texts go.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::Ledger;
use crate::domain::{Address, Left, Message, PhoneNumber, Timestamp};
use crate::store::{Kind, Records, Result, editing};

/// Conversations that are noted at a time.
const AT_ONCE: usize = 32;

/// Those that are looked through at a time for what may be forgotten.
const PART: usize = 500;

/// With whom a message was exchanged before it is changed.
pub(super) struct Parties {
    counterpart: Option<Address>,
    recipient: Option<PhoneNumber>,
}

impl Parties {
    pub(super) fn of(message: &Message) -> Self {
        Self {
            counterpart: message.counterpart.clone(),
            recipient: message.recipient.clone(),
        }
    }

    /// What a changed message says about them if it has forgotten them, as far as an answer may still come.
    pub(super) fn left(self, changed: &Message) -> Option<Note> {
        let forgotten = self.counterpart.filter(|_| changed.counterpart.is_none())?;
        let key = Left::key_of(&changed.account, &forgotten);
        let message = Message {
            counterpart: Some(forgotten),
            recipient: self.recipient,
            ..changed.clone()
        };
        let at = message.updated_at;
        if !Left::is_worth_noting(&message, at) {
            return None;
        }
        let mut left = Left::default();
        left.note(&message);
        Some(Note { key, left, at })
    }
}

/// What is to be kept of a message.
pub(super) struct Note {
    key: String,
    left: Left,
    at: Timestamp,
}

/// Keeps who is to get the answers to what is deleted: a deletion changes what its user sees, and gives nobody
/// else what is written to them.
#[derive(Clone)]
pub(super) struct Leaving(Option<Arc<dyn Records>>);

impl Leaving {
    pub(super) fn noting_in(records: &Arc<dyn Records>) -> Self {
        Self(Some(Arc::clone(records)))
    }

    /// The answers are nobody's.
    pub(super) fn unnoted() -> Self {
        Self(None)
    }

    /// Notes what is [left](Parties::left). To be called before the change is written, so that whoever dies in
    /// between has something to repeat.
    pub(super) async fn note(&self, all: &[Note]) -> Result<()> {
        let now = all.iter().map(|note| note.at).max();
        let (Some(records), Some(now)) = (&self.0, now) else {
            return Ok(());
        };
        let mut by_author = HashMap::<String, Left>::new();
        for Note { key, left, .. } in all {
            by_author.entry(key.clone()).or_default().add(left);
        }
        let notes = by_author.into_iter();
        let notes = notes.map(|(key, left)| add_left(&**records, key, left, now));
        let noting = stream::iter(notes).buffer_unordered(AT_ONCE).try_collect();
        // Few changes have anything to note, and none of the others is to carry all this.
        Box::pin(noting).await
    }
}

async fn add_left(records: &dyn Records, key: String, added: Left, now: Timestamp) -> Result<()> {
    let add = |known: Option<Left>| {
        let mut left = known.unwrap_or_default();
        left.add(&added);
        left.prune(now);
        Ok::<_, Infallible>(left)
    };
    let edited = editing::edit(records, (Kind::Left, &key), now, add);
    let Ok(_) = edited.await?;
    Ok(())
}

impl Ledger {
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
                // Whoever notes something meanwhile makes another version, also if it begins anew.
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
