//! Tells the browsers of users.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mysms_core::bell::Bell;
use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Message, UserId};
use mysms_core::store::Result;
use mysms_core::stores::Stores;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio::sync::OnceCell;

use super::notice::Notice;
use super::telling::Teller;
use crate::poster::Poster;

/// Users that are told at a time. What comes in for others meanwhile is not told.
const MOST_OWNERS: usize = 1024;

/// Conversations of a user that wait to be told; of those that come on top nothing is told.
const MOST_CONVERSATIONS: usize = 16;

/// A user is told of a conversation no more often, and then of what came last.
const EVERY: Duration = Duration::from_secs(1);

/// Who is named to push services if nobody knows where this installation is reached.
const NOBODY: &str = "mailto:operator@localhost";

/// Tells browsers in the background, until the soft stop.
pub struct Doorbell(Arc<Ringing>);

struct Ringing {
    teller: Teller,
    lifecycle: Lifecycle,
    /// What is to be told to whom, by conversation. Whoever is in it has a task that tells them.
    waiting: Mutex<HashMap<UserId, BTreeMap<String, Notice>>>,
}

impl Doorbell {
    /// One for a whole process. Push services are told `public_base_url`.
    pub fn new(
        poster: &Arc<Poster>,
        stores: &Stores,
        clock: Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
        lifecycle: &Lifecycle,
        public_base_url: Option<&str>,
    ) -> Arc<Self> {
        let contact = public_base_url.filter(|url| url.starts_with("https://"));
        let teller = Teller {
            poster: Arc::clone(poster),
            stores: stores.clone(),
            clock,
            metrics: Arc::clone(metrics),
            stop: lifecycle.soft(),
            contact: contact.unwrap_or(NOBODY).to_owned(),
            key: OnceCell::new(),
        };
        Arc::new(Self(Arc::new(Ringing {
            teller,
            lifecycle: lifecycle.clone(),
            waiting: Mutex::default(),
        })))
    }
}

#[async_trait]
impl Bell for Doorbell {
    async fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.0.teller.key().await?.public().to_vec())
    }

    fn ring(&self, message: &Message) {
        if message.owner == UserId::NOBODY || self.0.is_over() {
            return;
        }
        let Some(notice) = Notice::of(message) else {
            return;
        };
        if self.0.note(message.owner, notice) {
            let telling = Arc::clone(&self.0).tell(message.owner);
            self.0.lifecycle.tracker().spawn(telling);
        }
    }
}

impl Ringing {
    fn is_over(&self) -> bool {
        self.lifecycle.soft().is_cancelled()
    }

    /// Returns whether nobody tells its owner yet.
    fn note(&self, owner: UserId, notice: Notice) -> bool {
        let mut waiting = self.waiting();
        let is_full = waiting.len() >= MOST_OWNERS;
        let Some(known) = waiting.get_mut(&owner) else {
            if is_full {
                tracing::warn!("too many users are told of texts at a time; one is not told");
                return false;
            }
            let first = (notice.author.as_str().to_owned(), notice);
            waiting.insert(owner, BTreeMap::from([first]));
            return true;
        };
        let author = notice.author.as_str().to_owned();
        if known.len() < MOST_CONVERSATIONS || known.contains_key(&author) {
            known.insert(author, notice);
        }
        false
    }

    async fn tell(self: Arc<Self>, owner: UserId) {
        let soft = self.lifecycle.soft();
        while let Some(notices) = self.take(owner) {
            if let Err(error) = self.teller.tell_each(owner, &notices).await {
                tracing::warn!(error = %Chain(&error), "a user's browsers could not be told of a text");
            }
            tokio::select! {
                () = soft.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// What is to be told to a user; if nothing is, they are told nothing until the bell rings.
    fn take(&self, owner: UserId) -> Option<Vec<Notice>> {
        let mut waiting = self.waiting();
        let notices = waiting.get_mut(&owner).map(std::mem::take)?;
        if notices.is_empty() {
            waiting.remove(&owner);
            return None;
        }
        Some(notices.into_values().collect())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<UserId, BTreeMap<String, Notice>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
