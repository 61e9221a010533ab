//! Webhooks as they are kept: records that workers change at the same time.

use mysms_core::domain::{Attempts, Endpoint, MOST_ENDPOINTS, Progress, UserId};
use mysms_core::store::{Kind, Result as Stored, Stored as Record, editing};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OwnEndpoint;
use super::view::EndpointView;
use crate::claims::{Place, Room};
use crate::error::ApiError;
use crate::state::AppState;

/// What a webhook was told is forgotten in so many steps of so many messages; what is left then ends by
/// itself.
const TOLD_ROUNDS: usize = 10;
const TOLD_AT_ONCE: usize = 1000;

const TOO_MANY: &str = "would be one more than a user may have: delete another one first";

/// All of a user's, in the order in which they were made.
async fn all_of(state: &AppState, owner: UserId) -> Result<Vec<Endpoint>, ApiError> {
    let found = stored_of(state, Kind::Endpoint, owner);
    let found = state.store_timeout.once(found).await?;
    let endpoints: Stored<_> = found.iter().map(Record::read).collect();
    Ok(endpoints?)
}

/// What a user sees of all of theirs, in that order.
pub(super) async fn views_of(
    state: &AppState,
    owner: UserId,
) -> Result<Vec<EndpointView>, ApiError> {
    let endpoints = all_of(state, owner).await?;
    let known = stored_of(state, Kind::Progress, owner);
    let known = state.store_timeout.once(known).await?;
    let now = state.clock.now();
    let views = endpoints.iter().map(|endpoint| {
        let key = endpoint.key();
        let progress = known.iter().find(|record| record.key == key);
        let progress = progress.map(Record::read).transpose()?;
        Ok(EndpointView::new(endpoint, progress.as_ref(), now))
    });
    views.collect()
}

pub(super) async fn find(state: &AppState, own: OwnEndpoint) -> Result<Endpoint, ApiError> {
    let found = read(state, Kind::Endpoint, own).await?;
    found.ok_or(ApiError::NotFound)
}

/// How far it was told; `None` if no worker has seen it yet.
pub(super) async fn progress(
    state: &AppState,
    own: OwnEndpoint,
) -> Result<Option<Progress>, ApiError> {
    read(state, Kind::Progress, own).await
}

pub(super) async fn attempts(state: &AppState, own: OwnEndpoint) -> Result<Attempts, ApiError> {
    let found = read(state, Kind::Attempts, own).await?;
    Ok(found.unwrap_or_default())
}

/// What its user sees of it.
pub(super) async fn view(state: &AppState, endpoint: &Endpoint) -> Result<EndpointView, ApiError> {
    let progress = progress(state, OwnEndpoint::from(endpoint)).await?;
    let now = state.clock.now();
    Ok(EndpointView::new(endpoint, progress.as_ref(), now))
}

/// Keeps a new one, unless its owner has enough.
pub(super) async fn add(state: &AppState, endpoint: &Endpoint) -> Result<(), ApiError> {
    let own = OwnEndpoint::from(endpoint);
    let room = Room {
        state,
        owner: own.owner,
        place: Place::Webhooks,
        most: MOST_ENDPOINTS as u64,
    };
    let used = || async move {
        let stored = stored_of(state, Kind::Endpoint, own.owner).await?;
        Ok(stored.len() as u64)
    };
    let claimed = room.claim((own.key(), 1), used).await?;
    let claimed = claimed.ok_or_else(|| ApiError::invalid("url", TOO_MANY))?;
    // Workers look for the endpoint, and then know from where to go on.
    let begun = Progress::from(endpoint.created_at);
    store(state, Kind::Progress, own, |known| {
        Ok(known.unwrap_or_else(|| begun.clone()))
    })
    .await?;
    store(state, Kind::Endpoint, own, |_| Ok(endpoint.clone())).await?;
    claimed.release().await;
    Ok(())
}

