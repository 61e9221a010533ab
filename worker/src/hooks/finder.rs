//! Finds the endpoints for which there is something to do: by what is announced, by the times at which they
//! are due, and by a slow look at all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::domain::{Endpoint, MOST_ENDPOINTS, Timestamp, UserId};
use mysms_core::queue::{Announcement, Changed};
use mysms_core::store::{Kind, Result, StoreError};
use runtime::lifecycle::TaskResult;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

use super::desk::Desk;
use super::follower::Follower;
use super::held::{Held, Opened};
use super::hint::Hint;
use super::seen::Seen;
use crate::context::log_store_error;

/// An endpoint that somebody else tells, or that takes nothing for now, is not looked at again before that,
/// whatever is announced.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(5);

/// What was announced may show a moment later.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often it is looked which endpoints are due.
const TICK: Duration = Duration::from_millis(250);

/// Endpoints that a process follows at once; the others have to wait, and ask again after so long.
const FOLLOWED: usize = 512;
const ROOM_AFTER: Duration = Duration::from_secs(1);

/// Users whose endpoints are remembered, and of these as many as are looked at again in a tick.
const OWNERS: usize = 10_000;
const OWNERS_AGAIN: usize = 64;

/// Finds endpoints, and follows them.
pub(super) struct Finder {
    pub(super) desk: Arc<Desk>,
    room: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those that this process follows, by their keys.
    followed: HashMap<String, Arc<Hint>>,
    /// When endpoints that it does not follow are looked at again.
    next: HashMap<String, Next>,
    owners: HashMap<UserId, Known>,
}

/// The keys of a user's endpoints.
#[derive(Debug)]
struct Known {
    keys: Vec<String>,
    /// Until when that is good enough.
    until: Timestamp,
    /// The earliest time of what was announced meanwhile: an endpoint made since has to hear of it.
    heard: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Next {
    /// Not before this, whatever is announced of messages.
    not_before: Timestamp,
    /// When there is something to do, if that is known.
    due_at: Option<Timestamp>,
    /// The earliest time of what was announced meanwhile.
    stored_late: Option<Timestamp>,
}

impl Finder {
    pub(super) fn new(desk: Arc<Desk>) -> Arc<Self> {
        Self::with_room(desk, FOLLOWED)
    }

    pub(super) fn with_room(desk: Arc<Desk>, endpoints: usize) -> Arc<Self> {
        Arc::new(Self {
            desk,
            room: Arc::new(Semaphore::new(endpoints)),
            state: Mutex::default(),
        })
    }

