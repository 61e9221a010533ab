//! Batches of inserts and of facts. Each item is judged alone: what fails for one is executed again
//! by itself, which is harmless, and concerns no other.

use std::collections::HashMap;

use batch_aint_one::Processor;
use futures_util::future::join_all;
use mongodb::bson::{self, Document, doc};
use mongodb::error::{Error, ErrorKind};

use super::command::{corrupt, refused_with};
use super::document::NewDocument;
use super::statement::{self, Statement, among};
use super::{Collections, DUPLICATE_KEY, answer};
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
        let documents = self.0.messages.clone_with_type::<NewDocument<'_>>();
        let insert = documents
            .insert_many(messages.iter().map(NewDocument::from))
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
        let (mut outcomes, mut changes) = (Vec::new(), Changes::default());
        for (place, fact) in facts.iter().enumerate() {
            let message = fact.message.and_then(|id| known.get_mut(&id));
            outcomes.push(message.and_then(|message| foresee(place, fact, message, &mut changes)));
        }
        if !self.write(&changes).await? {
            for place in changes.places() {
                outcomes[place] = None;
            }
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

/// The facts of a batch that there is something to write for.
#[derive(Default)]
struct Changes<'a> {
    /// In each round a message gets one fact at most; later rounds build on earlier ones.
    rounds: Vec<Vec<(MessageId, &'a Fact)>>,
    /// How many facts each message gets.
    facts: HashMap<MessageId, usize>,
    places: Vec<usize>,
}

impl<'a> Changes<'a> {
    fn add(&mut self, place: usize, id: MessageId, fact: &'a Fact) {
        let round = self.facts.entry(id).or_default();
        if *round == self.rounds.len() {
            self.rounds.push(Vec::new());
        }
        self.rounds[*round].push((id, fact));
        *round += 1;
        self.places.push(place);
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.places.iter().copied()
    }

    fn updates(&self) -> bson::error::Result<Vec<Document>> {
        let statements = self
            .rounds
            .iter()
            .map(|facts| statement::facts_to_named(facts));
        statements.map(Statement::into_update).collect()
    }
}

/// What becomes of a fact by the look of its message, and adds what there is to write to `changes`.
/// `None` if it is not simply about the message's own SID.
fn foresee<'a>(
    place: usize,
    fact: &'a Fact,
    message: &mut Message,
    changes: &mut Changes<'a>,
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
        changes.add(place, id, fact);
    }
    Some(FactOutcome::Applied { id, owner, effect })
}

impl Facts {
    /// The messages that facts are addressed to, without their content.
    async fn messages_before(&self, facts: &[Fact]) -> Result<HashMap<MessageId, Message>> {
        let ids: Vec<_> = facts.iter().filter_map(|fact| fact.message).collect();
        let find = self
            .0
            .messages
            .find(doc! { "_id": among(&ids) })
            .projection(super::fact::without_content());
        let messages = self.0.all(find).await?;
        Ok(messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect())
    }

    /// Writes all changes in one command. False if some were not written, because a message is not
    /// as it was seen; all of them have to be merged one by one then.
    async fn write(&self, changes: &Changes<'_>) -> Result<bool> {
        if changes.rounds.is_empty() {
            return Ok(true);
        }
        let statements = changes.updates().map_err(corrupt)?;
        let done = self
            .0
            .update(self.0.messages.name(), statements, true)
            .await?;
        Ok(done.matched()? == changes.places.len())
    }
}
