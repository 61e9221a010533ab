//! Clients that connect and say nothing, or ask and read nothing.

use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{Judge, Messenger, Mode, eventually};

const IDLE: usize = 10_000;

/// What a client that asks and reads nothing may cost a process.
const KIB_OF_ONE: u64 = 128;

/// Asks the system for as many descriptors as it gives.
fn raise_limit() {
    let most = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Nofile, raised).expect("as many descriptors as are allowed");
    assert!(
        most.is_none_or(|most| most > 11_000),
        "this test needs 11,000 open files: raise `ulimit -Hn`"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_keep_nobody_from_being_served() {
    raise_limit();
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(Mode::Embedded, &judge).await;
    let client = messenger.client("john_doe").await;
    let address = messenger.base.strip_prefix("http://").unwrap();
    let mut idle = Vec::with_capacity(IDLE);
    while idle.len() < IDLE {
        idle.push(TcpStream::connect(address).await.expect("a connection"));
    }
    let others = messenger.client("jane_doe").await;
    for client in [&client, &others] {
        let id = client.send("+14155550123", "still here").await;
        client.wait_for(&id, "delivered").await;
        let answer = client.request(Method::GET, "/me", None).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    for (name, peak) in messenger.peak_memory() {
        eprintln!("{name} took {} MiB at most", peak / 1024);
    }
    messenger.terminate().await;
    drop(idle);
}

/// Asks for something as often as it is told, and reads nothing of the answers.
async fn ask_and_read_nothing(address: &str, times: usize, request: &str) -> Vec<TcpStream> {
    let mut silent = Vec::with_capacity(times);
    for _ in 0..times {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(2048).expect("a small window");
        let address = address.parse().expect("an address");
        let mut stream = socket.connect(address).await.expect("a connection");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is asked");
        silent.push(stream);
    }
    silent
}

/// Clients with a window of a few segments, as across a network: what the system does not take off the
/// process stays in its memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_costs_little_and_keeps_nobody_from_being_served() {
    raise_limit();
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("john_doe").await;
    let other = messenger.client("jane_doe").await;
    let base = messenger.apis().remove(0);
    let address = base.strip_prefix("http://").unwrap();
    let tomorrow = SystemClock.now() + Duration::from_hours(24);
    let long = "字".repeat(1600);
    let recipients = vec!["+14155550123"; 500];
    let batch = json!({"recipients": recipients, "content": long, "send_at": tomorrow});
    let stored = client
        .request(Method::POST, "/messages/batch", Some(batch))
        .await;
    assert_eq!(stored.json::<Value>().await.unwrap()["accepted"], 500);

    let get = |path: &str, more: &str| {
        let token = client.token();
        format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
        )
    };
    let now = SystemClock.now().as_millis();
    let missed = format!("Last-Event-ID: {now}\r\n");
    let before = most_of_an_api(&messenger);
    let files = ask_and_read_nothing(address, 400, &get("/openapi.json", "")).await;
    let lists = ask_and_read_nothing(address, 60, &get("/messages", "")).await;
    let pages = ask_and_read_nothing(address, 60, &get("/messages?limit=200", "")).await;
    let streams = ask_and_read_nothing(address, 16, &get("/events", &missed)).await;

    for _ in 0..5 {
        eventually("the store has time for others", async || {
            let answer = other.request(Method::GET, "/messages?limit=20", None).await;
            answer.status() == StatusCode::OK
        })
        .await;
    }
    other
        .send_stubbornly("+14155550124", "still here", "once")
        .await;
    other.wait_for_all_delivered(1).await;
    let silent: Vec<_> = [files, lists, pages, streams]
        .into_iter()
        .flatten()
        .collect();
    let more = most_of_an_api(&messenger) - before;
    eprintln!("{} clients cost {more} KiB", silent.len());
    assert!(more < KIB_OF_ONE * silent.len() as u64, "{more} KiB");
    messenger.assert_all_run();
}

/// KiB that the largest process of the API took at most until now.
fn most_of_an_api(messenger: &Messenger) -> u64 {
    let peaks = messenger.peak_memory().into_iter();
    let of_apis = peaks.filter(|(name, _)| *name == "mysms-api");
    of_apis.map(|(_, peak)| peak).max().expect("an API runs")
}
