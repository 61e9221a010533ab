//! Clients that connect and say nothing.

use reqwest::{Method, StatusCode};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpStream;

use crate::harness::{Judge, Messenger, Mode};

const IDLE: usize = 10_000;

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
