//! Somebody who watches the texts of a user through one API.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::Account;
use reqwest::Method;
use tokio::time::{interval, sleep};

use super::lock;
use super::seen::{Seen, Shown};
use super::stream::{Event, Stream};
use crate::torture::judge::{Offence, Wrong};

/// Between two looks at the history, and before a stream is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// The newest texts.
const PAGE: &str = "/messages?order=desc&limit=200";

pub(super) struct Observer {
    name: String,
    seen: Mutex<Seen>,
}

impl Observer {
    pub(super) fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            seen: Mutex::default(),
        })
    }

    /// Reads the newest of the history time and again, until it is stopped.
    pub(super) async fn poll(self: Arc<Self>, account: Account, base: String) {
        let mut ticks = interval(PAUSE);
        loop {
            ticks.tick().await;
            // An API that is away or does not know says so often enough.
            if let Ok(answer) = account.request(Method::GET, &base, PAGE).send().await
                && let Ok(answer) = answer.error_for_status()
                && let Ok(page) = answer.json::<Vec<Shown>>().await
            {
                let mut seen = lock(&self.seen);
                for shown in page {
                    seen.note(shown, "");
                }
            }
        }
    }

    /// Follows the stream, and comes back whenever it ends, until it is stopped.
    pub(super) async fn follow(self: Arc<Self>, account: Account, base: String) {
        let mut last: Option<String> = None;
        loop {
            if let Ok(mut stream) = Stream::open(&account, &base, last.as_deref()).await {
                let mut count = 0;
                while let Some(event) = stream.next().await {
                    count += 1;
                    self.note(&event, &format!(", event {count} since it came back"));
                    last = event.id.or(last);
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// What went back before its eyes, and what it was shown and does not exist.
    pub(super) fn judge(&self, ids: &HashSet<String>) -> Vec<Offence> {
        let seen = lock(&self.seen);
        let accuse = |wrong, id: &str, why: String| Offence {
            wrong,
            text: String::new(),
            ids: vec![id.to_owned()],
            why: format!("{} {why}", self.name),
        };
        let back = seen
            .went_back()
            .map(|(id, why)| accuse(Wrong::WentBack, id, format!("saw it go {why}")));
        let phantoms = seen.ids().filter(|id| !ids.contains(*id));
        let phantoms = phantoms.map(|id| {
            accuse(
                Wrong::Phantom,
                id,
                "was shown it, it does not exist".to_owned(),
            )
        });
        back.chain(phantoms).collect()
    }

    fn note(&self, event: &Event, how: &str) {
        let Ok(shown) = serde_json::from_str::<Shown>(&event.data) else {
            if event.name == "deleted"
                && let Ok(Deleted { id }) = serde_json::from_str(&event.data)
            {
                lock(&self.seen).forget(&id);
            }
            return;
        };
        let mut seen = lock(&self.seen);
        // A stream that comes back may tell what was told; a client keeps the newer state.
        if !seen.is_outdated(&shown) {
            seen.note(shown, how);
        }
    }
}

#[derive(serde::Deserialize)]
struct Deleted {
    id: String,
}
