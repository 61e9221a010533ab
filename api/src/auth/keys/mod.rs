use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::domain::{ApiKey, KeyId, KeyToken, Timestamp, UserId, UsernameHash};
use mysms_core::store::{Accounts, Keys, Result};
use tokio::time::Instant;

use crate::store_timeout::StoreTimeout;

/// How old what this process knows of a key may be. After that the store is asked.
const FRESH: Duration = Duration::from_secs(4);

/// When one request begins to ask for all others, so that a key in use is always known.
const AGING: Duration = Duration::from_secs(2);

/// Keys that are remembered: more than are in use at a time.
const REMEMBERED: usize = 10_000;

/// How long it is remembered that a key was ended here: longer than a look into the store may take that
/// began before.
const ENDED_KEPT: Duration = Duration::from_secs(10);

const MINUTE: i64 = 60_000;

/// The keys of programs, as far as this process knows them.
///
/// A key that was ended anywhere, or whose owner has left, is good nowhere 5 seconds later: what is known
/// here is at most 4 seconds old, or the store is asked; if it does not answer, neither do we.
pub(crate) struct ApiKeys {
    keys: Arc<dyn Keys>,
    accounts: Arc<dyn Accounts>,
    known: Mutex<Known>,
    store_timeout: StoreTimeout,
}

/// A key, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyHolder {
    pub key: ApiKey,
    /// Of the owner's name.
    pub hash: UsernameHash,
}

/// Why a key does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidKey {
    #[error("the key is not written as any of ours")]
    Malformed,
    #[error("there is no such key, or not any more")]
    Unknown,
    #[error("the key's secret is wrong")]
    WrongSecret,
    #[error("the key has expired")]
    Expired,
}

#[derive(Default)]
struct Known {
    keys: HashMap<KeyId, Reading>,
    ended: HashMap<KeyId, Instant>,
}

struct Reading {
    holder: Arc<KeyHolder>,
    begun: Instant,
    is_being_repeated: bool,
    /// The latest use that this process has noted.
    noted: Option<Timestamp>,
}

/// What this process knows of a key.
enum Look {
    Good(Arc<KeyHolder>),
    /// Good for now, and it is on whoever gets this to ask the store.
    Aging(Arc<KeyHolder>),
    Nothing,
}

impl ApiKeys {
    pub(crate) fn new(
        keys: Arc<dyn Keys>,
        accounts: Arc<dyn Accounts>,
        store_timeout: StoreTimeout,
    ) -> Self {
        Self {
            keys,
            accounts,
            known: Mutex::default(),
            store_timeout,
        }
    }

    /// Whether this process has seen such a key, so that to look for it costs nobody anything.
    pub(crate) fn has_seen(&self, id: &KeyId) -> bool {
        self.lock().keys.contains_key(id)
    }

    /// Who holds a key; fails if that cannot be known at the moment.
    pub(crate) async fn verify(
        &self,
        token: &KeyToken,
        now: Timestamp,
    ) -> Result<std::result::Result<Arc<KeyHolder>, InvalidKey>> {
        let Some(holder) = self.holder(token.id()).await? else {
            return Ok(Err(InvalidKey::Unknown));
        };
        let key = &holder.key;
        // Both are looked at, so that how long it takes tells nothing of the secret.
        let same = key.secret.is_same(&token.hash()) & (key.grant.mode == token.mode());
        Ok(if !same {
            Err(InvalidKey::WrongSecret)
        } else if key.has_expired(now) {
            Err(InvalidKey::Expired)
        } else {
            Ok(holder)
        })
    }

    /// Whether a key is good still; fails if that cannot be known at the moment.
    pub(crate) async fn holds(&self, id: &KeyId, now: Timestamp) -> Result<bool> {
        let holder = self.holder(id).await?;
        Ok(holder.is_some_and(|holder| !holder.key.has_expired(now)))
    }

    /// A key whose use is to be noted now, which is so once a minute, and the time to note.
    pub(crate) fn use_to_note(&self, id: &KeyId, now: Timestamp) -> Option<Timestamp> {
        let minute = Timestamp::from_millis(now.as_millis().div_euclid(MINUTE) * MINUTE);
        let mut known = self.lock();
        let reading = known.keys.get_mut(id)?;
        let known_before = reading.noted.max(reading.holder.key.last_used);
        let is_new = known_before.is_none_or(|before| before < minute);
        reading.noted = known_before.max(Some(minute));
        is_new.then_some(minute)
    }

