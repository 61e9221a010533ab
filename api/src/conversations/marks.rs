//! What users note on their conversations, as it is kept: one record for all of a user's.

use std::convert::Infallible;
use std::time::Duration;

use mysms_core::domain::{Address, Mark, Marks, Position, Timestamp, Unmarked, UserId};
use mysms_core::store::{Kind, Result as Stored, editing};

use crate::error::ApiError;
use crate::state::AppState;

/// All of a user's.
pub(super) async fn of(state: &AppState, owner: UserId) -> Result<Marks, ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let reading = state.stores.records.record(Kind::Marks, &key, now);
    let stored = state.store_timeout.once(reading).await?.record;
    let marks = stored.map(|stored| stored.read()).transpose()?;
    Ok(marks.unwrap_or_default())
}

/// Changes the mark of a conversation, and tells it as it is then.
pub(super) async fn change(
    state: &AppState,
    owner: UserId,
    counterpart: &Address,
    change: impl Fn(&mut Mark),
) -> Result<Mark, ApiError> {
    let known = of(state, owner).await?;
    // Room is made before it is needed, because that takes a look at the messages.
    let last = if known.is_full() {
        Some(last_positions(state, owner, &known.archived()).await?)
    } else {
        None
    };
    let changed = edit(state, owner, |marks| {
        if let Some(last) = &last {
            marks.prune(last);
        }
        let mut mark = marks.of(counterpart);
        change(&mut mark);
        let set = marks.set(counterpart, mark);
        set.map_err(|why| {
            let field = match why {
                Unmarked::TooManyPinned => "pinned",
                Unmarked::TooMany => "archived",
            };
            ApiError::invalid(field, why.to_string())
        })
    });
    let changed = changed.await?.of(counterpart);
    tell(state, owner).await?;
    Ok(changed)
}

/// Takes away what somebody noted to look at a conversation again, if they did.
pub(super) async fn drop_unread(
    state: &AppState,
    owner: UserId,
    counterpart: &Address,
) -> Result<(), ApiError> {
    if of(state, owner).await?.of(counterpart).unread {
        change(state, owner, counterpart, |mark| mark.unread = false).await?;
    }
    Ok(())
}

/// Forgets what was noted on a conversation.
pub(super) async fn forget(
    state: &AppState,
    owner: UserId,
    counterpart: &Address,
) -> Result<(), ApiError> {
    if of(state, owner).await?.of(counterpart) != Mark::default() {
        change(state, owner, counterpart, |mark| *mark = Mark::default()).await?;
    }
    Ok(())
}

/// Where the last messages of some conversations stand.
pub(super) async fn last_positions(
    state: &AppState,
    owner: UserId,
    counterparts: &[Address],
) -> Result<Vec<(Address, Position)>, ApiError> {
    if counterparts.is_empty() {
        return Ok(Vec::new());
    }
    let last = state
        .stores
        .conversations
        .last_positions(owner, counterparts);
    Ok(state.store_timeout.once(last).await?)
}

/// Forgets all that somebody noted who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    let (records, key) = (&*state.stores.records, owner.to_string());
    for kind in [Kind::Marks, Kind::Marked] {
        editing::remove(records, (kind, &key), state.clock.now()).await?;
    }
    Ok(())
}

/// Tells all who follow the user's events that something was noted, also if that was noted before: then it may
/// not have been told. When it was is a record of its own, because it is looked at again and again, and what is noted
/// may be much.
async fn tell(state: &AppState, owner: UserId) -> Result<(), ApiError> {
    let (records, key) = (&*state.stores.records, owner.to_string());
    let now = state.clock.now();
    let noted = || {
        editing::edit(
            records,
            (Kind::Marked, &key),
            now,
            |before: Option<Timestamp>| {
                // Each is a time of its own, by which it is known.
                let next = before.map_or(now, |before| now.max(before + Duration::from_millis(1)));
                Ok::<_, Infallible>(next)
            },
        )
    };
    let Ok(at) = state.store_timeout.repeat(noted).await?;
    state.announce_marks(owner, at);
    Ok(())
}

async fn edit(
    state: &AppState,
    owner: UserId,
    change: impl Fn(&mut Marks) -> Result<(), ApiError>,
) -> Result<Marks, ApiError> {
    let (key, now) = (owner.to_string(), state.clock.now());
    let records = &*state.stores.records;
    let edited = || {
        editing::edit(records, (Kind::Marks, &key), now, |known: Option<Marks>| {
            let mut marks = known.unwrap_or_default();
            change(&mut marks)?;
            Ok::<_, ApiError>(marks)
        })
    };
    state.store_timeout.repeat(edited).await?
}
