//! Who wants no texts, as far as this process knows.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use shared::clock::Clock;
use shared::domain::{Consent, PhoneNumber, Timestamp, UserId, Wish};
use shared::lifecycle::TaskResult;
use shared::store::{self, Result};
use shared::telemetry::Chain;
use tokio_util::sync::CancellationToken;

use crate::looking::keep_looking;
use crate::patience::Patience;

/// The pause between two looks at what was noted in other processes.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How far a look goes back behind the one before, because clocks differ.
const OVERLAP: Duration = Duration::from_mins(2);

/// Messages that are ended by one statement.
const BATCH: usize = 200;

/// Who wants no texts from the sender of this process. Whom it does not know costs a send nothing;
/// about whom it knows it asks the store, which knows whether they want some again.
pub(crate) struct OptOuts {
    store: Arc<dyn store::OptOuts>,
    sender: String,
    known: RwLock<Known>,
    patience: Patience,
}

#[derive(Default)]
struct Known {
    /// Hashes of their numbers. That two are the same costs a question.
    unwilling: HashSet<u64>,
    looked_at: Option<Timestamp>,
}

impl OptOuts {
    pub(crate) fn new(store: Arc<dyn store::OptOuts>, sender: &str, patience: Patience) -> Self {
        Self {
            store,
            sender: sender.to_owned(),
            known: RwLock::default(),
            patience,
        }
    }

    /// Those of some numbers that want no texts from us, as the store knows it.
    pub(crate) async fn among(&self, numbers: &[PhoneNumber]) -> Result<Vec<PhoneNumber>> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let asked = self.store.opted_out(&self.sender, numbers);
        self.patience.once(asked).await
    }

    /// Whether a recipient wants no texts from us. What another process noted within the last
    /// seconds may be missed; the provider refuses it then.
    pub(crate) async fn refuses(&self, recipient: &PhoneNumber) -> Result<bool> {
        let suspected = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            // Before the first look only the store knows.
            known.looked_at.is_none() || known.unwilling.contains(&hash(recipient))
        };
        Ok(suspected
            && !self
                .among(std::slice::from_ref(recipient))
                .await?
                .is_empty())
    }

    /// Takes note of a wish, in this process at once, and ends what still waits to be sent against
    /// it; tells whose messages those were.
    pub(crate) async fn note(&self, wish: &Wish, now: Timestamp) -> Result<Vec<UserId>> {
        self.patience.repeat(|| self.store.note(wish, now)).await?;
        if wish.consent == Consent::Given {
            return Ok(Vec::new());
        }
        if wish.senders.contains(&self.sender) {
            self.add(std::slice::from_ref(&wish.recipient));
        }
        let mut owners = Vec::new();
        loop {
            let refuse = || self.store.refuse_queued(wish, now, BATCH);
            let some = self.patience.repeat(refuse).await?;
            let more = some.len() == BATCH;
            owners.extend(some);
            if !more {
                return Ok(owners);
            }
        }
    }

    /// Looks at what was noted since the last look.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<()> {
        let looked_at = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.looked_at
        };
        let since = looked_at.map_or(Timestamp::EPOCH, |latest| latest - OVERLAP);
        let found = self.store.opted_out_since(&self.sender, since);
        let found = self.patience.once(found).await?;
        self.add(&found);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.looked_at = Some(now);
        Ok(())
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> TaskResult {
        let look = || self.look(clock.now());
        keep_looking(LOOK_INTERVAL, stop, look, |error| {
            let error = Chain(error);
            tracing::warn!(%error, "cannot see who has opted out; the provider refuses them");
        })
        .await
    }

    fn add(&self, numbers: &[PhoneNumber]) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.unwilling.extend(numbers.iter().map(hash));
    }
}

fn hash(number: &PhoneNumber) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.as_str().hash(&mut hasher);
    hasher.finish()
}
