//! Batches of inserts and of facts. Each item is judged alone: what fails for one is executed again
//! by itself, which is harmless, and concerns no other.

use std::collections::HashMap;

use batch_aint_one::Processor;
use futures_util::future::join_all;
use mongodb::bson::{self, Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ReadConcern, UpdateModifications};
use serde::Deserialize;

use super::statement::{self, among};
use super::{Collections, DUPLICATE_KEY, STORE, answer, document, durable};
use crate::domain::{Fact, Message, MessageId};
use crate::store::{FactOutcome, Inserted, Result, StoreError};

/// Inserts messages.
#[derive(Clone)]
pub(super) struct Inserts(pub(super) Collections);

impl Processor for Inserts {
    type Key = ();
    type Input = Message;
    type Output = Result<Inserted>;
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, (): ()) -> Result<()> {
        Ok(())
    }

    async fn process(
        &self,
        (): (),
        inputs: impl Iterator<Item = Message> + Send,
        (): (),
    ) -> Result<Vec<Result<Inserted>>> {
        let messages: Vec<_> = inputs.collect();
        let refused = self.insert(&messages).await?;
        let results =
            messages
                .iter()
                .enumerate()
                .map(async |(place, message)| match refused.get(&place) {
                    None => Ok(Inserted::Stored),
                    Some(&DUPLICATE_KEY) => self.0.stored_before(message).await,
                    Some(code) => Err(refused_with(*code)),
                });
        Ok(join_all(results).await)
    }
}

impl Inserts {
    /// Tells with which code the inserts at some places were refused.
    async fn insert(&self, messages: &[Message]) -> Result<HashMap<usize, i32>> {
        let documents = self.0.messages.clone_with_type::<Document>();
        let insert = documents
            .insert_many(messages.iter().map(document::of_new))
            .ordered(false);
        answer(async {
            match insert.await {
                Ok(_) => Ok(HashMap::new()),
                Err(error) => refused_places(error),
            }
        })
        .await
    }
}

fn refused_places(error: Error) -> mongodb::error::Result<HashMap<usize, i32>> {
    let ErrorKind::InsertMany(refused) = &*error.kind else {
        return Err(error);
    };
    // Without the write concern nothing is known to be durable.
    match (&refused.write_errors, &refused.write_concern_error) {
        (Some(errors), None) => Ok(errors.iter().map(|at| (at.index, at.code)).collect()),
        _ => Err(error),
    }
}

/// Merges facts.
#[derive(Clone)]
pub(super) struct Facts(pub(super) Collections);

impl Processor for Facts {
    type Key = ();
    type Input = Fact;
    type Output = Result<FactOutcome>;
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, (): ()) -> Result<()> {
        Ok(())
    }

    async fn process(
        &self,
        (): (),
        inputs: impl Iterator<Item = Fact> + Send,
        (): (),
    ) -> Result<Vec<Result<FactOutcome>>> {
        let facts: Vec<_> = inputs.collect();
        let mut known = match facts.len() {
            // One fact alone costs one statement, without a look at its message before.
            1 => HashMap::new(),
            _ => self.messages_before(&facts).await?,
        };
        let (mut outcomes, mut changes) = (Vec::new(), Vec::<Change<'_>>::new());
        for (place, fact) in facts.iter().enumerate() {
            let message = fact.message.and_then(|id| known.get_mut(&id));
            outcomes.push(message.and_then(|message| foresee(place, fact, message, &mut changes)));
        }
        for place in self.write(&changes).await? {
            outcomes[place] = None;
        }
        let results = outcomes
            .into_iter()
            .zip(&facts)
            .map(async |(outcome, fact)| match outcome {
                Some(outcome) => Ok(outcome),
                None => self.0.merge(fact).await,
            });
        Ok(join_all(results).await)
    }
}

/// What the facts of a batch about one SID do to its message.
struct Change<'a> {
    id: MessageId,
    facts: Vec<(usize, &'a Fact)>,
}

