//! Which conversations a list shows.

use std::collections::HashMap;

use mysms_core::domain::{Address, Marks, UserId};
use mysms_core::store::{Among, With};

use super::marks::last_positions;
use crate::error::ApiError;
use crate::state::AppState;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    Inbox,
    Archived,
    Pinned,
    Unread,
    Failed,
    Waiting,
}

impl Show {
    const ALL: [(&str, Self); 6] = [
        ("inbox", Self::Inbox),
        ("archived", Self::Archived),
        ("pinned", Self::Pinned),
        ("unread", Self::Unread),
        ("failed", Self::Failed),
        ("waiting", Self::Waiting),
    ];

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(word, _)| *word == text);
        known.map(|(_, show)| *show).ok_or_else(|| {
            let words = Self::ALL.map(|(word, _)| word).join(", ");
            format!("must be one of {words}")
        })
    }
}

/// The counterparts that are shown.
pub(super) async fn among(
    state: &AppState,
    owner: UserId,
    marks: &Marks,
    show: Option<Show>,
) -> Result<Among, ApiError> {
    let among = match show {
        None => Among::All,
        Some(Show::Inbox) => match archived(state, owner, marks).await? {
            none if none.is_empty() => Among::All,
            some => Among::Except(some),
        },
        Some(Show::Archived) => Among::Only(archived(state, owner, marks).await?),
        Some(Show::Pinned) => Among::Only(marks.which(|mark| mark.pinned)),
        Some(Show::Unread) => {
            let mut unread = counterparts(state, owner, &With::Unread).await?;
            unread.extend(marks.which(|mark| mark.unread));
            Among::Only(unread)
        }
        Some(Show::Failed) => Among::Only(counterparts(state, owner, &With::Failed).await?),
        Some(Show::Waiting) => Among::Only(counterparts(state, owner, &With::Queued).await?),
    };
    Ok(among)
}

/// Those that no later message brought back.
async fn archived(
    state: &AppState,
    owner: UserId,
    marks: &Marks,
) -> Result<Vec<Address>, ApiError> {
    let mut archived = marks.archived();
    let last: HashMap<_, _> = last_positions(state, owner, &archived)
        .await?
        .into_iter()
        .collect();
    archived.retain(|counterpart| {
        let last = last.get(counterpart);
        last.is_some_and(|last| marks.of(counterpart).archives(*last))
    });
    Ok(archived)
}

async fn counterparts(
    state: &AppState,
    owner: UserId,
    with: &With,
) -> Result<Vec<Address>, ApiError> {
    let found = state.stores.conversations.counterparts(owner, with);
    Ok(state.store_timeout.once(found).await?)
}
