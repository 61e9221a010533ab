//! The contract of the port to the queue: every adapter passes the same cases.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::BoxFuture;
use mysms_core::domain::MessageId;
use mysms_core::queue::{JOB_LIMIT, LocalQueue, Queue, QueueHealth};
use tokio::time::timeout;

/// How long a case may wait for what must come.
const DEADLINE: Duration = Duration::from_secs(20);

fn ids(count: u64) -> Vec<MessageId> {
    let id = |number| MessageId::from_uuid(uuid::Uuid::from_u64_pair(0, number));
    (0..count).map(id).collect()
}

/// A queue under test, and how what it leaves behind is removed.
struct Subject {
    queue: Arc<dyn Queue>,
    dispose: BoxFuture<'static, ()>,
}

fn local() -> Subject {
    Subject {
        queue: Arc::new(LocalQueue::new(1000)),
        dispose: Box::pin(async {}),
    }
}

fn rabbitmq() -> Subject {
    let bench = crate::Bench::new();
    let queue = Arc::new(bench.worker());
    let dispose = {
        let queue = Arc::clone(&queue);
        async move {
            queue.close(DEADLINE).await;
            bench.dispose().await;
        }
    };
    Subject {
        queue,
        dispose: Box::pin(dispose),
    }
}

/// Receives and acknowledges jobs until `count` ids have come.
async fn receive(queue: &dyn Queue, count: usize) -> Vec<MessageId> {
    let mut received = Vec::new();
    while received.len() < count {
        let delivery = timeout(DEADLINE, queue.receive())
            .await
            .expect("a job comes");
        assert!((1..=JOB_LIMIT).contains(&delivery.job.ids.len()));
        received.extend(&delivery.job.ids);
        delivery.acknowledge();
    }
    received
}

async fn what_is_offered_is_received(queue: &dyn Queue) {
    let ids = ids(3);
    for id in &ids {
        queue.offer(*id, None);
    }
    assert_eq!(receive(queue, 3).await, ids);
}

async fn the_trace_comes_along(queue: &dyn Queue) {
    let id = ids(1)[0];
    queue.offer(id, Some("request-17".to_owned()));
    let delivery = timeout(DEADLINE, queue.receive()).await.unwrap();
    assert!(delivery.job.messages().eq([(id, Some("request-17"))]));
    delivery.acknowledge();
}

async fn each_message_of_a_job_has_its_own_trace(queue: &dyn Queue) {
    let ids = ids(100);
    let trace = |place: usize| (!place.is_multiple_of(3)).then(|| format!("request-{place}"));
    for (place, id) in ids.iter().enumerate() {
        queue.offer(*id, trace(place));
    }
    let mut received = 0;
    while received < ids.len() {
        let delivery = timeout(DEADLINE, queue.receive()).await.unwrap();
        for (id, known) in delivery.job.messages() {
            let place = ids.iter().position(|offered| *offered == id).unwrap();
            assert_eq!(known, trace(place).as_deref());
        }
        received += delivery.job.ids.len();
        delivery.acknowledge();
    }
}

async fn many_offers_come_in_jobs_of_limited_size(queue: &dyn Queue) {
    let ids = ids(500);
    for id in &ids {
        queue.offer(*id, None);
    }
    let received = receive(queue, ids.len()).await;
    assert_eq!(received.len(), ids.len());
    assert_eq!(BTreeSet::from_iter(received), BTreeSet::from_iter(ids));
}

async fn each_job_goes_to_one_receiver(queue: &dyn Queue) {
    let ids = ids(200);
    for id in &ids {
        queue.offer(*id, None);
    }
    let mut received: Vec<MessageId> = Vec::new();
    while received.len() < ids.len() {
        let either = async {
            tokio::select! {
                delivery = queue.receive() => delivery,
                delivery = queue.receive() => delivery,
            }
        };
        let delivery = timeout(DEADLINE, either).await.expect("a job comes");
        received.extend(&delivery.job.ids);
        delivery.acknowledge();
    }
    received.sort();
    assert_eq!(received, ids);
}

async fn a_receive_that_is_dropped_loses_nothing(queue: &dyn Queue) {
    let ids = ids(2);
    for id in &ids {
        {
            let mut dropped = pin!(queue.receive());
            let waits = poll_fn(|context| Poll::Ready(dropped.as_mut().poll(context).is_pending()));
            assert!(waits.await);
            // It is woken by the offer and dropped before it can take it.
            queue.offer(*id, None);
        }
        assert_eq!(receive(queue, 1).await, [*id]);
    }
}

async fn a_receiver_that_waits_is_woken(queue: &dyn Queue) {
    let id = ids(1)[0];
    let (received, ()) = tokio::join!(receive(queue, 1), async { queue.offer(id, None) });
    assert_eq!(received, [id]);
}

async fn a_queue_that_works_says_so(queue: &dyn Queue) {
    queue.offer(ids(1)[0], None);
    receive(queue, 1).await;
    assert_eq!(queue.health(), QueueHealth::Up);
    timeout(DEADLINE, queue.close(Duration::from_secs(5)))
        .await
        .expect("it closes in time");
}

/// Stamps each case as a test of its own, on a fresh queue of the adapter.
macro_rules! cases {
    ($adapter:ident; $($case:ident)+) => {
        mod $adapter {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let subject = super::$adapter();
                super::$case(&*subject.queue).await;
                subject.dispose.await;
            })+
        }
    };
}

/// Names every case of the contract once.
macro_rules! contract {
    ($adapter:ident) => {
        cases! { $adapter;
            what_is_offered_is_received
            the_trace_comes_along
            each_message_of_a_job_has_its_own_trace
            many_offers_come_in_jobs_of_limited_size
            each_job_goes_to_one_receiver
            a_receive_that_is_dropped_loses_nothing
            a_receiver_that_waits_is_woken
            a_queue_that_works_says_so
        }
    };
}

contract!(local);
contract!(rabbitmq);

#[tokio::test]
async fn what_a_full_local_queue_has_no_room_for_is_dropped() {
    let queue = LocalQueue::new(10);
    let ids = ids(1000);
    for id in &ids {
        queue.offer(*id, None);
    }
    assert_eq!(receive(&queue, 10).await, ids[..10]);
    queue.offer(ids[500], None);
    assert_eq!(
        receive(&queue, 1).await,
        [ids[500]],
        "and then there is room again"
    );
}

#[tokio::test]
async fn a_local_queue_keeps_the_order() {
    let queue = LocalQueue::new(1000);
    let ids = ids(300);
    for id in &ids {
        queue.offer(*id, None);
    }
    assert_eq!(receive(&queue, ids.len()).await, ids);
}
