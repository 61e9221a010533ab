mod endpoints;
mod marks;
mod scene;

use std::sync::atomic::Ordering;

use mysms_core::domain::MessageId;
use mysms_core::queue::Announcement;

use super::*;
use scene::Scene;

fn count(told: &str, what: &str) -> usize {
    told.matches(what).count()
}

/// How often a message is told of.
fn count_of(told: &str, id: MessageId) -> usize {
    count(told, &format!(r#""id":"{id}""#))
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn what_is_announced_is_told_at_once_and_once() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    let id = scene.store(Duration::ZERO, "hello");
    scene.announce(Duration::ZERO);
    let told = client.told_within(SECOND / 2).await;
    assert_eq!(count_of(&told, id), 1, "{told}");
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
    assert_eq!(count_of(&told, id), 1, "{told}");
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
    assert_eq!(count_of(&told, late), 1, "{told}");
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
    assert_eq!(count_of(&told, id), 1, "{told}");
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
    assert_eq!(count_of(&told, id), 1, "{told}");
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
    assert_eq!(count_of(&told, id), 1, "{told}");
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
