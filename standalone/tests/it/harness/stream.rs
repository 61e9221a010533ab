//! A front end that follows its user's messages.

use std::time::Duration;

use lab::PATIENCE;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

/// A stream of events, read as it comes.
pub(crate) struct Stream {
    answer: Response,
    bytes: Vec<u8>,
    /// The last id that came.
    pub(crate) last: String,
}

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Stream {
    pub(super) fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["Content-Type"], "text/event-stream");
        Self {
            answer,
            bytes: Vec::new(),
            last: String::new(),
        }
    }

    /// The next event; `None` at the end, however that comes.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        let next = timeout(PATIENCE, self.read());
        next.await.expect("an event comes, or the end")
    }

    async fn read(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                let block = String::from_utf8(block).expect("text");
                if let Some(told) = self.take_in(&block) {
                    return Some(told);
                }
            }
            let chunk = self.answer.chunk().await.ok()??;
            self.bytes.extend_from_slice(&chunk);
        }
    }

    fn take_in(&mut self, block: &str) -> Option<Told> {
        let field = |name: &str| {
            let prefix = format!("{name}: ");
            block.lines().find_map(|line| line.strip_prefix(&*prefix))
        };
        if let Some(id) = field("id") {
            id.clone_into(&mut self.last);
        }
        Some(Told {
            data: serde_json::from_str(field("data")?).expect("JSON"),
            name: field("event").expect("a name").to_owned(),
        })
    }

    /// Reads on until an event is what is looked for, and gives it.
    pub(crate) async fn wait_for(&mut self, is_it: impl Fn(&Told) -> bool) -> Told {
        loop {
            let told = self.next().await.expect("the stream goes on");
            if is_it(&told) {
                return told;
            }
        }
    }

    /// Waits until a message was told to have a status.
    pub(crate) async fn wait_for_status(&mut self, id: &str, status: &str) -> Value {
        let told = self
            .wait_for(|told| told.data["id"] == id && told.data["status"] == status)
            .await;
        assert_eq!(told.name, "message");
        told.data
    }

    /// Whether the stream ends within some time.
    pub(crate) async fn ends_within(mut self, time: Duration) -> bool {
        let end = async { while self.read().await.is_some() {} };
        timeout(time, end).await.is_ok()
    }
}