    /// Hears what is announced, and follows what is due, until the soft stop.
    pub(super) async fn hear(self: Arc<Self>) -> TaskResult {
        let stop = self.desk.lifecycle.soft();
        let mut heard = self.desk.announcements.subscribe();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                announced = heard.recv() => match announced {
                    Ok(announcement) => self.note(announcement).await,
                    Err(RecvError::Lagged(_)) => {}
                    // Nobody will announce anything any more; the slow look goes on.
                    Err(RecvError::Closed) => {
                        stop.cancelled().await;
                        return Ok(());
                    }
                },
                _ = tick.tick() => {
                    self.note_again().await;
                    self.follow_due();
                }
            }
        }
    }

    pub(super) async fn note(self: &Arc<Self>, announced: Announcement) {
        // No endpoint is told what users note for themselves.
        if announced.what == Changed::Marks {
            return;
        }
        match self.endpoints_of(announced).await {
            Ok(keys) => {
                for key in keys {
                    self.consider(&key, Some(announced));
                }
            }
            // The slow look finds them.
            Err(error) => log_store_error(&error, false),
        }
    }

    /// Looks at users once more for whom something was announced while their endpoints were remembered.
    pub(super) async fn note_again(self: &Arc<Self>) {
        let now = self.desk.clock.now();
        let again: Vec<_> = {
            let mut state = self.state();
            let over = |_: &UserId, known: &mut Known| known.until <= now && known.heard.is_some();
            let over = state.owners.extract_if(over).take(OWNERS_AGAIN);
            over.filter_map(|(owner, known)| Some((owner, known.heard?)))
                .collect()
        };
        for (owner, at) in again {
            self.note(Announcement::of_messages(owner, at)).await;
        }
    }

    async fn endpoints_of(&self, announced: Announcement) -> Result<Vec<String>> {
        let now = self.desk.clock.now();
        let Announcement { owner, what, at } = announced;
        if what == Changed::Messages
            && let Some(known) = self.state().owners.get_mut(&owner)
            && known.until > now
        {
            known.heard = known.heard.into_iter().chain([at]).min();
            return Ok(known.keys.clone());
        }
        let prefix = Endpoint::keys_of(owner);
        let records = &self.desk.records;
        let found = records
            .records_under(Kind::Endpoint, &prefix, None, MOST_ENDPOINTS)
            .await?;
        let keys: Vec<_> = found.into_iter().map(|stored| stored.key).collect();
        let mut state = self.state();
        if state.owners.len() >= OWNERS {
            state.owners.retain(|_, known| known.until > now);
        }
        if state.owners.len() < OWNERS {
            state.owners.insert(
                owner,
                Known {
                    keys: keys.clone(),
                    until: now + LOOKED_AT_EVERY,
                    heard: None,
                },
            );
        }
        Ok(keys)
    }

    /// Follows an endpoint: now, if its user changed it, otherwise when it may be looked at again.
    pub(super) fn consider(self: &Arc<Self>, key: &str, announced: Option<Announcement>) {
        self.consider_as(key, announced, None);
    }

    /// The same for one that was just read.
    pub(super) fn consider_seen(self: &Arc<Self>, seen: Seen) {
        let key = seen.key.clone();
        self.consider_as(&key, None, Some(seen));
    }

    fn consider_as(
        self: &Arc<Self>,
        key: &str,
        announced: Option<Announcement>,
        seen: Option<Seen>,
    ) {
        let now = self.desk.clock.now();
        let mut state = self.state();
        if let Some(hint) = state.followed.get(key) {
            if let Some(announced) = announced {
                hint.give(announced);
            }
            return;
        }
        let at = announced.map(|announced| announced.at);
        let is_changed = announced.is_some_and(|it| it.what == Changed::Endpoints);
        if !is_changed
            && let Some(next) = state.next.get_mut(key)
            && next.not_before > now
        {
            if at.is_some() {
                next.due_at = Some(next.not_before);
                next.stored_late = next.stored_late.into_iter().chain(at).min();
            }
            return;
        }
        let next = state.next.remove(key);
        let late = next.and_then(|next| next.stored_late);
        let late = late.into_iter().chain(at).min();
        self.follow(&mut state, key, late, seen);
    }

    /// Follows those that are due, and forgets those that nothing is known of.
    pub(super) fn follow_due(self: &Arc<Self>) {
        let now = self.desk.clock.now();
        let mut state = self.state();
        let over =
            |next: &Next| next.not_before <= now && next.due_at.is_none_or(|due_at| due_at <= now);
        let over: Vec<_> = state.next.extract_if(|_, next| over(&*next)).collect();
        for (key, next) in over.into_iter().filter(|(_, next)| next.due_at.is_some()) {
            self.follow(&mut state, &key, next.stored_late, None);
        }
    }

    fn follow(
        self: &Arc<Self>,
        state: &mut State,
        key: &str,
        stored_late: Option<Timestamp>,
        seen: Option<Seen>,
    ) {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            let now = self.desk.clock.now();
            self.desk.note_crowd(now);
            let not_before = now + ROOM_AFTER;
            let next = Next {
                not_before,
                due_at: Some(not_before),
                stored_late,
            };
            state.next.insert(key.to_owned(), next);
            return;
        };
        let hint = Arc::new(Hint::default());
        state.followed.insert(key.to_owned(), Arc::clone(&hint));
        let (finder, key) = (Arc::clone(self), key.to_owned());
        self.desk.lifecycle.tracker().spawn(async move {
            let ended = finder.follow_one(&key, stored_late, seen, hint).await;
            finder.rest(key, &ended);
            drop(room);
        });
    }

    async fn follow_one(
        &self,
        key: &str,
        stored_late: Option<Timestamp>,
        seen: Option<Seen>,
        hint: Arc<Hint>,
    ) -> Ended {
        if !self.desk.may_begin() {
            return Ended::Rests(None);
        }
        let opened = match seen {
            Some(seen) => Held::take(&self.desk, seen, stored_late).await,
            None => Held::open(&self.desk, key, stored_late).await,
        };
        match opened {
            Ok(Opened::Held(held)) => {
                let desk = Arc::clone(&self.desk);
                Ended::Followed(Follower::new(desk, *held, hint).run().await)
            }
            Ok(Opened::Idle(until)) => {
                let again = stored_late.map(|_| self.desk.clock.now() + LOOKED_AGAIN_AFTER);
                Ended::Idle(until.into_iter().chain(again).min())
            }
            Ok(Opened::Rests(until)) => Ended::Rests(until),
            Err(error) => {
                log_unseen(&error);
                Ended::Failed { stored_late }
            }
        }
    }

    /// Whatever is not to be told by us rests for a while.
    pub(super) fn rest(&self, key: String, ended: &Ended) {
        let now = self.desk.clock.now();
        let later = now + LOOKED_AT_EVERY;
        let (not_before, due_at, missed) = match *ended {
            Ended::Followed(due_at) | Ended::Idle(due_at) => (now, due_at, None),
            Ended::Rests(due_at) => (later, due_at, None),
            Ended::Failed { stored_late } => (later, Some(later), stored_late),
        };
        let mut state = self.state();
        let hint = state.followed.remove(&key);
        // What was announced while it was being closed.
        let heard = hint.and_then(|hint| hint.take());
        let earliest = heard.and_then(|heard| heard.earliest);
        let next = Next {
            not_before,
            due_at: heard.map(|_| not_before).or(due_at),
            stored_late: missed.into_iter().chain(earliest).min(),
        };
        state.next.insert(key, next);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How an endpoint was left, and when there is something to do for it, if that is known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended {
    Followed(Option<Timestamp>),
    /// There was nothing to do.
    Idle(Option<Timestamp>),
    /// There is nothing to do whatever changes, or somebody else does it.
    Rests(Option<Timestamp>),
    /// The store did not answer. What may have been stored late is still to be looked for.
    Failed {
        stored_late: Option<Timestamp>,
    },
}

/// It is looked at again.
pub(super) fn log_unseen(error: &StoreError) {
    tracing::warn!(error = %Chain(error), "an endpoint could not be looked at");
}
