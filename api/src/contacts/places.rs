//! How many contacts a user has, so that they are not too many.
//!
//! Counting them each time would cost as much as there are. So a counter is raised before a contact is made and
//! lowered after one was removed: whoever dies in between leaves it too high, never too low. Once it says that
//! there is no room, they are counted: nobody is refused for good who may only have come too early.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mysms_core::domain::{Contact, MOST_CONTACTS, Timestamp, UserId};
use mysms_core::store::{Kind, Result as Stored, StoreError, editing, written};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::error::ApiError;
use crate::state::AppState;

/// From when on every contact is stored, or never will be, for which the counter was raised: no request from
/// before is still under way.
const QUIET_AFTER: Duration = Duration::from_mins(2);

/// Contacts that are counted at a time.
const COUNTED: usize = 1000;

/// The counter, as it is stored.
#[derive(Serialize, Deserialize)]
struct Counter {
    count: u32,
    /// How often they were counted. What was removed before that is not counted, so nobody lowers it for that.
    generation: u64,
    /// When it was raised last.
    at: Timestamp,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            count: 0,
            generation: 0,
            at: Timestamp::EPOCH,
        }
    }
}

/// Room for the contacts that one request makes.
pub(super) struct Places<'a> {
    state: &'a AppState,
    owner: UserId,
    left: Mutex<Left>,
}

struct Left {
    /// So many more may be asked for.
    asked: u32,
    /// So many of those asked for are not used.
    unused: u32,
    /// With what was asked for the user has as many as may be.
    is_full: bool,
}

/// Which counter a removal is to lower.
pub(super) struct Counted(u64);

impl<'a> Places<'a> {
    /// For a request that makes no more than so many.
    pub(super) fn new(state: &'a AppState, owner: UserId, most: u32) -> Self {
        Self {
            state,
            owner,
            left: Mutex::new(Left {
                asked: most,
                unused: 0,
                is_full: false,
            }),
        }
    }

    /// Room for one contact, for good.
    pub(super) async fn take(&self) -> Result<(), ApiError> {
        let mut left = self.left.lock().await;
        if left.unused == 0 && left.asked > 0 {
            left.unused = reserve(self.state, self.owner, left.asked).await?;
            if left.unused < left.asked {
                // This request has stored none yet.
                let there = count(self.state, self.owner).await?;
                left.is_full = there + left.unused >= MOST_CONTACTS;
            }
            left.asked = 0;
        }
        if left.unused > 0 {
            left.unused -= 1;
            Ok(())
        } else if left.is_full {
            Err(full())
        } else {
            let why = "how many there are is not certain yet";
            Err(StoreError::unavailable("the contacts", why).into())
        }
    }

    /// Gives back what nobody took.
    pub(super) async fn give_back(self) -> Result<(), ApiError> {
        let Left { unused, .. } = self.left.into_inner();
        if unused > 0 {
            let counted = counted(self.state, self.owner).await?;
            lower(self.state, self.owner, unused, counted).await?;
        }
        Ok(())
    }
}

fn full() -> ApiError {
    let most = format!(
        "would be one more than the {MOST_CONTACTS} that a user may have: delete another one first"
    );
    ApiError::invalid("number", most)
}

/// To be asked before something is removed.
pub(super) async fn counted(state: &AppState, owner: UserId) -> Result<Counted, ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let reading = state.stores.records.record(Kind::Contacts, &key, now);
    let stored = state.store_timeout.once(reading).await?.record;
    let count: Option<Counter> = stored.map(|stored| stored.read()).transpose()?;
    Ok(Counted(count.unwrap_or_default().generation))
}

/// Lowers the counter by what is not there any more, or never came to be. Not repeated if that is unclear.
pub(super) async fn lower(
    state: &AppState,
    owner: UserId,
    by: u32,
    Counted(generation): Counted,
) -> Result<(), ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let lowered = editing::edit(
        &*state.stores.records,
        (Kind::Contacts, &key),
        now,
        |count: Option<Counter>| {
            let mut count = count.unwrap_or_default();
            if count.generation == generation {
                count.count = count.count.saturating_sub(by);
            }
            Ok::<_, ApiError>(count)
        },
    );
    state.store_timeout.once(lowered).await??;
    Ok(())
}

/// Raises the counter by at most so many, and says by how many.
async fn reserve(state: &AppState, owner: UserId, wanted: u32) -> Result<u32, ApiError> {
    let reserved = raise(state, owner, wanted).await?;
    if reserved > 0 || !count_anew(state, owner).await? {
        return Ok(reserved);
    }
    raise(state, owner, wanted).await
}

async fn raise(state: &AppState, owner: UserId, wanted: u32) -> Result<u32, ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let granted = AtomicU32::new(0);
    let raise = |count: Option<Counter>| {
        let mut count = count.unwrap_or_default();
        let room = wanted.min(MOST_CONTACTS.saturating_sub(count.count));
        granted.store(room, Ordering::Relaxed);
        if room > 0 {
            count.count += room;
            count.at = now.max(count.at);
        }
        Ok::<_, ApiError>(count)
    };
    let records = &*state.stores.records;
    let raised = || editing::edit(records, (Kind::Contacts, &key), now, raise);
    state.store_timeout.repeat(raised).await??;
    Ok(granted.load(Ordering::Relaxed))
}

/// Sets the counter to what there is, unless some may yet be stored for which it was raised.
async fn count_anew(state: &AppState, owner: UserId) -> Result<bool, ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let reading = state.stores.records.record(Kind::Contacts, &key, now);
    let Some(stored) = state.store_timeout.once(reading).await?.record else {
        return Ok(false);
    };
    let before: Counter = stored.read()?;
    if now < before.at + QUIET_AFTER {
        return Ok(false);
    }
    let after = Counter {
        count: count(state, owner).await?,
        generation: before.generation + 1,
        at: before.at,
    };
    let value = written(&after)?;
    let records = &state.stores.records;
    let replace = records.replace(Kind::Contacts, &key, stored.version, Some(&value));
    Ok(state.store_timeout.once(replace).await?)
}

async fn count(state: &AppState, owner: UserId) -> Result<u32, ApiError> {
    let prefix = Contact::keys_of(owner);
    let mut last: Option<String> = None;
    let mut count = 0;
    loop {
        let records = &state.stores.records;
        let part = records.records_under(Kind::Contact, &prefix, last.as_deref(), COUNTED);
        let part = state.store_timeout.once(part).await?;
        count += u32::try_from(part.len()).unwrap_or(u32::MAX);
        if part.len() < COUNTED || count >= MOST_CONTACTS {
            return Ok(count);
        }
        last = part.into_iter().next_back().map(|stored| stored.key);
    }
}

/// Forgets how many somebody had who has left.
pub(super) async fn forget(state: &AppState, owner: UserId) -> Stored<()> {
    let (key, now) = (owner.to_string(), state.clock.now());
    editing::remove(&*state.stores.records, (Kind::Contacts, &key), now).await
}
