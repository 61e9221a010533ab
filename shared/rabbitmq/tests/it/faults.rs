//! Faults of the broker as a whole. Nothing of ours is ever started anew.

use std::time::Duration;

use mysms_core::queue::{Queue, QueueHealth};
use rabbitmq::RabbitMq;
use tokio::time::timeout;

use super::bench::{Bench, PATIENCE, eventually, flows, new_id, new_ids, receive};
use super::harmed::Harmed;

/// A process of each kind.
struct Processes {
    publisher: RabbitMq,
    worker: RabbitMq,
}

impl Processes {
    fn start(bench: &Bench) -> Self {
        Self {
            publisher: bench.publisher(),
            worker: bench.worker(),
        }
    }

    async fn flow(&self) {
        flows(&self.publisher, &self.worker).await;
        self.are(true).await;
    }

    async fn are(&self, up: bool) {
        let all = [&self.publisher, &self.worker];
        eventually("they know how the broker is", async || {
            all.iter()
                .all(|queue| (queue.health() == QueueHealth::Up) == up)
        })
        .await;
    }

    async fn close(self) {
        self.publisher.close(PATIENCE).await;
        self.worker.close(PATIENCE).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_survives_a_restart_of_the_broker_and_so_do_the_jobs() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let publisher = bench.publisher();
    let id = new_id();
    publisher.offer(id, None);
    eventually("it is connected", async || {
        publisher.health() == QueueHealth::Up
    })
    .await;
    bench.outside().await.wait_for(&bench.queue(), 1).await;
    broker.rabbitmqctl("stop_app").await.unwrap();
    let worker = bench.worker();
    let processes = Processes { publisher, worker };
    processes.are(false).await;
    broker.rabbitmqctl("start_app").await.unwrap();
    let delivery = receive(&processes.worker).await;
    assert_eq!(delivery.job.ids, [id]);
    delivery.acknowledge();
    processes.flow().await;
    processes.close().await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_survives_the_death_of_the_broker() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let processes = Processes::start(&bench);
    processes.flow().await;
    broker.kill().await.unwrap();
    processes.are(false).await;
    for id in new_ids(20_000) {
        processes.publisher.offer(id, None);
    }
    broker.revive().await.unwrap();
    processes.flow().await;
    processes.close().await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_survives_a_frozen_broker() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let processes = Processes::start(&bench);
    let leaving = bench.publisher();
    flows(&leaving, &processes.worker).await;
    broker.freeze().await.unwrap();
    leaving.offer(new_id(), None);
    let left = timeout(PATIENCE, leaving.close(Duration::from_millis(200))).await;
    left.expect("the grace ends, whether the broker answers or not");
    processes.publisher.offer(new_id(), None);
    processes.are(false).await;
    broker.thaw().await.unwrap();
    processes.flow().await;
    processes.close().await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_survives_closed_connections_and_settles_nothing_on_the_wrong_one() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let Processes { publisher, worker } = Processes::start(&bench);
    let id = new_id();
    publisher.offer(id, None);
    let before = receive(&worker).await;
    broker
        .rabbitmqctl("close_all_connections maintenance")
        .await
        .unwrap();
    let after = receive(&worker).await;
    assert_eq!(after.job, before.job, "it is delivered again");
    before.acknowledge();
    drop(after);
    let again = receive(&worker).await;
    assert_eq!(
        again.job.ids,
        [id],
        "the earlier acknowledgement did not count"
    );
    again.acknowledge();
    let processes = Processes { publisher, worker };
    processes.flow().await;
    processes.close().await;
    bench.outside().await.wait_for(&bench.queue(), 0).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_waits_for_a_broker_that_comes_late() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    broker.rabbitmqctl("stop_app").await.unwrap();
    let processes = Processes::start(&bench);
    let leaving = bench.publisher();
    let id = new_id();
    processes.publisher.offer(id, None);
    leaving.offer(new_id(), None);
    leaving.close(PATIENCE).await;
    processes.are(false).await;
    broker.rabbitmqctl("start_app").await.unwrap();
    let delivery = receive(&processes.worker).await;
    assert_eq!(
        delivery.job.ids,
        [id],
        "what was offered meanwhile is published"
    );
    delivery.acknowledge();
    processes.flow().await;
    processes.close().await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_short_of_memory_still_hands_out_and_settles_jobs() {
    let broker = Harmed::broker().await;
    let bench = Bench::at(&broker.url());
    let Processes { publisher, worker } = Processes::start(&bench);
    flows(&publisher, &worker).await;
    for id in new_ids(20) {
        bench
            .outside()
            .await
            .publish_job(&bench.queue(), &[id])
            .await;
    }
    broker
        .rabbitmqctl("set_vm_memory_high_watermark absolute 1000000")
        .await
        .unwrap();
    eventually("the publisher is blocked", async || {
        publisher.offer(new_id(), None);
        matches!(publisher.health(), QueueHealth::Down { reason } if reason.contains("takes nothing"))
    })
    .await;
    for _ in 0..20 {
        receive(&worker).await.acknowledge();
    }
    eventually("all are settled", async || {
        let queues = broker
            .rabbitmqctl("list_queues name messages")
            .await
            .unwrap();
        queues
            .lines()
            .any(|line| line == format!("{}\t0", bench.queue()))
    })
    .await;
    broker
        .rabbitmqctl("set_vm_memory_high_watermark 0.6")
        .await
        .unwrap();
    let processes = Processes { publisher, worker };
    processes.flow().await;
    processes.close().await;
    bench.dispose().await;
}
