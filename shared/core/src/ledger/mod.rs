//! What is done with messages: each operation reads, lets the domain change the message, and swaps;
//! if another change came between, it reads again. Written once, for every store.

mod change;
mod erasing;
mod facts;
mod leaving;
mod line;
mod outcome;
mod sending;
mod upkeep;
mod withdrawal;

use std::sync::Arc;

use self::erasing::Erasing;
use self::facts::{Facts, Merged};
use self::leaving::Leaving;
use crate::domain::{
    Content, Fact, IdempotencyKey, Lane, Message, MessageId, NewMessage, PhoneNumber, ProviderId,
    Timestamp, UserId,
};
use crate::store::{Batches, Inserted, MessageStore, Records, Result, SidOwner, Turns};

pub use outcome::{Adoption, Assignment, Cancel, Erased, FactOutcome, Old, Refused};
pub use withdrawal::Deleted;

/// What the ledger is called in errors.
const LEDGER: &str = "the ledger";

/// How many batches of facts of one lane are merged at the same time. Facts about one message share a
/// lane, so that this process does not come between its own changes.
const UNDER_WAY: usize = 1;

/// The ledger of messages.
///
/// Every method is one business operation. What it does to one message is atomic. Time, ids and lease
/// tokens are arguments, so any operation may be repeated with the same arguments after an unclear
/// answer. A condition that does not hold is not an error: nothing happened, and the answer says so.
///
/// What we decide ourselves is refused without the current lease token; what the provider says is
/// merged without one.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn MessageStore>,
    facts: Batches<Facts>,
    turns: Arc<dyn Turns>,
    records: Arc<dyn Records>,
    erasing: Erasing,
    leaving: Leaving,
}

impl Ledger {
    /// `turns` gets back what will not be sent, and `records` keep who is to get answers to what was deleted.
    pub fn new(
        store: Arc<dyn MessageStore>,
        turns: Arc<dyn Turns>,
        records: Arc<dyn Records>,
    ) -> Self {
        let leaving = Leaving::noting_in(&records);
        let facts = Facts {
            store: Arc::clone(&store),
            leaving: leaving.clone(),
        };
        let facts = Batches::new("fact", facts, UNDER_WAY);
        Self {
            store,
            facts,
            turns,
            records,
            erasing: Erasing::default(),
            leaving,
        }
    }

    /// A ledger over the same store, with a test between them.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn relayed<F>(
        &self,
        interfere: impl Fn(crate::store::relay::Moment) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        let relay = crate::store::relay::Relay::new(store, interfere);
        let (turns, records) = (Arc::clone(&self.turns), Arc::clone(&self.records));
        let relayed = Self::new(Arc::new(relay), turns, records);
        relayed.erasing(self.erasing.0)
    }

    /// Stores a message durably. Repeating it with the same id is harmless.
    pub async fn insert(&self, message: NewMessage) -> Result<Inserted> {
        self.store.insert(Message::from(message)).await
    }

    /// Merges what the provider said about a SID into the message that owns it, or, if none does,
    /// into the message that the fact is addressed to.
    pub async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome> {
        let lane = (facts::lane(fact), self.erasing);
        match self.facts.call(LEDGER, lane, fact.clone()).await? {
            Merged::Done(outcome) => Ok(outcome),
            Merged::Alone { foreseen } => self.merge(fact, foreseen).await,
        }
    }

    /// See [`MessageStore::read`].
    pub async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.store.read(ids).await
    }

    /// See [`MessageStore::keyed`].
    pub async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        self.store.keyed(owner, key).await
    }

    /// See [`MessageStore::due`].
    pub async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        self.store.due(account, lane, now, limit).await
    }

    /// See [`MessageStore::owners`].
    pub async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>> {
        self.store.owners(sids).await
    }

    /// See [`MessageStore::being_sent`].
    pub async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>> {
        self.store.being_sent(account, to).await
    }

    /// See [`MessageStore::given_up`].
    pub async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>> {
        self.store.given_up(account, to, since).await
    }
}
