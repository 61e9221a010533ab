//! The lab's RabbitMQ cluster does what a cluster is for.

use std::time::Duration;

use lab::PATIENCE;
use lab::cluster::{BrokerCluster, NODES, Network, others};
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use tokio::time::{Instant, sleep};

const QUEUE: &str = "tried";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_whose_leader_nobody_hears_is_led_by_another_node() {
    let _machine = crate::MACHINE.lock().await;
    let network = Network::open();
    let brokers = BrokerCluster::start(&network).await.unwrap();
    let url = brokers.url();
    let connection = Connection::connect(&url, ConnectionProperties::default());
    let connection = connection.await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut quorum = FieldTable::default();
    quorum.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("quorum".into()),
    );
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel.queue_declare(QUEUE.into(), durable, quorum).await;
    declared.unwrap();
    let leader = brokers.leader(QUEUE).await.unwrap();

    let rest = others(leader).map(|other| NODES[other]);
    network.part(&[&[NODES[leader]], &rest]);

    let deadline = Instant::now() + PATIENCE;
    loop {
        let leads = brokers.leader_seen_by(others(leader)[0], QUEUE).await;
        if matches!(leads, Ok(other) if other != leader) {
            break;
        }
        assert!(Instant::now() < deadline, "{leads:?}");
        sleep(Duration::from_millis(200)).await;
    }
    network.mend_all();
}
