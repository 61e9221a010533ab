//! Contacts as they are kept: a record for each.

use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::domain::{Address, Contact, MOST_CONTACTS, UserId};
use mysms_core::store::{Kind, Result as Stored, StoreError, Stored as Record, editing, written};

use super::places::{self, Places};
use crate::error::ApiError;
use crate::state::AppState;

/// How often a change is tried that others come between.
const TRIES: u32 = 16;

/// Contacts of somebody who has left that are removed at a time, and at the same time.
const REMOVED: usize = 1000;
const AT_ONCE: usize = 64;

pub(super) async fn find(
    state: &AppState,
    owner: UserId,
    number: &Address,
) -> Result<Contact, ApiError> {
    let stored = read(state, &Contact::key_of(owner, number)).await?;
    Ok(stored.ok_or(ApiError::NotFound)?.read()?)
}

/// The contacts of a user whose numbers come after one, in the order of these.
pub(super) async fn page(
    state: &AppState,
    owner: UserId,
    after: Option<&Address>,
    limit: usize,
) -> Result<Vec<Contact>, ApiError> {
    let after = after.map(|number| Contact::key_of(owner, number));
    let prefix = Contact::keys_of(owner);
    let records = &state.stores.records;
    let part = records.records_under(Kind::Contact, &prefix, after.as_deref(), limit);
    let found = state.store_timeout.once(part).await?;
    let contacts: Stored<_> = found.iter().map(Record::read).collect();
    Ok(contacts?)
}

/// Keeps a contact in the place of the one with the same number. A new one needs a place.
pub(super) async fn put(
    state: &AppState,
    owner: UserId,
    contact: &Contact,
    places: &Places<'_>,
) -> Result<(), ApiError> {
    let (key, value) = (Contact::key_of(owner, &contact.number), written(contact)?);
    let mut has_place = false;
    for _ in 0..TRIES {
        let seen = match read(state, &key).await? {
            // An unclear write may have been one.
            Some(stored) if stored.value == value => return Ok(()),
            Some(stored) => stored.version,
            None => {
                if !has_place {
                    places.take().await?;
                    has_place = true;
                }
                0
            }
        };
        let records = &state.stores.records;
        let replace = || records.replace(Kind::Contact, &key, seen, Some(&value));
        if state.store_timeout.repeat(replace).await? {
            return Ok(());
        }
    }
    Err(kept_changing())
}

/// Removes a contact; false if there is none.
pub(super) async fn remove(
    state: &AppState,
    owner: UserId,
    number: &Address,
) -> Result<bool, ApiError> {
    let key = Contact::key_of(owner, number);
    let counted = places::counted(state, owner).await?;
    for _ in 0..TRIES {
        let Some(stored) = read(state, &key).await? else {
            return Ok(false);
        };
        // Only who removed it, and knows that, lowers the counter.
        let records = &state.stores.records;
        let replace = records.replace(Kind::Contact, &key, stored.version, None);
        if state.store_timeout.once(replace).await? {
            places::lower(state, owner, 1, counted).await?;
            return Ok(true);
        }
    }
    Err(kept_changing())
}

/// Removes all of somebody's who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    let (records, prefix) = (&*state.stores.records, Contact::keys_of(owner));
    let rounds = MOST_CONTACTS as usize / REMOVED + 1;
    for _ in 0..rounds {
        let part = records.records_under(Kind::Contact, &prefix, None, REMOVED);
        let part = part.await?;
        let is_last = part.len() < REMOVED;
        let removals = part.into_iter().map(|stored| async move {
            let now = state.clock.now();
            editing::remove(records, (Kind::Contact, &stored.key), now).await
        });
        let removals = stream::iter(removals).buffer_unordered(AT_ONCE);
        removals.try_collect::<()>().await?;
        if is_last {
            break;
        }
    }
    places::forget(state, owner).await
}

async fn read(state: &AppState, key: &str) -> Result<Option<Record>, ApiError> {
    let records = &state.stores.records;
    let reading = records.record(Kind::Contact, key, state.clock.now());
    Ok(state.store_timeout.once(reading).await?.record)
}

fn kept_changing() -> ApiError {
    StoreError::unavailable("the contacts", "one kept changing").into()
}
