//! Trouble that concerns one queue or one client, on the broker that all tests share.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use mysms_core::queue::{Queue, QueueHealth};
use secrecy::ExposeSecret;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::bench::{Bench, PATIENCE, eventually, flows, new_id};

fn reason(queue: &dyn Queue) -> String {
    match queue.health() {
        QueueHealth::Up => String::new(),
        QueueHealth::Down { reason } => reason,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_deleted_under_it_is_declared_anew() {
    let bench = Bench::new();
    let (publisher, worker) = (bench.publisher(), bench.worker());
    flows(&publisher, &worker).await;
    for _ in 0..2 {
        bench.outside().await.delete(&bench.queue()).await;
        flows(&publisher, &worker).await;
    }
    for queue in [publisher, worker] {
        queue.close(PATIENCE).await;
    }
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_deleted_under_a_publisher_alone_is_declared_anew() {
    let bench = Bench::new();
    let (publisher, outside) = (bench.publisher(), bench.outside().await);
    eventually("it is connected", async || {
        publisher.health() == QueueHealth::Up
    })
    .await;
    outside.delete(&bench.queue()).await;
    eventually("an offer is queued", async || {
        publisher.offer(new_id(), None);
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        // Asking for a queue that is not there closes the channel.
        let outside = bench.outside().await;
        let queue = outside.queue_declare(bench.queue().into(), passive, FieldTable::default());
        queue.await.is_ok_and(|queue| queue.message_count() > 0)
    })
    .await;
    publisher.close(PATIENCE).await;
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_password_is_reported_and_not_repeated() {
    let mut bench = Bench::new();
    let right = bench.config.url.expose_secret().to_owned();
    let wrong = right.replacen(":guest@", ":s3cret@", 1);
    bench.config.url = wrong.into();
    let worker = bench.worker();
    eventually("it is refused", async || {
        reason(&worker).contains("ACCESS_REFUSED")
    })
    .await;
    assert!(!reason(&worker).contains("s3cret"));
    worker.close(PATIENCE).await;
    bench.config.url = right.into();
    bench.dispose().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amqps_is_never_spoken_in_the_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let bench = Bench::at(&format!("amqps://guest:guest@{address}"));
    let publisher = bench.publisher();
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut greeting = [0; 3];
    timeout(PATIENCE, stream.read_exact(&mut greeting))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(greeting, [22, 3, 1], "a handshake of TLS, not AMQP");
    drop((stream, listener));
    publisher.close(PATIENCE).await;
    assert!(bench.lifecycle.stop(PATIENCE).await);
}
