//! What operators see of the dead jobs, and do with them.

use mysms_core::queue::{Job, Queue};
use rabbitmq::{DeadJob, DeadJobs, Fate};

use super::bench::{Bench, PATIENCE, flows, new_ids, receive};

/// More often than RabbitMQ 4 lets a job be given back.
const MANY: usize = 25;

async fn each(bench: &Bench, replay: bool) -> Vec<(DeadJob, Fate)> {
    let dead = DeadJobs::connect(&bench.config).await.unwrap();
    let mut seen = Vec::new();
    let all = dead.each(replay, |job, fate| seen.push((job.clone(), fate)));
    all.await.unwrap();
    dead.close().await;
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listing_the_dead_jobs_takes_none_away() {
    let bench = Bench::new();
    assert_eq!(
        each(&bench, false).await,
        [],
        "also where no worker ever was"
    );
    let (worker, outside) = (bench.worker(), bench.outside().await);
    flows(&worker, &worker).await;
    let unreadable = [r#"{"version":9}"#, "hello"];
    for payload in unreadable {
        let confirmed = outside.publish(&bench.queue(), payload.as_bytes()).await;
        confirmed.await.unwrap();
    }
    outside.wait_for(&bench.dead(), 2).await;
    let first = each(&bench, false).await;
    assert_eq!(first.len(), 2);
    for ((job, fate), payload) in first.iter().zip(unreadable) {
        let reason = if payload == "hello" {
            "not the JSON of a job"
        } else {
            "unknown version 9"
        };
        assert_eq!(job.reason.as_deref(), Some(reason));
        assert_eq!((job.bytes, job.messages), (payload.len(), None));
        assert_eq!(*fate, Fate::Kept);
    }
    for _ in 0..MANY {
        assert_eq!(each(&bench, false).await, first);
    }
    outside.wait_for(&bench.dead(), 2).await;
    worker.close(PATIENCE).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_read_by_now_is_replayed_and_the_rest_stays() {
    let bench = Bench::new();
    let (worker, outside) = (bench.worker(), bench.outside().await);
    flows(&worker, &worker).await;
    let ids = new_ids(3);
    let readable = serde_json::to_vec(&Job::new(ids.iter().map(|id| (*id, None)))).unwrap();
    for payload in [&b"hello"[..], &readable, b"again"] {
        let confirmed = outside.publish(&bench.dead(), payload).await;
        confirmed.await.unwrap();
    }
    outside.wait_for(&bench.dead(), 3).await;
    let fates: Vec<_> = each(&bench, true)
        .await
        .into_iter()
        .map(|(job, fate)| (job.messages, fate))
        .collect();
    let kept = (None, Fate::Kept);
    assert_eq!(fates, [kept, (Some(3), Fate::Replayed), kept]);
    let delivery = receive(&worker).await;
    assert_eq!(delivery.job.ids, ids);
    delivery.acknowledge();
    outside.wait_for(&bench.dead(), 2).await;
    worker.close(PATIENCE).await;
    bench.dispose().await;
}
