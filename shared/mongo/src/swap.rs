//! Putting messages in the place of the versions of them that were seen: the only statement that
//! changes one.

use std::collections::HashMap;

use mongodb::bson::{self, Bson, doc};
use serde::Serialize;

use super::command::{UpdateReply, corrupt};
use super::document::{StoredMessage, stored};
use super::filter::among;
use super::{Collections, answer, answer_unless_taken, durable};
use mysms_core::domain::{Message, MessageId};
use mysms_core::store::{Result, Swap, Swapped};

impl Collections {
    pub(super) async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        match swaps {
            [] => Ok(Vec::new()),
            [swap] => Ok(vec![self.swap_one(swap).await?]),
            swaps => self.swap_many(swaps).await,
        }
    }

    async fn swap_one(&self, swap: &Swap) -> Result<Swapped> {
        let messages = self.messages.clone_with_type::<StoredMessage<'_>>();
        let id = stored(swap.after.id.as_uuid());
        let replace =
            messages.replace_one(version(id, swap.seen), StoredMessage::from(&swap.after));
        Ok(match answer_unless_taken(replace.into_future()).await? {
            None => Swapped::SidTaken,
            Some(done) if done.matched_count == 1 => Swapped::Written,
            Some(_) => Swapped::Conflict,
        })
    }

    /// One statement for all of them. It tells only how many it wrote.
    async fn swap_many(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let command = Command::of(self.messages.name(), swaps)?;
        let command = bson::serialize_to_raw_document_buf(&command).map_err(corrupt)?;
        let reply = answer(self.database.run_raw_command(command)).await?;
        let reply: UpdateReply = bson::deserialize_from_document(reply).map_err(corrupt)?;
        match reply.modified()? {
            Some(written) if written == swaps.len() => Ok(vec![Swapped::Written; written]),
            Some(_) => self.compare(swaps).await,
            None => self.swap_one_by_one(swaps).await,
        }
    }

    /// What became of swaps of which some were not written: a message that is as it was to be was.
    async fn compare(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let ids: Vec<_> = swaps.iter().map(|swap| swap.after.id).collect();
        let now = self.all(self.messages.find(doc! { "_id": among(&ids) }));
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

    /// A unique index refused the SID of one of them, after some that may have been written.
    async fn swap_one_by_one(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let mut outcomes = Vec::new();
        for swap in swaps {
            let outcome = match self.swap_one(swap).await? {
                Swapped::Conflict => self.compare(std::slice::from_ref(swap)).await?,
                outcome => vec![outcome],
            };
            outcomes.extend(outcome);
        }
        Ok(outcomes)
    }
}

/// Matches a message while it has a version. A document of an earlier program has none.
fn version(id: bson::Uuid, seen: u32) -> bson::Document {
    match seen {
        0 => doc! { "_id": id, "version": { "$in": [0, Bson::Null] } },
        seen => doc! { "_id": id, "version": seen },
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
    u: [Stage<'a>; 1],
    multi: bool,
    /// So that the server does not try other indexes first.
    hint: bson::Document,
}

#[derive(Serialize)]
struct Stage<'a> {
    #[serde(rename = "$replaceWith")]
    replace_with: Let<'a>,
}

#[derive(Serialize)]
struct Let<'a> {
    #[serde(rename = "$let")]
    expression: Place<'a>,
}

/// The place of a message among the swaps, and what follows from it.
#[derive(Serialize)]
struct Place<'a> {
    vars: bson::Document,
    #[serde(rename = "in")]
    then: Cond<'a>,
}

#[derive(Serialize)]
struct Cond<'a> {
    #[serde(rename = "$cond")]
    branches: (bson::Document, At<'a>, &'static str),
}

#[derive(Serialize)]
struct At<'a> {
    #[serde(rename = "$arrayElemAt")]
    element: (Literal<'a>, &'static str),
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
        let messages = swaps.iter().map(|swap| StoredMessage::from(&swap.after));
        let is_as_seen = doc! { "$eq": [
            { "$ifNull": ["$version", 0] },
            { "$arrayElemAt": [{ "$literal": seen }, "$$place"] },
        ] };
        let literal = Literal {
            messages: messages.collect(),
        };
        let after = At {
            element: (literal, "$$place"),
        };
        let place = doc! { "$indexOfArray": [{ "$literal": &ids }, "$_id"] };
        let expression = Place {
            vars: doc! { "place": place },
            then: Cond {
                branches: (is_as_seen, after, "$$ROOT"),
            },
        };
        Ok(Self {
            update: collection,
            updates: [Statement {
                q: doc! { "_id": { "$in": ids } },
                u: [Stage {
                    replace_with: Let { expression },
                }],
                multi: true,
                hint: doc! { "_id": 1 },
            }],
            write_concern: bson::serialize_to_document(&durable()).map_err(corrupt)?,
        })
    }
}
