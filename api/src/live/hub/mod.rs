//! Passes changes on to the clients that watch.
//!
//! The store is the truth, and announcements are hints: what is announced is read at once, and
//! whatever was not announced is found by looking every few seconds. However many watch a user, each
//! look is made once.

mod track;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use mysms_core::clock::Clock;
use mysms_core::domain::UserId;
use mysms_core::provider::Glossary;
use mysms_core::queue::{Announcement, Announcements, Changed};
use runtime::lifecycle::TaskResult;
use runtime::metrics::Metrics;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::track::{Due, Track};
pub(crate) use self::track::{MOST, OVERLAP};
use super::cursor::Cursor;
use super::event::{self, Event};
use super::source::Source;
use crate::connection::Connection;
use crate::error::ApiError;
use crate::tally::{Full, Held, Tally};

/// Streams of this process, and of one user.
const STREAMS: usize = 4096;
const STREAMS_OF_USER: usize = 16;

/// How often the hub looks for what was not announced.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// Looks at the same time, so that many watched users leave the store's connections to others.
const LOOKS: usize = 8;

/// Pieces of at most 16 KiB, or one event, that wait for a client; and how long the hub waits for a
/// client that has no room for more.
const WAITING: usize = 16;
const SLOWEST: Duration = Duration::from_secs(3);

/// How long clients have to take the end of their streams when the process stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// Who watches, and what was sent to them.
pub(crate) struct Hub {
    source: Source,
    announcements: Arc<dyn Announcements>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    glossary: Glossary,
    places: Arc<Tally<UserId>>,
    turns: Semaphore,
    watched: Mutex<HashMap<UserId, Watched>>,
}

/// A user whom somebody watches.
struct Watched {
    watchers: Vec<Watcher>,
    /// Absent while a look is under way, so that there is one at a time for each user.
    track: Option<Track>,
    due: Due,
}

#[derive(Clone)]
struct Watcher {
    sender: mpsc::Sender<Piece>,
    connection: Connection,
}

/// Some events for one client, or none.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    /// With this piece the client has everything up to here; absent if it is about what belongs to nobody.
    pub(crate) settled: Option<Cursor>,
}

/// The place of a client that watches.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) pieces: mpsc::Receiver<Piece>,
    /// Ends with the hub's own.
    sender: mpsc::WeakSender<Piece>,
    connection: Connection,
    _place: Held<UserId>,
}

impl Hub {
    pub(crate) fn new(
        source: Source,
        announcements: Arc<dyn Announcements>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        glossary: Glossary,
    ) -> Self {
        Self {
            source,
            announcements,
            clock,
            metrics,
            glossary,
            places: Tally::new(STREAMS_OF_USER, STREAMS),
            turns: Semaphore::new(LOOKS),
            watched: Mutex::default(),
        }
    }

    /// From now on the client is sent what is stored.
    pub(crate) fn join(&self, owner: UserId, connection: Connection) -> Result<Seat, ApiError> {
        let place = self.places.take(owner, 1).map_err(|full| match full {
            Full::Own => ApiError::TooManyStreams,
            Full::All => ApiError::NoStreamLeft,
        })?;
        let (sender, pieces) = mpsc::channel(WAITING);
        let seat = Seat {
            pieces,
            sender: sender.downgrade(),
            connection: connection.clone(),
            _place: place,
        };
        self.watch(owner, Watcher { sender, connection });
        Ok(seat)
    }

    /// From now on the client is told as well when what belongs to nobody changes.
    pub(crate) fn show_inbox(&self, seat: &Seat) {
        if let Some(sender) = seat.sender.upgrade() {
            let connection = seat.connection.clone();
            self.watch(UserId::NOBODY, Watcher { sender, connection });
        }
    }

