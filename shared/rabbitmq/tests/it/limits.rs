//! What is too much or cannot be read.

use futures_util::future;
use lapin::Confirmation;
use lapin::options::QueuePurgeOptions;
use mysms_core::queue::{Queue, QueueHealth};

use super::bench::{Bench, PATIENCE, eventually, flows, new_ids, receive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_jobs_go_to_the_dead_with_their_reason_and_the_others_flow_on() {
    let bench = Bench::new();
    let (worker, outside) = (bench.worker(), bench.outside().await);
    flows(&worker, &worker).await;
    let ids = serde_json::json!(new_ids(65));
    let unreadable = [
        ("hello".to_owned(), "not the JSON of a job"),
        (
            r#"{"version":9,"batch":"b-1"}"#.to_owned(),
            "unknown version 9",
        ),
        (r#"{"version":1,"ids":[]}"#.to_owned(), "no ids"),
        (
            format!(r#"{{"version":1,"ids":{ids}}}"#),
            "65 ids, of which a job has at most 64",
        ),
    ];
    // More than are prefetched, so that they would stop everything if one of them stayed.
    let (mut good, mut bad) = (new_ids(5), Vec::new());
    for id in &good {
        for (payload, reason) in &unreadable {
            outside
                .publish(&bench.queue(), payload.as_bytes())
                .await
                .await
                .unwrap();
            bad.push((payload.clone().into_bytes(), Some((*reason).to_owned())));
        }
        outside.publish_job(&bench.queue(), &[*id]).await;
    }
    while let Some(id) = good.first() {
        let delivery = receive(&worker).await;
        assert_eq!(delivery.job.ids, [*id]);
        delivery.acknowledge();
        good.remove(0);
    }
    let mut dead = Vec::new();
    eventually("all are with the dead", async || {
        dead.extend(outside.take(&bench.dead()).await);
        dead.len() == bad.len()
    })
    .await;
    dead.sort();
    bad.sort();
    assert_eq!(dead, bad);
    worker.close(PATIENCE).await;
    outside.wait_for(&bench.queue(), 0).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_and_nothing_blocks() {
    let bench = Bench::new();
    let (publisher, outside) = (bench.publisher(), bench.outside().await);
    eventually("it is connected", async || {
        publisher.health() == QueueHealth::Up
    })
    .await;
    eventually("it is full", async || {
        let mut confirmations = Vec::new();
        for _ in 0..500 {
            confirmations.push(outside.publish(&bench.queue(), b"{}").await);
        }
        let confirmed = future::try_join_all(confirmations).await.unwrap();
        confirmed.iter().any(Confirmation::is_nack)
    })
    .await;
    let full = outside.waiting(&bench.queue()).await;
    for id in new_ids(5_000) {
        publisher.offer(id, None);
    }
    publisher.close(PATIENCE).await;
    assert_eq!(outside.waiting(&bench.queue()).await, full);

    outside
        .queue_purge(bench.queue().into(), QueuePurgeOptions::default())
        .await
        .unwrap();
    let worker = bench.worker();
    flows(&worker, &worker).await;
    worker.close(PATIENCE).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_takes_no_more_than_the_prefetch() {
    let bench = Bench::new();
    let (worker, outside) = (bench.worker(), bench.outside().await);
    flows(&worker, &worker).await;
    for id in new_ids(20) {
        outside.publish_job(&bench.queue(), &[id]).await;
    }
    outside.wait_for(&bench.queue(), 12).await;
    let in_hand = receive(&worker).await;
    assert_eq!(
        outside.waiting(&bench.queue()).await,
        12,
        "taking one fetches none"
    );
    in_hand.acknowledge();
    outside.wait_for(&bench.queue(), 11).await;
    worker.close(PATIENCE).await;
    outside.wait_for(&bench.queue(), 19).await;
    bench.dispose().await;
}
