//! Jobs on a broker that works.

use std::collections::BTreeSet;

use mysms_core::queue::{Delivery, JOB_LIMIT, Job, Queue};
use tokio::time::timeout;

use super::bench::{Bench, PATIENCE, flows, new_id, new_ids, receive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_offers_arrive() {
    let bench = Bench::new();
    let (publisher, worker) = (bench.publisher(), bench.worker());
    let ids = new_ids(10_000);
    for id in &ids {
        publisher.offer(*id, None);
    }
    let mut missing: BTreeSet<_> = ids.into_iter().collect();
    while !missing.is_empty() {
        let delivery = receive(&worker).await;
        assert!((1..=JOB_LIMIT).contains(&delivery.job.ids.len()));
        for id in &delivery.job.ids {
            missing.remove(id);
        }
        delivery.acknowledge();
    }
    worker.close(PATIENCE).await;
    publisher.close(PATIENCE).await;
    bench.outside().await.wait_for(&bench.queue(), 0).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_acknowledged_in_any_order_are_gone() {
    let bench = Bench::new();
    let (worker, outside) = (bench.worker(), bench.outside().await);
    flows(&worker, &worker).await;
    let ids = new_ids(48);
    for id in &ids {
        outside.publish_job(&bench.queue(), &[*id]).await;
    }
    let mut received = BTreeSet::new();
    for round in 0..6 {
        let mut in_hand: Vec<Delivery> = Vec::new();
        while in_hand.len() < 8 {
            in_hand.push(receive(&worker).await);
        }
        received.extend(in_hand.iter().flat_map(|delivery| delivery.job.ids.clone()));
        in_hand.rotate_left(round);
        for place in [5, 0, 2, 1, 3, 1, 0, 0] {
            in_hand.swap_remove(place).acknowledge();
        }
    }
    assert_eq!(received, BTreeSet::from_iter(ids));
    worker.close(PATIENCE).await;
    outside.wait_for(&bench.queue(), 0).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_dropped_unacknowledged_comes_again() {
    let bench = Bench::new();
    let worker = bench.worker();
    let id = new_id();
    worker.offer(id, Some("request-17".to_owned()));
    drop(receive(&worker).await);
    let again = receive(&worker).await;
    assert_eq!(again.job, Job::new([(id, Some("request-17".to_owned()))]));
    again.acknowledge();
    worker.close(PATIENCE).await;
    bench.outside().await.wait_for(&bench.queue(), 0).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_in_hand_when_its_worker_ends_comes_to_another() {
    let bench = Bench::new();
    let (first, second) = (bench.worker(), bench.publisher());
    let id = new_id();
    second.offer(id, None);
    let in_hand = receive(&first).await;
    first.close(PATIENCE).await;
    in_hand.acknowledge();
    let third = bench.worker();
    let delivery = receive(&third).await;
    assert_eq!(delivery.job.ids, [id], "settled too late to count");
    delivery.acknowledge();
    for queue in [second, third] {
        queue.close(PATIENCE).await;
    }
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_publishes_what_waits() {
    let bench = Bench::new();
    let publisher = bench.publisher();
    let ids = new_ids(200);
    for id in &ids {
        publisher.offer(*id, None);
    }
    publisher.close(PATIENCE).await;
    let (mut found, outside) = (BTreeSet::new(), bench.outside().await);
    while let Some((payload, _)) = outside.take(&bench.queue()).await {
        let job: Job = serde_json::from_slice(&payload).unwrap();
        found.extend(job.ids);
    }
    assert_eq!(found, BTreeSet::from_iter(ids));
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_takes_no_jobs() {
    let bench = Bench::new();
    let publisher = bench.publisher();
    publisher.offer(new_id(), None);
    let closed = async {
        publisher.close(PATIENCE).await;
        bench.outside().await.wait_for(&bench.queue(), 1).await;
    };
    tokio::select! {
        _ = publisher.receive() => panic!("it is not its to take"),
        closed = timeout(PATIENCE, closed) => closed.unwrap(),
    }
    bench.dispose().await;
}
