//! Templates as they are kept: a record for each.

use mysms_core::domain::{MOST_TEMPLATES, Template, UserId};
use mysms_core::store::{Kind, Result as Stored, Stored as Record, editing};

use super::OwnTemplate;
use crate::claims::{Place, Room};
use crate::error::ApiError;
use crate::state::AppState;

const TOO_MANY: &str =
    "would be of one template more than a user may have, which is 200: delete another one first";

/// All of a user's, in the order in which they were made.
pub(super) async fn all_of(state: &AppState, owner: UserId) -> Result<Vec<Template>, ApiError> {
    let found = stored_of(state, owner);
    let found = state.store_timeout.once(found).await?;
    let templates: Stored<_> = found.iter().map(Record::read).collect();
    Ok(templates?)
}

pub(super) async fn find(state: &AppState, own: OwnTemplate) -> Result<Option<Template>, ApiError> {
    let (records, now) = (&state.stores.records, state.clock.now());
    let key = own.key();
    let reading = records.record(Kind::Template, &key, now);
    let stored = state.store_timeout.once(reading).await?.record;
    Ok(stored.map(|stored| stored.read()).transpose()?)
}

/// Keeps a new one, unless its owner has enough.
pub(super) async fn add(
    state: &AppState,
    owner: UserId,
    template: &Template,
) -> Result<(), ApiError> {
    let own = OwnTemplate {
        owner,
        id: template.id,
    };
    let room = Room {
        state,
        owner,
        place: Place::Templates,
        most: MOST_TEMPLATES as u64,
    };
    let used = || async move { Ok(stored_of(state, owner).await?.len() as u64) };
    let claimed = room.claim((own.key(), 1), used).await?;
    let claimed = claimed.ok_or_else(|| ApiError::invalid("name", TOO_MANY))?;
    store(state, own, |_| Ok(template.clone())).await?;
    claimed.release().await;
    Ok(())
}

/// Puts another one in the place of one that there is.
pub(super) async fn change(
    state: &AppState,
    own: OwnTemplate,
    template: &Template,
) -> Result<(), ApiError> {
    store(state, own, |known| {
        known.map(|_| template.clone()).ok_or(ApiError::NotFound)
    })
    .await
}

pub(super) async fn remove(state: &AppState, own: OwnTemplate) -> Result<(), ApiError> {
    let (records, now, key) = (&*state.stores.records, state.clock.now(), own.key());
    let remove = || editing::remove(records, (Kind::Template, &key), now);
    Ok(state.store_timeout.repeat(remove).await?)
}

/// Removes all of somebody's who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    let records = &*state.stores.records;
    for stored in stored_of(state, owner).await? {
        let now = state.clock.now();
        editing::remove(records, (Kind::Template, &stored.key), now).await?;
    }
    Ok(())
}

/// One more than there may be shows that there are too many.
async fn stored_of(state: &AppState, owner: UserId) -> Stored<Vec<Record>> {
    let (records, prefix) = (&state.stores.records, Template::keys_of(owner));
    let most = MOST_TEMPLATES + 1;
    records
        .records_under(Kind::Template, &prefix, None, most)
        .await
}

async fn store(
    state: &AppState,
    own: OwnTemplate,
    change: impl Fn(Option<Template>) -> Result<Template, ApiError>,
) -> Result<(), ApiError> {
    let (records, now, key) = (&*state.stores.records, state.clock.now(), own.key());
    let edited = || editing::edit(records, (Kind::Template, &key), now, &change);
    state.store_timeout.repeat(edited).await??;
    Ok(())
}

impl OwnTemplate {
    fn key(self) -> String {
        Template::key_of(self.owner, self.id)
    }
}
