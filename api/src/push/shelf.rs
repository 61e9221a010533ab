//! The browsers of users as they are kept: a record for each user.

use mysms_core::domain::{Browsers, UserId};
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

/// Makes a user's browsers what `change` makes of them; it may be called repeatedly.
pub(super) async fn change(
    state: &AppState,
    owner: UserId,
    change: impl Fn(&mut Browsers),
) -> Result<(), ApiError> {
    let (records, key, now) = (&*state.stores.records, owner.to_string(), state.clock.now());
    let changed = |known: Option<Browsers>| {
        let mut browsers = known.unwrap_or_default();
        change(&mut browsers);
        Ok::<_, ApiError>(browsers)
    };
    let edited = || editing::edit(records, (Kind::Browsers, &key), now, changed);
    state.store_timeout.repeat(edited).await??;
    Ok(())
}

/// Removes those of somebody who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    let (records, key) = (&*state.stores.records, owner.to_string());
    editing::remove(records, (Kind::Browsers, &key), state.clock.now()).await
}
