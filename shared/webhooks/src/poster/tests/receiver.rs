//! Receivers that do on each connection what the test says.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use std::{io::Read, net::TcpListener, net::TcpStream};

use url::Url;

use super::PATIENCE;

/// What a receiver does with a request.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Writes this.
    Answer(Vec<u8>),
    /// Writes this, and no more until the client goes away.
    Hang(Vec<u8>),
    /// Writes this, and then more and more of it for as long as the client takes it.
    Flood(Vec<u8>, Vec<u8>),
    /// Closes the connection.
    Close,
}

pub(super) fn answer(status: u16, headers: &str) -> Act {
    let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{headers}\r\n");
    Act::Answer(text.into_bytes())
}

/// Does the same for each request, on any number of connections.
pub(super) struct Receiver {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
    requests: std::sync::mpsc::Receiver<String>,
}

impl Receiver {
    pub(super) fn start(act: Act) -> Self {
        Self::at(super::ip("127.0.0.1"), 0, act)
    }

    pub(super) fn at(address: IpAddr, port: u16, act: Act) -> Self {
        let listener = TcpListener::bind((address, port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let (sender, requests) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let (act, sender) = (act.clone(), sender.clone());
                thread::spawn(move || serve(stream.unwrap(), &act, &sender));
            }
        });
        Self {
            port,
            connections,
            requests,
        }
    }

    pub(super) fn url(&self) -> Url {
        super::url(&format!("http://127.0.0.1:{}/hook?a=b", self.port))
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The next request that arrived, head and body.
    pub(super) fn next(&self) -> String {
        self.requests.recv_timeout(PATIENCE).unwrap()
    }
}

fn serve(mut stream: TcpStream, act: &Act, requests: &std::sync::mpsc::Sender<String>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    while let Some(request) = read(&mut stream) {
        let _ = requests.send(request);
        match act {
            Act::Answer(text) => stream.write_all(text).unwrap(),
            Act::Hang(text) => {
                stream.write_all(text).unwrap();
                // Whatever comes is the end.
                let _ = stream.read(&mut [0]);
                return;
            }
            Act::Flood(text, more) => {
                stream.write_all(text).unwrap();
                stream
                    .set_write_timeout(Some(Duration::from_secs(5)))
                    .unwrap();
                while stream.write_all(more).is_ok() {}
                return;
            }
            Act::Close => return,
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap();
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
