use std::sync::Arc;
use std::sync::atomic::AtomicI32;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::*;
use crate::Whereabouts;

/// Much longer than anything takes that goes through.
const SILENCE: Duration = Duration::from_millis(300);

/// A server that says everything back, on a wire, and a network that knows us as its client.
async fn echo() -> (Network, Wire, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut echoing = JoinSet::new();
    echoing.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    let network = Network::open();
    let this = AtomicI32::new(std::process::id().cast_signed());
    network.register("client", Whereabouts::Child(Arc::new(this)));
    let name = "server".to_owned();
    let wire = Wire::lay(&network, vec![Server { name, port }]).await;
    (network, wire.unwrap(), echoing)
}

async fn connect(wire: &Wire) -> TcpStream {
    let address = (Ipv4Addr::LOCALHOST, wire.port());
    TcpStream::connect(address).await.unwrap()
}

async fn hear(stream: &mut TcpStream) -> u8 {
    let heard = timeout(Duration::from_secs(30), stream.read_u8()).await;
    heard.unwrap().unwrap()
}

async fn hears_nothing(stream: &mut TcpStream) -> bool {
    timeout(SILENCE, stream.read_u8()).await.is_err()
}

#[tokio::test]
async fn what_is_said_on_a_silent_link_arrives_when_it_is_open_again() {
    let (network, wire, _echoing) = echo().await;
    let mut before = connect(&wire).await;
    before.write_u8(1).await.unwrap();
    assert_eq!(hear(&mut before).await, 1);

    network.part(&[&["client"], &["server", "another"]]);
    let mut meanwhile = connect(&wire).await;
    for stream in [&mut before, &mut meanwhile] {
        stream.write_u8(2).await.unwrap();
        assert!(hears_nothing(stream).await);
    }

    network.mend_all();
    assert_eq!(hear(&mut before).await, 2);
    assert_eq!(hear(&mut meanwhile).await, 2);
}

#[tokio::test]
async fn only_the_links_that_are_cut_are_silent() {
    let (network, wire, _echoing) = echo().await;
    let mut stream = connect(&wire).await;
    network.part(&[&["another"], &["server"]]);
    network.silence("client", ["another"]);
    stream.write_u8(1).await.unwrap();
    assert_eq!(hear(&mut stream).await, 1);

    network.silence("client", ["server"]);
    stream.write_u8(2).await.unwrap();
    assert!(hears_nothing(&mut stream).await);
    network.mend("client", ["server"]);
    assert_eq!(hear(&mut stream).await, 2);
}

#[tokio::test]
async fn what_a_dead_process_had_not_sent_never_arrives() {
    let (network, wire, _echoing) = echo().await;
    let mut stream = connect(&wire).await;
    stream.write_u8(1).await.unwrap();
    assert_eq!(hear(&mut stream).await, 1);
    network.silence("client", ["server"]);
    stream.write_u8(2).await.unwrap();
    network.note_death("server");
    assert!(hears_nothing(&mut stream).await);
    network.mend_all();
    let heard = timeout(Duration::from_secs(30), stream.read_u8()).await;
    assert!(heard.unwrap().is_err());
}
