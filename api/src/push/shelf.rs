//! The browsers of users as they are kept: a record for each user.

use std::sync::{Mutex, PoisonError};

use mysms_core::bell::PushAddresses;
use mysms_core::domain::{Browsers, EndpointUrl, UserId};
use mysms_core::store::{Kind, Result as Stored, editing};

use crate::error::ApiError;
use crate::state::AppState;

pub(super) async fn read(state: &AppState, owner: UserId) -> Result<Browsers, ApiError> {
    let (records, key) = (&state.stores.records, owner.to_string());
    let reading = records.record(Kind::Browsers, &key, state.clock.now());
    let stored = state.store_timeout.once(reading).await?.record;
    let known = stored.map(|stored| stored.read()).transpose()?;
    Ok(known.unwrap_or_default())
}

/// Whoever was told under this address before is told nothing more there.
pub(super) async fn take(
    state: &AppState,
    owner: UserId,
    url: &EndpointUrl,
) -> Result<(), ApiError> {
    let (records, now) = (&*state.stores.records, state.clock.now());
    let take = || PushAddresses(records).take(url, owner, now);
    Ok(state.store_timeout.repeat(take).await?)
}

/// Makes a user's browsers what `change` makes of them; it may be called repeatedly. Of one that is told no more
/// nothing stays, so that nobody can fill the store with addresses.
pub(super) async fn change(
    state: &AppState,
    owner: UserId,
    change: impl Fn(&mut Browsers),
) -> Result<(), ApiError> {
    let (records, key, now) = (&*state.stores.records, owner.to_string(), state.clock.now());
    let seen = Mutex::new(Vec::new());
    let changed = |known: Option<Browsers>| {
        let mut browsers = known.unwrap_or_default();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(browsers.iter().map(|browser| browser.url.clone()));
        change(&mut browsers);
        Ok::<_, ApiError>(browsers)
    };
    let edited = || editing::edit(records, (Kind::Browsers, &key), now, changed);
    let told = state.store_timeout.repeat(edited).await??;
    let mut gone = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    gone.retain(|url| told.iter().all(|browser| browser.url != *url));
    for url in &gone {
        let leave = || PushAddresses(records).leave(url, owner, now);
        state.store_timeout.repeat(leave).await?;
    }
    Ok(())
}

/// Removes those of somebody who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    let (records, now, key) = (&*state.stores.records, state.clock.now(), owner.to_string());
    let stored = records.record(Kind::Browsers, &key, now).await?.record;
    let known: Option<Browsers> = stored.map(|stored| stored.read()).transpose()?;
    for browser in known.iter().flat_map(Browsers::iter) {
        PushAddresses(records)
            .leave(&browser.url, owner, now)
            .await?;
    }
    editing::remove(records, (Kind::Browsers, &key), now).await
}
