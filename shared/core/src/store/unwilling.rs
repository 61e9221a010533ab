//! Who wants no texts, as far as a process knows.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::slice;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use super::{OptOuts, Result};
use crate::domain::{Address, PhoneNumber, Timestamp};

/// How far a look goes back behind the one before, because clocks differ.
const OVERLAP: Duration = Duration::from_mins(2);

/// Who wants no texts from which of our senders. A recipient that is not in it costs no query; about one
/// that is it asks the store, because they may want texts again by now. Before its first look at a sender
/// it asks about everybody.
pub struct Unwilling {
    store: Arc<dyn OptOuts>,
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

    fn may_include(&self, sender: &str, recipient: &Address) -> bool {
        self.read().get(sender).is_none_or(|known| {
            known.looked_at.is_none() || known.addresses.contains(&hash(recipient))
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
        for &sender in senders {
            let looked_at = self.read().get(sender).and_then(|known| known.looked_at);
            let since = looked_at.map_or(Timestamp::EPOCH, |latest| latest - OVERLAP);
            let found = self.store.opted_out_since(sender, since).await?;
            let mut known = self.write();
            let of_sender = known.entry(sender.to_owned()).or_default();
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

fn hash(address: &Address) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.as_str().hash(&mut hasher);
    hasher.finish()
}
