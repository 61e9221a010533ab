//! A provider that does on each connection what the test says, for better or worse.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender as Channel};
use std::time::Duration;

use mysms_core::clock::SystemClock;
use mysms_core::domain::PhoneNumber;
use runtime::config::{Credentials, ProviderConfig, Sender};
use secrecy::SecretString;
use twilio::Twilio;
use url::Url;

pub(super) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(super) const SID: &str = "SM0123456789abcdef0123456789abcdef";
pub(super) const FROM: &str = "+15005550006";
pub(super) const TO: &str = "+14155550123";

/// Long enough for anything on one machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does with a connection.
pub(super) enum Act {
    /// Reads a request and writes this.
    Answer(String),
    /// Reads a request and says nothing until the client goes away.
    Hang,
    /// Reads a request and closes the connection.
    Close,
    /// Resets the connection in the middle of the request.
    Reset,
    /// Reads whatever comes until the client goes away.
    Drain,
}

/// An answer in JSON with the usual headers.
pub(super) fn answer(status: u16, body: &str) -> Act {
    answer_with(status, "Content-Type: application/json\r\n", body)
}

/// An answer with these header lines.
pub(super) fn answer_with(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Answer(format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    ))
}

/// What the server received on one connection.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

impl Received {
    /// The first line's path and query.
    pub(super) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(super) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

/// Serves one connection after the other, each by the next act of its script, and then no more.
pub(super) struct Server {
    pub(super) url: Url,
    received: Receiver<Received>,
}

impl Server {
    pub(super) fn start<Script>(script: Script) -> Self
    where
        Script: IntoIterator<Item = Act>,
        Script::IntoIter: Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (channel, received) = mpsc::channel();
        let script = script.into_iter();
        std::thread::spawn(move || {
            for act in script {
                let (stream, _) = listener.accept().unwrap();
                serve(stream, act, &channel);
            }
        });
        Self {
            url: url.parse().unwrap(),
            received,
        }
    }

    /// The next request that arrived.
    pub(super) fn next(&self) -> Received {
        self.received.recv_timeout(PATIENCE).unwrap()
    }

    /// Asserts that all requests were taken by [`Server::next`].
    pub(super) fn assert_no_more(&self) {
        let more = self.received.try_recv();
        assert!(more.is_err(), "{more:?}");
    }
}

/// The address of a port where nobody listens.
pub(super) fn nobody() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    url.parse().unwrap()
}

/// A client that waits long.
pub(super) fn client(base_url: &Url) -> Twilio {
    client_with(base_url, PATIENCE)
}

pub(super) fn client_with(base_url: &Url, timeout: Duration) -> Twilio {
    let provider = provider(base_url);
    Twilio::new(&provider, timeout, 2, Arc::new(SystemClock)).unwrap()
}

pub(super) fn provider(base_url: &Url) -> ProviderConfig {
    ProviderConfig {
        simulated: false,
        account: ACCOUNT.to_owned(),
        credentials: Credentials {
            user: "SK1".to_owned(),
            secret: SecretString::from("key"),
        },
        webhook_tokens: Vec::new(),
        sender: Sender::Number(phone(FROM)),
        base_url: base_url.clone(),
        public_base_url: Some(PUBLIC_URL.to_owned()),
        simulator_page: None,
    }
}

/// Where the provider reaches us.
pub(super) const PUBLIC_URL: &str = "https://sms.example.com";

pub(super) fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number).unwrap()
}

fn serve(mut stream: TcpStream, act: Act, received: &Channel<Received>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = match act {
        // What is left unread makes the kernel reset the connection.
        Act::Reset => {
            stream.read_exact(&mut [0]).unwrap();
            return;
        }
        Act::Drain => drain(&mut stream),
        _ => request(&stream),
    };
    received.send(request).unwrap();
    match act {
        Act::Answer(text) => stream.write_all(text.as_bytes()).unwrap(),
        Act::Hang => drop(drain(&mut stream)),
        Act::Close | Act::Reset | Act::Drain => {}
    }
}

fn request(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "no whole request");
    }
    let mut request = Received {
        head,
        body: String::new(),
    };
    let length = request.header("content-length").map(str::parse);
    let mut body = vec![0; length.unwrap_or(Ok(0)).unwrap()];
    reader.read_exact(&mut body).unwrap();
    request.body = String::from_utf8(body).unwrap();
    request
}

fn drain(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut bytes);
    Received {
        head: String::from_utf8_lossy(&bytes).into_owned(),
        body: String::new(),
    }
}
