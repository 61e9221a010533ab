//! Who wants no texts, as far as a process knows.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::slice;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::{OptOuts, Result};
use crate::domain::{PhoneNumber, Timestamp};

/// How far a look goes back behind the one before, because clocks differ.
const OVERLAP: Duration = Duration::from_mins(2);

/// Who wants no texts from the sender of this process. A recipient that is not in it costs no query;
/// about one that is it asks the store, because they may want texts again by now. Before its first look
/// it asks about everybody.
pub struct Unwilling {
    store: Arc<dyn OptOuts>,
    sender: String,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// Hashes of their numbers. If two are the same, that costs a query.
    numbers: HashSet<u64>,
    looked_at: Option<Timestamp>,
}

impl Unwilling {
    /// The pause between two looks at what other processes recorded.
    pub const LOOK_INTERVAL: Duration = Duration::from_secs(2);

    pub fn new(store: Arc<dyn OptOuts>, sender: &str) -> Self {
        Self {
            store,
            sender: sender.to_owned(),
            known: RwLock::default(),
        }
    }

    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// Those of some numbers that want no texts, as the store has it.
    pub async fn among(&self, numbers: &[PhoneNumber]) -> Result<Vec<PhoneNumber>> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        self.store.opted_out(&self.sender, numbers).await
    }

    /// Whether a recipient wants no texts. What another process recorded since the latest look may
    /// be missed.
    pub async fn includes(&self, recipient: &PhoneNumber) -> Result<bool> {
        Ok(
            self.may_include(recipient)
                && !self.among(slice::from_ref(recipient)).await?.is_empty(),
        )
    }

    fn may_include(&self, recipient: &PhoneNumber) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.looked_at.is_none() || known.numbers.contains(&hash(recipient))
    }

    /// Adds some numbers.
    pub fn add(&self, numbers: &[PhoneNumber]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.numbers.extend(numbers.iter().map(hash));
    }

    /// Looks at what was recorded since the latest look.
    pub async fn look(&self, now: Timestamp) -> Result<()> {
        let looked_at = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.looked_at
        };
        let since = looked_at.map_or(Timestamp::EPOCH, |latest| latest - OVERLAP);
        let found = self.store.opted_out_since(&self.sender, since).await?;
        self.add(&found);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.looked_at = Some(now);
        Ok(())
    }
}

fn hash(number: &PhoneNumber) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.as_str().hash(&mut hasher);
    hasher.finish()
}
