//! What the API and its bell call.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long a test waits for a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a receiver says in its answers; nobody may be told.
const SAID: &str = "what the receiver says is nobody's business";

/// A request as it came.
pub(crate) struct Received {
    head: String,
    pub(crate) body: Vec<u8>,
}

/// Requests, as they come.
pub(crate) struct Requests(Receiver<Received>);

/// Answers each request, on a connection of its own, with this status. Returns its URL.
pub(crate) fn receiver(status: u16) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            let mut received = Received {
                head,
                body: Vec::new(),
            };
            let length = received.header("content-length").parse().unwrap();
            received.body = vec![0; length];
            reader.read_exact(&mut received.body).unwrap();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{SAID}",
                SAID.len()
            );
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            if sender.send(received).is_err() {
                return;
            }
        }
    });
    (url, Requests(received))
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).unwrap().1
    }
}

impl Requests {
    pub(crate) fn next(&self) -> Received {
        self.0.recv_timeout(PATIENCE).unwrap()
    }

    /// Whether there is one that was not looked at.
    pub(crate) fn has_more(&self) -> bool {
        self.0.try_recv().is_ok()
    }
}
