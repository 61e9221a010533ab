//! Announcements by way of a broker.

use std::time::Duration;

use lapin::options::ExchangeDeleteOptions;
use mysms_core::domain::{Timestamp, UserId};
use mysms_core::queue::{Announcement, Announcements};
use rabbitmq::RabbitAnnouncements;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use super::bench::{Bench, PATIENCE, eventually};
use super::harmed::Harmed;

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn hearing(bench: &Bench) -> RabbitAnnouncements {
    RabbitAnnouncements::hearing(&bench.config, &bench.lifecycle).unwrap()
}

fn announcing(bench: &Bench) -> RabbitAnnouncements {
    RabbitAnnouncements::announcing(&bench.config, &bench.lifecycle).unwrap()
}

fn announcement() -> Announcement {
    Announcement::of_messages(UserId::generate(NOW), NOW)
}

/// All that is heard until there was nothing for a while.
async fn heard(by: &mut Receiver<Announcement>) -> Vec<Announcement> {
    let mut heard = Vec::new();
    while let Ok(announcement) = timeout(Duration::from_millis(500), by.recv()).await {
        heard.push(announcement.unwrap());
    }
    heard
}

/// Waits until what one process announces is heard by another. What is announced before both are
/// connected may be lost, so each attempt announces something of its own.
async fn reaches(announcer: &RabbitAnnouncements, by: &mut Receiver<Announcement>) {
    eventually("what is announced is heard", async || {
        let of_messages = announcement();
        let of_endpoints = Announcement::of_endpoints(of_messages.owner, NOW);
        announcer.announce(of_messages);
        announcer.announce(of_endpoints);
        let heard = heard(by).await;
        heard.contains(&of_messages) && heard.contains(&of_endpoints)
    })
    .await;
}

async fn dispose(bench: Bench, all: Vec<RabbitAnnouncements>) {
    for announcements in all {
        announcements.close(PATIENCE).await;
    }
    let exchange = bench.config.queue.replace(".send", ".events").into();
    let outside = bench.outside().await;
    let deleted = outside.exchange_delete(exchange, ExchangeDeleteOptions::default());
    deleted.await.unwrap();
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_any_process_announces_is_heard_by_all_that_listen() {
    let bench = Bench::new();
    let (worker, first, second) = (announcing(&bench), hearing(&bench), hearing(&bench));
    let mut ears = [first.subscribe(), second.subscribe()];
    let mut deaf = worker.subscribe();
    for announcer in [&worker, &first, &second] {
        for ear in &mut ears {
            reaches(announcer, ear).await;
        }
    }
    assert!(deaf.try_recv().is_err());
    dispose(bench, vec![worker, first, second]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_changes_of_a_user_are_few_announcements_with_the_earliest_time() {
    let bench = Bench::new();
    let (worker, api) = (announcing(&bench), hearing(&bench));
    let mut ear = api.subscribe();
    reaches(&worker, &mut ear).await;
    let Announcement { owner, .. } = announcement();
    for later in (0..3000).rev() {
        let at = NOW + Duration::from_millis(later);
        worker.announce(Announcement::of_messages(owner, at));
    }
    let earliest = Announcement::of_messages(owner, NOW);
    let mut all = Vec::new();
    eventually("the earliest time is heard", async || {
        all.extend(heard(&mut ear).await);
        all.contains(&earliest)
    })
    .await;
    let times = all.iter().map(|announcement| announcement.at);
    assert_eq!(times.min(), Some(NOW));
    assert!(all.len() < 100, "{} announcements", all.len());
    dispose(bench, vec![worker, api]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_survive_the_death_of_the_broker() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let (worker, api) = (announcing(&bench), hearing(&bench));
    let mut ear = api.subscribe();
    reaches(&worker, &mut ear).await;
    broker.kill().await.unwrap();
    // Far more than there is room for; none of it waits for the broker.
    for _ in 0..20_000 {
        worker.announce(announcement());
    }
    broker.revive().await.unwrap();
    // What was kept meanwhile may be more than a listener can be behind.
    let mut ear = ear.resubscribe();
    eventually("an announcement is heard", async || {
        let announcement = announcement();
        worker.announce(announcement);
        let next = timeout(Duration::from_millis(500), async {
            while !matches!(ear.recv().await, Ok(heard) if heard == announcement) {}
        });
        next.await.is_ok()
    })
    .await;
    dispose(bench, vec![worker, api]).await;
}
