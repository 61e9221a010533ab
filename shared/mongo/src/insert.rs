//! Batches of inserts. Each is judged alone: what fails for one concerns no other.

use std::collections::HashMap;

use batch_aint_one::Processor;
use futures_util::future::join_all;
use mongodb::error::{Error, ErrorKind};
use mysms_core::domain::Message;
use mysms_core::store::{Inserted, Result, StoreError};

use super::command::refused_with;
use super::document::StoredMessage;
use super::filter::{keyed, named};
use super::{Collections, DUPLICATE_KEY, STORE, answer};

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
        let documents = self.0.messages.clone_with_type::<StoredMessage<'_>>();
        let insert = documents
            .insert_many(messages.iter().map(StoredMessage::from))
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

impl Collections {
    /// Answers an insert whose id or idempotency key is there already.
    async fn stored_before(&self, message: &Message) -> Result<Inserted> {
        if let Some(known) = self.first(named(message.id)).await?
            && known.is_same_request(message)
        {
            return Ok(Inserted::Stored);
        }
        if let Some(idempotency) = &message.idempotency {
            let first = keyed(message.owner, &idempotency.key);
            if let Some(first) = self.first(first).await? {
                return Ok(Inserted::KeyUsed(Box::new(first)));
            }
        }
        // What was in the way is gone or is another request's: the caller may repeat.
        Err(StoreError::unavailable(STORE, "the id is taken"))
    }
}
