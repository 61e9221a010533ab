//! A stream of events, read as it comes.

use std::time::Duration;

use lab::Account;
use reqwest::{Method, Response};
use tokio::time::timeout;

/// A stream shows more often than that that it is alive.
const SILENCE: Duration = Duration::from_secs(20);

/// No stream is followed for longer.
const LONGEST: Duration = Duration::from_hours(2);

pub(super) struct Stream {
    answer: Response,
    bytes: Vec<u8>,
}

/// What was told.
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) name: String,
    /// JSON.
    pub(super) data: String,
}

impl Stream {
    /// Follows what happens, from the event with the id `last` on.
    pub(super) async fn open(
        account: &Account,
        base: &str,
        last: Option<&str>,
    ) -> reqwest::Result<Self> {
        let request = account.request(Method::GET, base, "/events");
        let mut request = request.timeout(LONGEST);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        Ok(Self {
            answer: request.send().await?.error_for_status()?,
            bytes: Vec::new(),
        })
    }

    /// The next event; `None` at the end, however that comes.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                if let Some(event) = Event::read(&String::from_utf8(block).ok()?) {
                    return Some(event);
                }
            }
            let chunk = timeout(SILENCE, self.answer.chunk()).await;
            self.bytes.extend_from_slice(&chunk.ok()?.ok()??);
        }
    }
}

impl Event {
    /// `None` if the block says only that the stream is alive.
    fn read(block: &str) -> Option<Self> {
        let field = |name: &str| {
            let lines = block.lines().filter_map(|line| line.split_once(": "));
            let mut values = lines.filter(|(field, _)| *field == name);
            values.next().map(|(_, value)| value.to_owned())
        };
        Some(Self {
            data: field("data")?,
            name: field("event")?,
            id: field("id"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_and_a_sign_of_life_is_none() {
        let event = Event::read("event: message\nid: 7\ndata: {\"a\": 1}\n\n").unwrap();
        assert_eq!((&*event.name, &*event.data), ("message", "{\"a\": 1}"));
        assert_eq!(event.id.as_deref(), Some("7"));
        assert!(Event::read(": alive\n\n").is_none());
    }
}