/// Changes one, and tells it as it is then. What `change` refuses is not changed; it may be called
/// repeatedly.
pub(super) async fn change(
    state: &AppState,
    own: OwnEndpoint,
    change: impl Fn(&mut Endpoint) -> Result<(), ApiError>,
) -> Result<Endpoint, ApiError> {
    store(state, Kind::Endpoint, own, |known: Option<Endpoint>| {
        let mut endpoint = known.ok_or(ApiError::NotFound)?;
        change(&mut endpoint)?;
        Ok(endpoint)
    })
    .await
}

/// Changes how one is reached, and has it tried at once with what waits, though it took nothing until now.
pub(super) async fn mend(
    state: &AppState,
    endpoint: &Endpoint,
    change: impl Fn(&mut Endpoint) -> Result<(), ApiError>,
) -> Result<Endpoint, ApiError> {
    let now = state.clock.now();
    // First, so that whoever repeats this after an unclear answer still finds something to mend.
    let progress = change_progress(state, endpoint, |progress| {
        progress.resume(now);
        Ok(())
    });
    progress.await?;
    let mended = self::change(state, OwnEndpoint::from(endpoint), change).await?;
    state.announce_endpoints(mended.owner, now);
    Ok(mended)
}

/// Changes how far one was told.
pub(super) async fn change_progress(
    state: &AppState,
    endpoint: &Endpoint,
    change: impl Fn(&mut Progress) -> Result<(), ApiError>,
) -> Result<Progress, ApiError> {
    let own = OwnEndpoint::from(endpoint);
    store(state, Kind::Progress, own, |known: Option<Progress>| {
        let mut progress = known.unwrap_or_else(|| Progress::from(endpoint.created_at));
        change(&mut progress)?;
        Ok(progress)
    })
    .await
}

/// Removes one with all that is known of it. Afterwards no worker begins to call it.
pub(super) async fn remove(state: &AppState, own: OwnEndpoint) -> Result<(), ApiError> {
    let forget = || forget(state, own);
    Ok(state.store_timeout.repeat(forget).await?)
}

/// Removes all of somebody's who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    for stored in stored_of(state, Kind::Endpoint, owner).await? {
        if let Some((owner, id)) = Endpoint::parse_key(&stored.key) {
            forget(state, OwnEndpoint { owner, id }).await?;
        }
    }
    Ok(())
}

/// One more than there may be shows that there are too many.
async fn stored_of(state: &AppState, kind: Kind, owner: UserId) -> Stored<Vec<Record>> {
    let (records, prefix) = (&state.stores.records, Endpoint::keys_of(owner));
    let most = MOST_ENDPOINTS + 1;
    records.records_under(kind, &prefix, None, most).await
}

/// The endpoint after what is known of it, so that whoever dies in between has something to repeat; and once
/// more what a worker may have stored meanwhile, who stores nothing for an endpoint that is gone.
async fn forget(state: &AppState, own: OwnEndpoint) -> Stored<()> {
    let known = [Kind::Progress, Kind::Attempts];
    for kind in known.into_iter().chain([Kind::Endpoint]).chain(known) {
        let (records, now) = (&*state.stores.records, state.clock.now());
        editing::remove(records, (kind, &own.key()), now).await?;
    }
    for _ in 0..TOLD_ROUNDS {
        let forgotten = state.stores.told.forget_told(own.id, TOLD_AT_ONCE).await?;
        if forgotten < u64::try_from(TOLD_AT_ONCE).unwrap_or(u64::MAX) {
            break;
        }
    }
    Ok(())
}

async fn read<T: DeserializeOwned>(
    state: &AppState,
    kind: Kind,
    own: OwnEndpoint,
) -> Result<Option<T>, ApiError> {
    let key = own.key();
    let reading = state.stores.records.record(kind, &key, state.clock.now());
    let stored = state.store_timeout.once(reading).await?.record;
    Ok(stored.map(|stored| stored.read()).transpose()?)
}

async fn store<T: Serialize + DeserializeOwned>(
    state: &AppState,
    kind: Kind,
    own: OwnEndpoint,
    change: impl Fn(Option<T>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let (key, now) = (own.key(), state.clock.now());
    let stored = &*state.stores.records;
    let edited = || editing::edit(stored, (kind, &key), now, &change);
    state.store_timeout.repeat(edited).await?
}
