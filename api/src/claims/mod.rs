//! Room of which a user has only so much, given out exactly, however many ask for it at the same time.
//!
//! What is there is counted. What is about to be stored is claimed before, in one record that is replaced by its version,
//! and no claim is given up before that is stored; so nobody is overlooked, and of several who come at once as many get
//! room as there is. Whoever dies in between leaves a claim, which ends by itself.

use std::time::Duration;

use mysms_core::domain::{Timestamp, UserId};
use mysms_core::store::{Kind, Result as Stored, StoreError, editing, written};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::problem;
use crate::state::AppState;

/// For how long a claim is good: no request is under way any more that made one before that.
const GOOD: Duration = Duration::from_mins(2);

/// How often a claim is tried that others come between.
const TRIES: u32 = 16;

/// What a user has only so much room for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Templates,
    Webhooks,
    Uploads,
}

/// A user's room in one place.
pub(crate) struct Room<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) owner: UserId,
    pub(crate) place: Place,
    /// How much there is in all.
    pub(crate) most: u64,
}

/// Room that nobody else gets until it is used.
pub(crate) struct Claimed<'a> {
    room: Room<'a>,
    id: String,
}

#[derive(Serialize, Deserialize)]
struct Claim {
    id: String,
    size: u64,
    until: Timestamp,
}

impl<'a> Room<'a> {
    /// Claims room for what is to have that id; `None` if there is none. `used` tells how much is taken by what is
    /// there. While only claims keep it from fitting it is tried again, and is unavailable in the end.
    pub(crate) async fn claim<F>(
        self,
        (id, size): (String, u64),
        used: impl Fn() -> F,
    ) -> Result<Option<Claimed<'a>>, ApiError>
    where
        F: Future<Output = Stored<u64>>,
    {
        let timeout = self.state.store_timeout;
        let try_it = || self.try_claim((&id, size), &used);
        let is_mine = timeout.repeat(try_it).await?;
        Ok(is_mine.then_some(Claimed { room: self, id }))
    }

    async fn try_claim<F>(&self, (id, size): (&str, u64), used: &impl Fn() -> F) -> Stored<bool>
    where
        F: Future<Output = Stored<u64>>,
    {
        let (records, key) = (&self.state.stores.records, self.key());
        for _ in 0..TRIES {
            let now = self.state.clock.now();
            let stored = records.record(Kind::Claims, &key, now).await?.record;
            let seen = stored.as_ref().map_or(0, |stored| stored.version);
            let claims: Option<Vec<Claim>> = stored.map(|stored| stored.read()).transpose()?;
            let mut claims = claims.unwrap_or_default();
            let is_known = claims.iter().any(|claim| claim.id == id);
            claims.retain(|claim| claim.until > now && claim.id != id);
            // After the claims, so that whatever is not claimed any more is counted.
            let needed = used().await? + size;
            if needed > self.most {
                // A try whose answer was lost may have claimed it.
                if is_known {
                    self.release(id).await?;
                }
                return Ok(false);
            }
            let claimed: u64 = claims.iter().map(|claim| claim.size).sum();
            if needed + claimed > self.most {
                let why = "others are about to take what is left";
                return Err(StoreError::unavailable("the room", why));
            }
            claims.push(Claim {
                id: id.to_owned(),
                size,
                until: now + GOOD,
            });
            let after = written(&claims)?;
            if records
                .replace(Kind::Claims, &key, seen, Some(&after))
                .await?
            {
                return Ok(true);
            }
        }
        Err(kept_changing())
    }

    async fn release(&self, id: &str) -> Stored<()> {
        let (records, key) = (&self.state.stores.records, self.key());
        for _ in 0..TRIES {
            let now = self.state.clock.now();
            let Some(stored) = records.record(Kind::Claims, &key, now).await?.record else {
                return Ok(());
            };
            let mut claims: Vec<Claim> = stored.read()?;
            claims.retain(|claim| claim.until > now && claim.id != id);
            // It stays when it is empty: whoever saw that there is none, and counted, would not notice that
            // meanwhile there was one.
            let after = written(&claims)?;
            let replace = records.replace(Kind::Claims, &key, stored.version, Some(&after));
            if replace.await? {
                return Ok(());
            }
        }
        Err(kept_changing())
    }

    fn key(&self) -> String {
        key_of(self.owner, self.place)
    }
}

impl Claimed<'_> {
    /// To be called once what it was claimed for is counted, or was given up. Where that is unclear the claim is left
    /// to end by itself. A request that has no time left for it is not kept waiting.
    pub(crate) async fn release(self) {
        let Self { room, id } = self;
        let timeout = room.state.store_timeout;
        if timeout.repeat(|| room.release(&id)).await.is_ok() {
            return;
        }
        let state = room.state.clone();
        let (owner, place, most) = (room.owner, room.place, room.most);
        room.state.lifecycle.tracker().spawn(async move {
            let state = &state;
            let room = Room {
                state,
                owner,
                place,
                most,
            };
            let released = timeout.repeat(|| room.release(&id)).await;
            if let Err(error) = released {
                problem::log(&error.into());
            }
        });
    }
}

impl Place {
    const ALL: [Self; 3] = [Self::Templates, Self::Webhooks, Self::Uploads];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Templates => "templates",
            Self::Webhooks => "webhooks",
            Self::Uploads => "uploads",
        }
    }
}

fn key_of(owner: UserId, place: Place) -> String {
    format!("{owner}/{}", place.as_str())
}

fn kept_changing() -> StoreError {
    StoreError::unavailable("the room", "others kept claiming it")
}

/// Forgets what somebody claimed who has left.
pub(crate) async fn forget_all(state: &AppState, owner: UserId) -> Stored<()> {
    for place in Place::ALL {
        let (records, now) = (&*state.stores.records, state.clock.now());
        editing::remove(records, (Kind::Claims, &key_of(owner, place)), now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
