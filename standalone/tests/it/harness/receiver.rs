//! A server of a user's own, which is told what changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lab::eventually;
use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A server that notes whatever it is told.
pub(crate) struct Receiver {
    url: Url,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// It ends with this.
    _server: JoinSet<()>,
}

/// What it was told.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
    /// Null, if it is no JSON.
    pub(crate) body: Value,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        Self::answering(b"HTTP/1.1 204 No Content\r\n\r\n").await
    }

    /// One that wants nothing more.
    pub(crate) async fn start_gone() -> Self {
        Self::answering(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n").await
    }

    async fn answering(answer: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        let book = Arc::clone(&heard);
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                connections.spawn(serve(connection, answer, Arc::clone(&book)));
            }
        });
        let url = format!("http://127.0.0.1:{port}/hook");
        Self {
            url: url.parse().expect("a URL"),
            heard,
            _server: server,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }

    /// Waits until it has heard something.
    pub(crate) async fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) {
        eventually(what, || async {
            self.heard().iter().any(|heard| wanted(&heard.body))
        })
        .await;
    }
}

/// Answers each request on a connection once it is written down.
async fn serve(connection: TcpStream, answer: &[u8], book: Arc<Mutex<Vec<Heard>>>) -> Option<()> {
    let mut connection = BufReader::new(connection);
    loop {
        let headers = read_headers(&mut connection).await?;
        let length = headers.get("content-length")?.parse().ok()?;
        let mut body = vec![0; length];
        connection.read_exact(&mut body).await.ok()?;
        let heard = Heard {
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            text: String::from_utf8_lossy(&body).into_owned(),
        };
        book.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(heard);
        connection.get_mut().write_all(answer).await.ok()?;
    }
}

async fn read_headers(connection: &mut BufReader<TcpStream>) -> Option<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    loop {
        line.clear();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            return Some(headers);
        }
        if let Some((name, value)) = line.split_once(':') {
            let name = name.trim().to_ascii_lowercase();
            headers.insert(name, value.trim().to_owned());
        }
    }
}
