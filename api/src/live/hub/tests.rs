use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use mysms_core::domain::{Message, MessageId, NewMessage, Timestamp};
use mysms_core::provider::Glossary;
use mysms_core::queue::LocalAnnouncements;
use mysms_core::store::{Place, Result, StoreError};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::*;
use crate::testing::new_message;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The messages of one user, in a store that can be away.
#[derive(Default)]
struct Store {
    messages: Mutex<Vec<Message>>,
    away: AtomicBool,
    reads: AtomicUsize,
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

/// A clock that goes with the runtime's.
struct Ticking(Instant);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        NOW + self.0.elapsed()
    }
}

struct Scene {
    hub: Arc<Hub>,
    store: Arc<Store>,
    announcements: Arc<LocalAnnouncements>,
    clock: Arc<Ticking>,
    owner: UserId,
    stop: CancellationToken,
    running: TaskTracker,
}

impl Scene {
    async fn begin() -> Self {
        let store = Arc::new(Store::default());
        let announcements = Arc::new(LocalAnnouncements::default());
        let clock = Arc::new(Ticking(Instant::now()));
        let hub = Hub::new(
            store.clone(),
            announcements.clone(),
            clock.clone(),
            Arc::default(),
            StoreTimeout::default(),
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

    fn join(&self) -> Client {
        self.join_on(Connection::default())
    }

    fn join_on(&self, connection: Connection) -> Client {
        let seat = self.hub.join(self.owner, connection).expect("a seat");
        Client {
            seat,
            told: String::new(),
        }
    }

    /// Stores a message that changed a while ago.
    fn store(&self, ago: Duration, content: &str) -> MessageId {
        let at = self.clock.now() - ago;
        let message = Message::from(NewMessage {
            owner: self.owner,
            ..new_message(content, at)
        });
        let id = message.id;
        self.store.messages.lock().unwrap().push(message);
        id
    }

    fn announce(&self, ago: Duration) {
        let (owner, at) = (self.owner, self.clock.now() - ago);
        self.announcements.announce(Announcement { owner, at });
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

struct Client {
    seat: Seat,
    told: String,
}

impl Client {
    /// What was told within some time from now.
    async fn told_within(&mut self, time: Duration) -> String {
        let listen = async {
            while let Some(piece) = self.seat.pieces.recv().await {
                self.told += std::str::from_utf8(&piece.bytes).unwrap();
            }
        };
        let _ = timeout(time, listen).await;
        std::mem::take(&mut self.told)
    }
}

fn count(told: &str, what: &str) -> usize {
    told.matches(what).count()
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn what_is_announced_is_told_at_once_and_once() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    let id = scene.store(Duration::ZERO, "hello");
    scene.announce(Duration::ZERO);
    let told = client.told_within(SECOND / 2).await;
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    assert!(told.starts_with("event: message\nid: "), "{told}");
    let later = client.told_within(60 * SECOND).await;
    assert_eq!(later, "", "it is read again, and told no more");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_not_announced_is_found_by_looking() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(7 * SECOND).await;
    let id = scene.store(Duration::ZERO, "hello");
    let told = client.told_within(LOOK_INTERVAL + SECOND).await;
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_turns_up_behind_others_is_told() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(60 * SECOND).await;
    scene.store(Duration::ZERO, "by a clock that is right");
    client.told_within(LOOK_INTERVAL).await;
    // By one that is behind, and stored late.
    let late = scene.store(OVERLAP, "late");
    let told = client.told_within(LOOK_INTERVAL + SECOND).await;
    assert_eq!(count(&told, "event: "), 1, "{told}");
    assert_eq!(count(&told, &late.to_string()), 1, "{told}");
    scene.end().await;
}

/// A worker repeats what the ledger does not answer for as long as it takes.
#[tokio::test(start_paused = true)]
async fn an_announced_change_is_told_however_late_it_was_stored() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(60 * SECOND).await;
    let id = scene.store(600 * SECOND, "late");
    scene.announce(600 * SECOND);
    let told = client.told_within(SECOND).await;
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_stored_during_an_outage_is_told_after_it() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(20 * SECOND).await;
    scene.store.away.store(true, Ordering::SeqCst);
    scene.announce(Duration::ZERO);
    assert_eq!(client.told_within(300 * SECOND).await, "");
    scene.store.away.store(false, Ordering::SeqCst);
    client.told_within(2 * LOOK_INTERVAL).await;
    // Decided at the beginning, stored now, and nobody announces it.
    let id = scene.store(300 * SECOND, "long ago");
    let told = client.told_within(LOOK_INTERVAL + SECOND).await;
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_is_made_once_however_many_watch_and_announce() {
    let scene = Scene::begin().await;
    let mut clients: Vec<_> = (0..STREAMS_OF_USER).map(|_| scene.join()).collect();
    let reads = || scene.store.reads.load(Ordering::SeqCst);
    let before = reads();
    let mut ids = Vec::new();
    for number in 0..100 {
        ids.push(scene.store(Duration::ZERO, &format!("text {number}")));
        scene.announce(Duration::ZERO);
        sleep(Duration::from_millis(1)).await;
    }
    for client in &mut clients {
        let told = client.told_within(SECOND / 4).await;
        assert_eq!(count(&told, "event: message"), 100);
        assert!(ids.iter().all(|id| told.contains(&id.to_string())));
    }
    assert!(reads() - before < 20, "{} reads", reads() - before);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn more_changes_than_are_told_one_by_one_are_a_reset() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    for _ in 0..=MOST {
        scene.store(Duration::ZERO, "hello");
    }
    scene.announce(Duration::ZERO);
    let told = client.told_within(SECOND).await;
    assert_eq!(count(&told, "event: reset"), 1, "{}", told.len());
    assert_eq!(count(&told, "event: "), 1);
    assert_eq!(client.told_within(60 * SECOND).await, "");
    let id = scene.store(Duration::ZERO, "goes on");
    scene.announce(Duration::ZERO);
    let told = client.told_within(SECOND).await;
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_cut_off_and_nobody_else() {
    let scene = Scene::begin().await;
    let connection = Connection::default();
    let mut stuck = scene.join_on(connection.clone());
    let other = Connection::default();
    let mut reads = scene.join_on(other.clone());
    let long = "x".repeat(1600);
    let mut told = 0;
    for _ in 0..20 {
        for _ in 0..20 {
            scene.store(Duration::ZERO, &long);
        }
        scene.announce(Duration::ZERO);
        let heard = reads.told_within(4 * SECOND).await;
        told += count(&heard, "event: message");
    }
    assert_eq!(told, 400);
    assert!(timeout(SECOND, connection.is_cut()).await.is_ok());
    assert!(timeout(SECOND, other.is_cut()).await.is_err());
    // What waited for it is all there is in memory, and then its stream ends.
    let waited = stuck.told_within(SECOND).await;
    assert!(waited.len() < (WAITING + 1) * 20 * 1024, "{}", waited.len());
    assert!(stuck.seat.pieces.is_closed());
    assert_eq!(scene.hub.metrics.event_streams_dropped.get(), 1);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_those_off_who_do_not_read_the_end() {
    let scene = Scene::begin().await;
    let connection = Connection::default();
    let _stuck = scene.join_on(connection.clone());
    let gone = Connection::default();
    drop(scene.join_on(gone.clone()));
    scene.end().await;
    assert!(timeout(SECOND, connection.is_cut()).await.is_ok());
    assert!(timeout(SECOND, gone.is_cut()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_looked_after_whom_nobody_watches() {
    let scene = Scene::begin().await;
    drop(scene.join());
    sleep(3 * LOOK_INTERVAL).await;
    let reads = scene.store.reads.load(Ordering::SeqCst);
    scene.announce(Duration::ZERO);
    sleep(10 * LOOK_INTERVAL).await;
    assert_eq!(scene.store.reads.load(Ordering::SeqCst), reads);
    assert!(scene.hub.watched().is_empty());
    assert_eq!(scene.hub.places.taken(), 0);
    scene.end().await;
}
