//! Putting messages in the place of the versions of them that were seen: the only statement that
//! changes one.

use std::collections::HashMap;

use futures_util::future::join_all;
use mongodb::bson::{self, doc};
use mysms_core::domain::{Message, MessageId};
use mysms_core::store::{Result, Swap, Swapped};
use serde::Serialize;

use super::command::{UpdateReply, corrupt};
use super::document::{StoredMessage, stored};
use super::filter::among;
use super::{Collections, answer, durable};

impl Collections {
    /// One statement for all of them, in which a unique index that refuses one stops the rest.
    pub(super) async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        if swaps.is_empty() {
            return Ok(Vec::new());
        }
        match (swaps, self.write(swaps).await?) {
            (_, Some(written)) if written == swaps.len() => Ok(vec![Swapped::Written; written]),
            ([_], Some(_)) => Ok(vec![Swapped::Conflict]),
            ([_], None) => Ok(vec![Swapped::SidTaken]),
            (_, Some(_)) => self.compare(swaps).await,
            (_, None) => self.write_the_rest(swaps).await,
        }
    }

    /// Returns how many messages were written; `None` if a unique index refused one.
    async fn write(&self, swaps: &[Swap]) -> Result<Option<usize>> {
        let command = Command::of(self.messages.name(), swaps)?;
        let command = bson::serialize_to_raw_document_buf(&command).map_err(corrupt)?;
        let reply = answer(self.database.run_raw_command(command)).await?;
        let reply: UpdateReply = bson::deserialize_from_document(reply).map_err(corrupt)?;
        reply.matched()
    }

    /// What became of swaps of which some were not written: a message that is as it was to be was.
    async fn compare(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let ids: Vec<_> = swaps.iter().map(|swap| swap.after.id).collect();
        let now = self.readable(self.messages.find(doc! { "_id": among(&ids) }));
        let now: HashMap<MessageId, Message> = now
            .await?
            .into_iter()
            .map(|message| (message.id, message))
            .collect();
        let outcomes = swaps.iter().map(|swap| match now.get(&swap.after.id) {
            Some(stored) if *stored == swap.after => Swapped::Written,
            _ => Swapped::Conflict,
        });
        Ok(outcomes.collect())
    }

    /// Writes each by itself that is not written yet.
    async fn write_the_rest(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let outcomes = self.compare(swaps).await?;
        let rest = swaps.iter().zip(outcomes);
        let rest = rest.map(async |(swap, outcome)| match outcome {
            Swapped::Conflict => match self.write(std::slice::from_ref(swap)).await? {
                Some(1) => Ok(Swapped::Written),
                Some(_) => Ok(Swapped::Conflict),
                None => Ok(Swapped::SidTaken),
            },
            written => Ok(written),
        });
        join_all(rest).await.into_iter().collect()
    }
}

/// An `update` command with one statement for many messages, written straight to bytes.
#[derive(Serialize)]
struct Command<'a> {
    update: &'a str,
    updates: [Statement<'a>; 1],
    #[serde(rename = "writeConcern")]
    write_concern: bson::Document,
}

#[derive(Serialize)]
struct Statement<'a> {
    q: bson::Document,
    u: (Unset, Stage<'a>),
    multi: bool,
    /// So that the server does not try other indexes first.
    hint: bson::Document,
}

/// Takes away what a message may have no more. What this program does not know stays: a later one may
/// have put it there.
#[derive(Serialize)]
struct Unset {
    #[serde(rename = "$unset")]
    fields: &'static [&'static str],
}

#[derive(Serialize)]
struct Stage<'a> {
    #[serde(rename = "$replaceWith")]
    replace_with: Merged<'a>,
}

#[derive(Serialize)]
struct Merged<'a> {
    #[serde(rename = "$mergeObjects")]
    objects: (&'static str, At<'a>),
}

#[derive(Serialize)]
struct At<'a> {
    #[serde(rename = "$arrayElemAt")]
    element: (Literal<'a>, bson::Document),
}

/// What is not looked at for field names and operators.
#[derive(Serialize)]
struct Literal<'a> {
    #[serde(rename = "$literal")]
    messages: Vec<StoredMessage<'a>>,
}

impl<'a> Command<'a> {
    fn of(collection: &'a str, swaps: &'a [Swap]) -> Result<Self> {
        let ids: Vec<_> = swaps
            .iter()
            .map(|swap| stored(swap.after.id.as_uuid()))
            .collect();
        let seen: Vec<_> = swaps.iter().map(|swap| i64::from(swap.seen)).collect();
        let place = doc! { "$indexOfArray": [{ "$literal": &ids }, "$_id"] };
        // A document of an earlier program has no version.
        let is_as_seen = doc! { "$eq": [
            { "$ifNull": ["$version", 0] },
            { "$arrayElemAt": [{ "$literal": seen }, place.clone()] },
        ] };
        let after = Literal {
            messages: swaps.iter().map(|swap| (&swap.after).into()).collect(),
        };
        let stage = Stage {
            replace_with: Merged {
                objects: (
                    "$$ROOT",
                    At {
                        element: (after, place),
                    },
                ),
            },
        };
        Ok(Self {
            update: collection,
            updates: [Statement {
                q: doc! { "_id": { "$in": ids }, "$expr": is_as_seen },
                u: (
                    Unset {
                        fields: &StoredMessage::OPTIONAL,
                    },
                    stage,
                ),
                multi: true,
                hint: doc! { "_id": 1 },
            }],
            write_concern: bson::serialize_to_document(&durable()).map_err(corrupt)?,
        })
    }
}