    fn watch(&self, owner: UserId, client: Watcher) {
        let now = self.clock.now();
        let mut all = self.watched();
        let watched = all.entry(owner).or_insert_with(|| Watched {
            watchers: Vec::new(),
            track: Some(Track::from(now, self.glossary)),
            due: Due::default(),
        });
        watched.forget_those_who_left();
        watched.watchers.push(client);
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Passes changes on until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) -> TaskResult {
        let mut heard = self.announcements.subscribe();
        let mut ticks = interval(LOOK_INTERVAL);
        // One look finds all that ticks missed during a stall would have found.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looks = FuturesUnordered::new();
        loop {
            let tracks = tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => self.all_are_due(),
                announcement = heard.recv() => match announcement {
                    Ok(Announcement { owner, what, at }) => {
                        let due = match what {
                            Changed::Messages => Due::since(at),
                            Changed::Endpoints => Due::endpoints(),
                            Changed::Marks => Due::marks(),
                        };
                        Vec::from_iter(self.is_due(owner, due))
                    }
                    // Nobody knows whose announcements were missed.
                    Err(RecvError::Lagged(_)) => self.all_are_due(),
                    Err(closed) => return Err(closed.into()),
                },
                Some((owner, track)) = looks.next() => Vec::from_iter(self.looked(owner, track)),
            };
            looks.extend(
                tracks
                    .into_iter()
                    .map(|(owner, track)| self.look(owner, track)),
            );
        }
        self.cut_off_whoever_stays().await;
        Ok(())
    }

    /// Notes what is due; returns the track if a look can begin. Otherwise one is under way, and
    /// [`Hub::looked`] begins the next.
    fn is_due(&self, owner: UserId, due: Due) -> Option<(UserId, Track)> {
        let mut all = self.watched();
        let watched = all.get_mut(&owner)?;
        watched.due = watched.due.and(due);
        Some((owner, watched.track.take()?))
    }

    fn all_are_due(&self) -> Vec<(UserId, Track)> {
        let mut all = self.watched();
        all.retain(|_, watched| {
            watched.forget_those_who_left();
            // A user whose look is under way stays, because its track comes back.
            !watched.watchers.is_empty() || watched.track.is_none()
        });
        let mut tracks = Vec::new();
        for (owner, watched) in all.iter_mut() {
            watched.due = watched.due.and(Due::whole());
            tracks.extend(watched.track.take().map(|track| (*owner, track)));
        }
        tracks
    }

    async fn look(&self, owner: UserId, mut track: Track) -> (UserId, Track) {
        // It rests before it takes what is due, so that what is announced meanwhile is the same look.
        tokio::time::sleep_until(track.rested).await;
        let (due, watchers) = self.begin(owner);
        let before = Cursor(track.settled);
        let events = match self.turns.acquire().await {
            Ok(_turn) => {
                let now = self.clock.now();
                track.look(&self.source, owner, due, now).await
            }
            // It is never closed.
            Err(_) => Vec::new(),
        };
        let settled = Cursor(track.settled);
        let pieces = if owner == UserId::NOBODY {
            of_inbox(due, &events)
        } else {
            of_user(&events, before, settled)
        };
        self.pass_on(owner, watchers, &pieces).await;
        (owner, track)
    }

    /// What is to be looked for, and who watches at this moment: a client that joins later begins at a
    /// later time and has read what was before it.
    fn begin(&self, owner: UserId) -> (Due, Vec<Watcher>) {
        let mut all = self.watched();
        let watched = all.get_mut(&owner);
        watched.map_or_else(Default::default, |watched| {
            (std::mem::take(&mut watched.due), watched.watchers.clone())
        })
    }

    async fn pass_on(&self, owner: UserId, watchers: Vec<Watcher>, pieces: &[Piece]) {
        // One slow client delays the other clients of its user, by this long and once; nobody else.
        let told = watchers.iter().map(async |watcher| {
            let tell = async {
                for piece in pieces {
                    // The client left.
                    if watcher.sender.send(piece.clone()).await.is_err() {
                        return;
                    }
                }
            };
            timeout(SLOWEST, tell).await.is_ok()
        });
        for (watcher, told) in watchers.iter().zip(join_all(told).await) {
            if !told {
                self.drop_slow(owner, watcher);
            }
        }
    }

    fn drop_slow(&self, owner: UserId, slow: &Watcher) {
        if let Some(watched) = self.watched().get_mut(&owner) {
            watched
                .watchers
                .retain(|watcher| !watcher.sender.same_channel(&slow.sender));
        }
        self.metrics.event_streams_dropped.inc();
        tracing::info!(user.id = %owner, "a client does not keep up with its events and is cut off");
        slow.connection.cut();
    }

    /// Puts a track back, unless something became due during its look: then it is looked again at once.
    fn looked(&self, owner: UserId, track: Track) -> Option<(UserId, Track)> {
        let mut all = self.watched();
        let watched = all.get_mut(&owner)?;
        if watched.due == Due::default() {
            watched.track = Some(track);
            return None;
        }
        Some((owner, track))
    }

    /// The streams end by themselves when the process stops. A client that does not read would keep its
    /// connection open, and the process from ending.
    async fn cut_off_whoever_stays(&self) {
        if self.open_connections().is_empty() {
            return;
        }
        sleep(FAREWELL).await;
        for connection in self.open_connections() {
            connection.cut();
        }
    }

    fn open_connections(&self) -> Vec<Connection> {
        let all = self.watched();
        let watchers = all.values().flat_map(|watched| &watched.watchers);
        let open = watchers.filter(|watcher| !watcher.sender.is_closed());
        open.map(|watcher| watcher.connection.clone()).collect()
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<UserId, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a user's clients are sent.
fn of_user(events: &[Event], before: Cursor, settled: Cursor) -> Vec<Piece> {
    let piece = |bytes| Piece {
        bytes,
        settled: Some(settled),
    };
    let chunks = event::write(events, before, settled);
    let mut pieces: Vec<_> = chunks.into_iter().map(piece).collect();
    // Nothing to show, but a client that comes back from here has less to read again.
    if pieces.is_empty() && settled != before {
        pieces.push(piece(Bytes::new()));
    }
    pieces
}

/// That what belongs to nobody has changed. What was given to a user is announced, and not among the
/// changes any more.
fn of_inbox(due: Due, events: &[Event]) -> Vec<Piece> {
    let changed = due.since.is_some() || !events.is_empty();
    let piece = changed.then(|| Piece {
        bytes: event::inbox(),
        settled: None,
    });
    Vec::from_iter(piece)
}

impl Watched {
    fn forget_those_who_left(&mut self) {
        self.watchers.retain(|watcher| !watcher.sender.is_closed());
    }
}

#[cfg(test)]
mod tests;
