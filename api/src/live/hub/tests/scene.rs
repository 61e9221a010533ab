//! A hub over a store in memory, on paused time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{Endpoint, Message, MessageId, NewMessage, Timestamp};
use mysms_core::queue::LocalAnnouncements;
use mysms_core::store::{
    Changes, Kind, Place, Reading, Records, Result, StoreError, Stored, written,
};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::super::*;
use crate::store_timeout::StoreTimeout;
use crate::testing::new_message;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// What concerns one user, in a store that can be away.
#[derive(Default)]
pub(super) struct Store {
    pub(super) messages: Mutex<Vec<Message>>,
    pub(super) endpoints: Mutex<Vec<Endpoint>>,
    /// When its user noted something on conversations.
    pub(super) marked: Mutex<Option<Timestamp>>,
    pub(super) away: AtomicBool,
    pub(super) reads: AtomicUsize,
    under_way: AtomicUsize,
}

#[async_trait]
impl Changes for Store {
    async fn changed_after(&self, _: UserId, place: Place, limit: usize) -> Result<Vec<Message>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        assert_eq!(
            self.under_way.fetch_add(1, Ordering::SeqCst),
            0,
            "one read at a time"
        );
        sleep(Duration::from_millis(5)).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the store", "no route"));
        }
        let mut changed = self.messages.lock().unwrap().clone();
        changed.retain(|message| Place::of(message) > place);
        changed.sort_by_key(Place::of);
        changed.truncate(limit);
        Ok(changed)
    }
}

#[async_trait]
impl Records for Store {
    async fn record(&self, _: Kind, _: &str, _: Timestamp) -> Result<Reading> {
        unreachable!("no single record is looked at")
    }

    async fn records(&self, _: Kind) -> Result<Vec<Stored>> {
        unreachable!("nobody looks at all users' records")
    }

    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        _: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the store", "no route"));
        }
        if kind == Kind::Marked {
            let marked = *self.marked.lock().unwrap();
            let stored = marked.map(|at| {
                Ok(Stored {
                    key: prefix.to_owned(),
                    version: 1,
                    value: written(&at)?,
                })
            });
            return stored.into_iter().collect();
        }
        assert_eq!(kind, Kind::Endpoint);
        let endpoints = self.endpoints.lock().unwrap();
        let theirs = endpoints.iter().filter(|it| it.key().starts_with(prefix));
        let stored = theirs.take(limit).map(|endpoint| {
            Ok(Stored {
                key: endpoint.key(),
                version: 1,
                value: written(endpoint)?,
            })
        });
        stored.collect()
    }

    async fn replace(&self, _: Kind, _: &str, _: u64, _: Option<&str>) -> Result<bool> {
        unreachable!("the hub only reads")
    }
}

/// A clock that goes with the runtime's.
pub(super) struct Ticking(Instant);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        NOW + self.0.elapsed()
    }
}

pub(super) struct Scene {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Arc<Store>,
    pub(super) announcements: Arc<LocalAnnouncements>,
    pub(super) clock: Arc<Ticking>,
    pub(super) owner: UserId,
    stop: CancellationToken,
    running: TaskTracker,
}

impl Scene {
    pub(super) async fn begin() -> Self {
        let store = Arc::new(Store::default());
        let announcements = Arc::new(LocalAnnouncements::default());
        let clock = Arc::new(Ticking(Instant::now()));
        let hub = Hub::new(
            Source {
                changes: store.clone(),
                records: store.clone(),
                store_timeout: StoreTimeout::default(),
            },
            announcements.clone(),
            clock.clone(),
            Arc::default(),
            Glossary::new(|_| ""),
        );
        let scene = Self {
            hub: Arc::new(hub),
            store,
            announcements,
            clock,
            owner: UserId::generate(NOW),
            stop: CancellationToken::new(),
            running: TaskTracker::new(),
        };
        let run = Arc::clone(&scene.hub).run(scene.stop.clone());
        scene.running.spawn(run);
        // Later than the first look, which finds nobody who watches.
        sleep(Duration::from_secs(1)).await;
        scene
    }

    pub(super) fn join(&self) -> Client {
        self.join_on(Connection::default())
    }

    pub(super) fn join_on(&self, connection: Connection) -> Client {
        let seat = self.hub.join(self.owner, connection).expect("a seat");
        Client {
            seat,
            told: String::new(),
        }
    }

    /// Stores a message that changed a while ago.
    pub(super) fn store(&self, ago: Duration, content: &str) -> MessageId {
        let at = self.clock.now() - ago;
        let message = Message::from(NewMessage {
            owner: self.owner,
            ..new_message(content, at)
        });
        let id = message.id;
        self.store.messages.lock().unwrap().push(message);
        id
    }

    pub(super) fn announce(&self, ago: Duration) {
        let (owner, at) = (self.owner, self.clock.now() - ago);
        let announcement = Announcement::of_messages(owner, at);
        self.announcements.announce(announcement);
    }

    pub(super) async fn end(self) {
        self.stop.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

pub(super) struct Client {
    pub(super) seat: Seat,
    told: String,
}

impl Client {
    /// What was told within some time from now.
    pub(super) async fn told_within(&mut self, time: Duration) -> String {
        let listen = async {
            while let Some(piece) = self.seat.pieces.recv().await {
                self.told += std::str::from_utf8(&piece.bytes).unwrap();
            }
        };
        let _ = timeout(time, listen).await;
        std::mem::take(&mut self.told)
    }
}