    /// Ends a key everywhere, and in this process at once. Returns false if the user never had it.
    pub(crate) async fn end(&self, owner: UserId, id: &KeyId, now: Timestamp) -> Result<bool> {
        let end = || self.keys.end_key(owner, id, now);
        let ended = self.store_timeout.repeat(end).await?;
        if ended {
            self.forget(|known, _| known == id);
            // A look into the store may be under way.
            self.lock().ended.insert(id.clone(), Instant::now());
        }
        Ok(ended)
    }

    /// Ends all keys of a user everywhere, and in this process at once.
    pub(crate) async fn end_all(&self, owner: UserId, now: Timestamp) -> Result<()> {
        let end = || self.keys.end_keys(owner, now);
        self.store_timeout.repeat(end).await?;
        self.forget(|_, reading| reading.holder.key.owner == owner);
        Ok(())
    }

    /// Lets this process know that a user has left, and that their keys are good no more.
    pub(crate) fn has_left(&self, owner: UserId) {
        self.forget(|_, reading| reading.holder.key.owner == owner);
    }

    async fn holder(&self, id: &KeyId) -> Result<Option<Arc<KeyHolder>>> {
        match self.look_up(id) {
            Look::Good(holder) => Ok(Some(holder)),
            Look::Nothing => self.read(id).await,
            Look::Aging(holder) => match self.read(id).await {
                Err(_) if self.is_fresh(id) => Ok(Some(holder)),
                read => read,
            },
        }
    }

    fn look_up(&self, id: &KeyId) -> Look {
        let mut known = self.lock();
        let Some(reading) = known.keys.get_mut(id) else {
            return Look::Nothing;
        };
        let (age, holder) = (reading.begun.elapsed(), Arc::clone(&reading.holder));
        if age >= FRESH {
            Look::Nothing
        } else if age < AGING || std::mem::replace(&mut reading.is_being_repeated, true) {
            Look::Good(holder)
        } else {
            Look::Aging(holder)
        }
    }

    fn is_fresh(&self, id: &KeyId) -> bool {
        let known = self.lock();
        let reading = known.keys.get(id);
        reading.is_some_and(|reading| reading.begun.elapsed() < FRESH)
    }

    /// Asks the store, whatever is known here.
    async fn read(&self, id: &KeyId) -> Result<Option<Arc<KeyHolder>>> {
        let begun = Instant::now();
        let found = self.store_timeout.once(self.find(id)).await?.map(Arc::new);
        let mut known = self.lock();
        if known.ended.contains_key(id) {
            return Ok(None);
        }
        match &found {
            Some(holder) => known.note(id, Arc::clone(holder), begun),
            None => _ = known.keys.remove(id),
        }
        Ok(found)
    }

    async fn find(&self, id: &KeyId) -> Result<Option<KeyHolder>> {
        let Some(key) = self.keys.key(id).await? else {
            return Ok(None);
        };
        // In this order: whoever has left before the key was read is not found.
        let owner = self.accounts.by_id(key.owner).await?;
        Ok(owner.map(|owner| KeyHolder {
            key,
            hash: owner.username.hash(),
        }))
    }

    fn forget(&self, is_meant: impl Fn(&KeyId, &Reading) -> bool) {
        let mut known = self.lock();
        let now = Instant::now();
        let Known { keys, ended } = &mut *known;
        ended.retain(|_, at| now.duration_since(*at) < ENDED_KEPT);
        let meant = keys.extract_if(|id, reading| is_meant(id, reading));
        ended.extend(meant.map(|(id, _)| (id, now)));
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn note(&mut self, id: &KeyId, holder: Arc<KeyHolder>, begun: Instant) {
        if self.keys.len() >= REMEMBERED && !self.keys.contains_key(id) {
            self.keys
                .retain(|_, reading| reading.begun.elapsed() < FRESH);
        }
        if self.keys.len() >= REMEMBERED && !self.keys.contains_key(id) {
            // They are read anew when they are used again.
            self.keys.clear();
        }
        let before = self.keys.get(id);
        let reading = Reading {
            noted: before.and_then(|before| before.noted),
            holder,
            begun,
            is_being_repeated: false,
        };
        // A look that took long brings nothing old back.
        if before.is_none_or(|before| before.begun <= begun) {
            self.keys.insert(id.clone(), reading);
        }
    }
}

#[cfg(test)]
mod tests;
