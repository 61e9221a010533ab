//! Who wants no texts, as far as a process knows.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::slice;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use batch_aint_one::Processor;

use super::{Batches, OptOuts, Result, StoreError};
use crate::domain::{Address, PhoneNumber, Timestamp, scopes_of};

/// How far a look goes back behind the one before, because clocks differ.
const OVERLAP: Duration = Duration::from_mins(2);

/// Questions of one sender that are under way at the same time.
const UNDER_WAY: usize = 2;

const STORE: &str = "the opt-outs";

/// Who wants no texts from which of our senders, or from all of them. A recipient that is not in it costs no
/// query; about one that is it asks the store, because they may want texts again by now. Before its first
/// look at a sender it asks about everybody.
pub struct Unwilling {
    store: Arc<dyn OptOuts>,
    asked: Batches<Asking>,
    known: RwLock<HashMap<String, Known>>,
}

#[derive(Default)]
struct Known {
    /// Hashes of their addresses. If two are the same, that costs a query.
    addresses: HashSet<u64>,
    looked_at: Option<Timestamp>,
}

impl Unwilling {
    /// The pause between two looks at what other processes recorded.
    pub const LOOK_INTERVAL: Duration = Duration::from_secs(2);

    pub fn new(store: Arc<dyn OptOuts>) -> Self {
        Self {
            asked: Batches::new("opt-out", Asking(Arc::clone(&store)), UNDER_WAY),
            store,
            known: RwLock::default(),
        }
    }

    /// Those of some addresses that want no texts from a sender, as the store has it.
    pub async fn among(&self, sender: &str, addresses: &[Address]) -> Result<Vec<Address>> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        self.store.opted_out(sender, addresses).await
    }

    /// Whether a recipient wants no texts from a sender. What another process recorded since the latest
    /// look may be missed.
    pub async fn includes(&self, sender: &str, recipient: &PhoneNumber) -> Result<bool> {
        let recipient = Address::from(recipient.clone());
        if !self.may_include(sender, &recipient) {
            return Ok(false);
        }
        let unwilling = self.among(sender, slice::from_ref(&recipient)).await?;
        Ok(!unwilling.is_empty())
    }

    /// Whether a recipient wants no texts from a sender, as the store has it. Those who ask at the same time
    /// share a round trip.
    pub async fn surely_include(&self, sender: &str, recipient: &Address) -> Result<bool> {
        let key = sender.to_owned();
        self.asked.call(STORE, key, recipient.clone()).await
    }

    fn may_include(&self, sender: &str, recipient: &Address) -> bool {
        let known = self.read();
        scopes_of(sender).into_iter().any(|scope| {
            known.get(scope).is_none_or(|known| {
                known.looked_at.is_none() || known.addresses.contains(&hash(recipient))
            })
        })
    }

    /// Takes note that somebody wants no texts from some senders.
    pub fn add(&self, senders: &[String], recipient: &Address) {
        let mut known = self.write();
        for sender in senders {
            let of_sender = known.entry(sender.clone()).or_default();
            of_sender.addresses.insert(hash(recipient));
        }
    }

    /// Looks at what was recorded about some senders since the latest look.
    pub async fn look(&self, senders: &[&str], now: Timestamp) -> Result<()> {
        let scopes: BTreeSet<_> = senders
            .iter()
            .flat_map(|sender| scopes_of(sender))
            .collect();
        for scope in scopes {
            let looked_at = self.read().get(scope).and_then(|known| known.looked_at);
            let since = looked_at.map_or(Timestamp::EPOCH, |latest| latest - OVERLAP);
            let found = self.store.opted_out_since(scope, since).await?;
            let mut known = self.write();
            let of_sender = known.entry(scope.to_owned()).or_default();
            of_sender.addresses.extend(found.iter().map(hash));
            of_sender.looked_at = Some(now);
        }
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Known>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the store about recipients of one sender.
#[derive(Clone)]
struct Asking(Arc<dyn OptOuts>);

impl Processor for Asking {
    type Key = String;
    type Input = Address;
    type Output = bool;
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, _sender: String) -> Result<()> {
        Ok(())
    }

    async fn process(
        &self,
        sender: String,
        inputs: impl Iterator<Item = Address> + Send,
        (): (),
    ) -> Result<Vec<bool>> {
        let recipients: Vec<_> = inputs.collect();
        let unwilling = self.0.opted_out(&sender, &recipients).await?;
        let are_unwilling = recipients.iter().map(|it| unwilling.contains(it));
        Ok(are_unwilling.collect())
    }
}

fn hash(address: &Address) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.as_str().hash(&mut hasher);
    hasher.finish()
}