/// What becomes of a fact by the look of its message, and adds what there is to write to `changes`.
/// `None` if it is not simply about the message's own SID.
fn foresee<'a>(
    place: usize,
    fact: &'a Fact,
    message: &mut Message,
    changes: &mut Vec<Change<'a>>,
) -> Option<FactOutcome> {
    let own_or_first = message
        .provider
        .as_ref()
        .is_none_or(|own| own.sid == fact.sid);
    if message.account != fact.account || !own_or_first {
        return None;
    }
    let before = message.clone();
    let (id, owner, effect) = (message.id, message.owner, message.apply_fact(fact));
    if *message != before {
        match changes.iter_mut().find(|change| change.id == id) {
            Some(change) => change.facts.push((place, fact)),
            None => changes.push(Change {
                id,
                facts: vec![(place, fact)],
            }),
        }
    }
    Some(FactOutcome::Applied { id, owner, effect })
}

impl Facts {
    /// The messages that facts are addressed to, without their content, as a majority of the
    /// servers knows them: what is taken for recorded already must not be rolled back.
    async fn messages_before(&self, facts: &[Fact]) -> Result<HashMap<MessageId, Message>> {
        let ids: Vec<_> = facts.iter().filter_map(|fact| fact.message).collect();
        let find = self
            .0
            .messages
            .find(doc! { "_id": among(&ids) })
            .projection(super::fact::without_content())
            .read_concern(ReadConcern::majority());
        let messages = self.0.all(find).await?;
        Ok(messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect())
    }

    /// Writes all changes in one command; the places of the facts that have to be merged one by one,
    /// because their message is not as it was seen.
    async fn write(&self, changes: &[Change<'_>]) -> Result<Vec<usize>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let updates: Vec<_> = changes.iter().map(Change::update).collect();
        let command = doc! {
            "update": self.0.messages.name(),
            "updates": updates,
            "ordered": false,
            "writeConcern": bson::serialize_to_document(&durable()).map_err(corrupt)?,
        };
        let reply = answer(self.0.database.run_command(command)).await?;
        let done: UpdateReply = bson::deserialize_from_document(reply).map_err(corrupt)?;
        done.unmatched(changes)
    }
}

impl Change<'_> {
    fn update(&self) -> Document {
        let (mut filter, mut stages) = (Document::new(), Vec::new());
        for (_, fact) in &self.facts {
            let statement = statement::fact_to_named(self.id, fact);
            filter = statement.filter;
            if let UpdateModifications::Pipeline(update) = statement.update {
                stages.extend(update);
            }
        }
        doc! { "q": filter, "u": stages }
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.facts.iter().map(|(place, _)| *place)
    }
}

/// What the server says of an `update` command.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateReply {
    /// How many statements matched.
    n: usize,
    #[serde(default)]
    write_errors: Vec<Refused>,
    write_concern_error: Option<Document>,
}

#[derive(Deserialize)]
struct Refused {
    index: usize,
    code: i32,
}

impl UpdateReply {
    /// The places of the facts whose statement did not match. The reply only counts, so if it was
    /// not refused but matched nothing, each may be the one.
    fn unmatched(self, changes: &[Change<'_>]) -> Result<Vec<usize>> {
        if self.write_concern_error.is_some() {
            return Err(StoreError::unavailable(
                STORE,
                "no majority has the change in time",
            ));
        }
        if let Some(refused) = self.write_errors.iter().find(|at| at.code != DUPLICATE_KEY) {
            return Err(refused_with(refused.code));
        }
        if self.n + self.write_errors.len() < changes.len() {
            return Ok(changes.iter().flat_map(Change::places).collect());
        }
        let refused = self
            .write_errors
            .iter()
            .filter_map(|at| changes.get(at.index));
        Ok(refused.flat_map(Change::places).collect())
    }
}

fn corrupt(error: bson::error::Error) -> StoreError {
    StoreError::corrupt("a command", error)
}

fn refused_with(code: i32) -> StoreError {
    StoreError::unavailable(STORE, format!("the server refused it with code {code}"))
}
