//! Which message a fact goes to, and what it did there.

use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;

use super::document::stored;
use super::index::Index;
use super::statement::{self, Statement, named, open_in};
use super::{Collections, STORE, answer_unless_taken};
use crate::domain::{Fact, Lane, Message};
use crate::store::{FactOutcome, Result, StoreError};

/// What a message is without what only its owner may read.
pub(super) fn without_content() -> Document {
    doc! { "body": 0, "recipient": 0, "counterpart": 0 }
}

/// How often a fact is tried. It has to be tried again when a message got a SID between two
/// statements, which happens once to a message.
const ROUNDS: usize = 3;

impl Collections {
    /// Merges a fact into the owner of its SID, or else into the message that it is addressed to.
    pub(super) async fn merge(&self, fact: &Fact) -> Result<FactOutcome> {
        for _ in 0..ROUNDS {
            if let Some(outcome) = self.try_merge(fact).await? {
                return Ok(outcome);
            }
        }
        Err(StoreError::unavailable(STORE, "the message kept changing"))
    }

    /// `None` if the message changed between two statements.
    async fn try_merge(&self, fact: &Fact) -> Result<Option<FactOutcome>> {
        let mut targets = Vec::new();
        targets.extend(fact.message.map(|id| statement::fact_to_named(id, fact)));
        targets.push(statement::fact_about_owned(fact));
        for target in targets {
            if let Some(mut message) = self.before(target).await? {
                let (id, owner) = (message.id, message.owner);
                let effect = message.apply_fact(fact);
                return Ok(Some(FactOutcome::Applied { id, owner, effect }));
            }
        }
        let Some(message) = self.meant_by(fact).await? else {
            return Ok(Some(FactOutcome::NoMessage));
        };
        if message.account != fact.account {
            return Ok(Some(FactOutcome::ForeignAccount { id: message.id }));
        }
        self.merge_surplus(&message, fact).await
    }

    /// The owner of the fact's SID, or else the message that it is addressed to.
    async fn meant_by(&self, fact: &Fact) -> Result<Option<Message>> {
        let owner = self.first(doc! { "provider.sid": fact.sid.as_str() });
        match (owner.await?, fact.message) {
            (None, Some(id)) => self.first(named(id)).await,
            (owner, _) => Ok(owner),
        }
    }

    async fn merge_surplus(&self, message: &Message, fact: &Fact) -> Result<Option<FactOutcome>> {
        let twin_in_doubt = message.has_adopted_sid() && self.has_twin_in_doubt(message).await?;
        let before = self.before(statement::surplus(message.id, fact)).await?;
        Ok(before.map(|mut message| FactOutcome::Surplus {
            id: message.id,
            owner: message.owner,
            taken_twice: message.apply_surplus(fact, twin_in_doubt),
        }))
    }

    /// Executes a statement and gives the message as it was before, without its content, so that
    /// the domain can tell what the statement did. `None` if the condition does not hold, or a
    /// unique index refused it.
    async fn before(&self, statement: Statement) -> Result<Option<Message>> {
        let Statement { filter, update } = statement;
        let change = self
            .messages
            .find_one_and_update(filter, update)
            .return_document(ReturnDocument::Before)
            .projection(without_content());
        let before = answer_unless_taken(change).await?.flatten();
        before.map(Message::try_from).transpose()
    }

    /// Whether an identical text to the same number has an unknown outcome.
    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool> {
        let (Some(recipient), Some(body)) = (&message.recipient, &message.body) else {
            return Ok(false);
        };
        let mut twin = open_in(&message.account, Lane::Resolve);
        twin.extend(doc! {
            "recipient": recipient.as_str(),
            "body": body.as_str(),
            "_id": { "$ne": stored(message.id.as_uuid()) },
        });
        let found = self.ids(twin, Index::Lanes, 1).await?;
        Ok(!found.is_empty())
    }
}
