//! A store with all its ports.

use std::sync::Arc;
use std::time::Duration;

use crate::ledger::Ledger;
use crate::store::{
    Accounts, Acts, Changes, Consents, Conversations, History, Invites, Keys, MessageStore,
    Operations, OptOuts, Pauses, Quotas, Records, Revocations, Sessions, Told, Turns, Upkeep,
    Uploads,
};

/// What one adapter stores, by port. The ledger is what is done with its messages.
#[derive(Clone)]
pub struct Stores {
    pub ledger: Ledger,
    pub history: Arc<dyn History>,
    pub changes: Arc<dyn Changes>,
    pub consents: Arc<dyn Consents>,
    pub conversations: Arc<dyn Conversations>,
    pub upkeep: Arc<dyn Upkeep>,
    pub operations: Arc<dyn Operations>,
    pub accounts: Arc<dyn Accounts>,
    pub acts: Arc<dyn Acts>,
    pub invites: Arc<dyn Invites>,
    pub keys: Arc<dyn Keys>,
    pub revocations: Arc<dyn Revocations>,
    pub quotas: Arc<dyn Quotas>,
    pub opt_outs: Arc<dyn OptOuts>,
    pub pauses: Arc<dyn Pauses>,
    pub records: Arc<dyn Records>,
    pub sessions: Arc<dyn Sessions>,
    pub told: Arc<dyn Told>,
    pub turns: Arc<dyn Turns>,
    pub uploads: Arc<dyn Uploads>,
}

impl Stores {
    /// The same stores, whose ledger has deleted texts erased at the provider: see [`Ledger::erasing`].
    #[must_use]
    pub fn erasing(mut self, after: Option<Duration>) -> Self {
        self.ledger = self.ledger.erasing(after);
        self
    }

    pub fn new<S>(adapter: Arc<S>) -> Self
    where
        S: MessageStore
            + History
            + Changes
            + Consents
            + Conversations
            + Upkeep
            + Operations
            + Accounts
            + Acts
            + Invites
            + Keys
            + Revocations
            + Quotas
            + OptOuts
            + Pauses
            + Records
            + Sessions
            + Told
            + Turns
            + Uploads
            + 'static,
    {
        Self {
            ledger: Ledger::new(adapter.clone(), adapter.clone(), adapter.clone()),
            history: adapter.clone(),
            changes: adapter.clone(),
            consents: adapter.clone(),
            conversations: adapter.clone(),
            upkeep: adapter.clone(),
            operations: adapter.clone(),
            accounts: adapter.clone(),
            acts: adapter.clone(),
            invites: adapter.clone(),
            keys: adapter.clone(),
            revocations: adapter.clone(),
            quotas: adapter.clone(),
            opt_outs: adapter.clone(),
            pauses: adapter.clone(),
            records: adapter.clone(),
            sessions: adapter.clone(),
            told: adapter.clone(),
            turns: adapter.clone(),
            uploads: adapter,
        }
    }
}
