//! What front ends are told as it happens.

use std::time::Duration;

use lab::{Broker, PATIENCE};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::harness::{Client, Judge, Messenger, Mode, Stream, Told, eventually};

crate::in_every_mode!(
    a_text_is_followed_to_its_delivery_and_its_deletion,
    whoever_comes_back_is_told_what_was_missed,
    a_stream_ends_with_its_token_and_with_the_process,
    a_client_that_does_not_read_is_cut_off_and_costs_little,
);

/// More than any process of ours needs; in KiB and without optimisation.
const MEMORY_LIMIT: u64 = 160 * 1024;

async fn ready(client: &Client) -> Stream {
    let mut stream = client.events(None).await;
    assert_eq!(stream.next().await.unwrap().name, "ready");
    stream
}

/// The same user at every API; callbacks come to the first.
fn everywhere(messenger: &Messenger, client: &Client) -> Vec<Client> {
    messenger
        .apis()
        .iter()
        .map(|base| client.on(base))
        .collect()
}

async fn a_text_is_followed_to_its_delivery_and_its_deletion(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let mut streams = Vec::new();
    for client in everywhere(&messenger, &client) {
        streams.push(ready(&client).await);
    }

    let id = client.send("+14155550100", "Hello").await;
    for stream in &mut streams {
        let mut told = stream.wait_for_status(&id, "delivered").await;
        // What the worker stores after a fast callback changes it once more.
        while told != client.history().await[0] {
            told = stream.wait_for_status(&id, "delivered").await;
        }
    }
    let path = format!("/messages/{}/{id}", client.hash);
    let answer = client.request(Method::DELETE, &path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for stream in &mut streams {
        let told = stream.wait_for(|told| told.name == "deleted").await;
        assert_eq!(told.data, json!({ "id": id }));
    }
}

async fn whoever_comes_back_is_told_what_was_missed(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let mut stream = ready(&client).await;
    let before = client.send("+14155550100", "before").await;
    stream.wait_for_status(&before, "delivered").await;
    let last = stream.last.clone();
    drop(stream);

    let during = client.send("+14155550100", "during").await;
    client.wait_for(&during, "delivered").await;
    // Nothing of it is in the memory of a process.
    messenger.kill();
    messenger.restart().await;
    let other = everywhere(&messenger, &client).pop().unwrap();
    let mut stream = other.events(Some(&last)).await;
    stream.wait_for_status(&during, "delivered").await;
    let after = client.send("+14155550100", "after").await;
    stream.wait_for_status(&after, "delivered").await;

    let mut stream = other.events(Some("1767225600120")).await;
    assert_eq!(stream.next().await.unwrap().name, "reset");
}

async fn a_stream_ends_with_its_token_and_with_the_process(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let (john, jane) = (
        messenger.client("john_doe").await,
        messenger.client("jane_doe").await,
    );
    let mut streams = Vec::new();
    let mut others = Vec::new();
    for (john, jane) in everywhere(&messenger, &john)
        .iter()
        .zip(everywhere(&messenger, &jane))
    {
        streams.push(ready(john).await);
        others.push(ready(&jane).await);
    }
    let left = john.request(Method::POST, "/logout", None).await;
    assert_eq!(left.status(), StatusCode::OK);
    for stream in streams {
        assert!(stream.ends_within(PATIENCE).await);
    }
    let id = jane.send("+14155550100", "still here").await;
    for stream in &mut others {
        stream.wait_for_status(&id, "delivered").await;
    }
    let open = others.into_iter();
    let ends = open.map(|stream| stream.ends_within(Duration::from_secs(20)));
    let ends = futures(ends);
    let (ended, ()) = tokio::join!(ends, messenger.terminate());
    assert!(ended.into_iter().all(|ended| ended));
}

async fn futures<T: Send + 'static>(
    all: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut tasks = tokio::task::JoinSet::new();
    all.for_each(|one| {
        tasks.spawn(one);
    });
    tasks.join_all().await
}

async fn a_client_that_does_not_read_is_cut_off_and_costs_little(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("john_doe").await;
    let mut reads = ready(&client).await;
    let mut reader = tokio::task::JoinSet::new();
    reader.spawn(async move {
        let is_last = |told: &Told| told.data["content"] == "last";
        let delivered = |told: &Told| told.data["status"] == "delivered";
        reads
            .wait_for(|told| is_last(told) && delivered(told))
            .await;
    });
    let mut stuck = connect_and_read_nothing(&messenger.base, client.token()).await;
    wait_for_metric(&messenger, "mysms_event_streams", 2).await;

    let long = "€".repeat(1500);
    let text =
        |number: usize| json!({"recipient": "+14155550100", "content": format!("{number} {long}")});
    // What waits on its way through the system is a matter of megabytes.
    eventually("a stream is cut off", || async {
        let batch = json!({"messages": (0..100).map(text).collect::<Vec<_>>()});
        let answer = client
            .request(Method::POST, "/messages/batch", Some(batch))
            .await;
        assert_eq!(answer.status(), StatusCode::OK);
        sum(&messenger, "mysms_event_streams_dropped_total").await > 0
    })
    .await;
    wait_for_metric(&messenger, "mysms_event_streams", 1).await;
    for (program, memory) in messenger.peak_memory() {
        assert!(memory < MEMORY_LIMIT, "{program} took {memory} KiB");
    }
    // Whoever reads is told to the last, which a process that was flooded may not take at once.
    client.send_stubbornly("+14155550100", "last", "last").await;
    reader.join_all().await;
    // The connection is at an end, and does not keep the process from its own.
    let mut rest = Vec::new();
    let _ = stuck.read_to_end(&mut rest).await;
    messenger.terminate().await;
}

/// With little room for what comes.
async fn connect_and_read_nothing(base: &str, token: &str) -> tokio::net::TcpStream {
    let address = base.strip_prefix("http://").unwrap().parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let asked =
        format!("GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    stream
}

/// The sum of a series over all processes.
async fn sum(messenger: &Messenger, series: &str) -> u32 {
    let shown = messenger.metrics().await;
    let values = shown.iter().flat_map(|text| text.lines());
    let values = values.filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    values.map(|text| text.parse::<u32>().unwrap()).sum()
}

async fn wait_for_metric(messenger: &Messenger, series: &str, value: u32) {
    eventually(&format!("{series} is {value}"), || async {
        sum(messenger, series).await == value
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rabbitmq_events_come_all_the_same() {
    let judge = Judge::start().await;
    let broker = Broker::start().await.unwrap();
    let settings = [("AMQP_URL", &*broker.url())];
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let client = messenger.client("resilient").await;
    let other = everywhere(&messenger, &client).pop().unwrap();
    let mut stream = ready(&other).await;

    broker.kill().await.unwrap();
    let id = client.send("+14155550100", "no broker").await;
    stream.wait_for_status(&id, "delivered").await;
    broker.revive().await.unwrap();
    let id = client.send("+14155550100", "broker again").await;
    stream.wait_for_status(&id, "delivered").await;
    messenger.assert_all_run();
}
