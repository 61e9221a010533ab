//! Looks for texts that have been accepted, through every API.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::Account;
use reqwest::{Method, StatusCode};
use tokio::time::{Instant, sleep};

use super::lock;
use crate::torture::judge::{Offence, Wrong};

/// How long an API may take to answer at all.
const PATIENCE: Duration = Duration::from_mins(1);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

pub(in crate::torture) struct Reader {
    bases: Vec<String>,
    count: AtomicUsize,
    /// Texts that were not there, and for how long.
    unseen: Mutex<Vec<(String, String)>>,
}

impl Reader {
    pub(super) fn new(bases: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            bases,
            count: AtomicUsize::new(0),
            unseen: Mutex::default(),
        })
    }

    /// Looks for a text that a client of this user was told of a moment ago.
    pub(in crate::torture) async fn read_back(&self, account: &Account, id: &str) {
        self.count.fetch_add(1, Ordering::Relaxed);
        for (base, number) in self.bases.iter().zip(1..) {
            if let Some(why) = self.missed(account, base, id).await {
                let why = format!("api-{number} answers 404 after a client was told of it, {why}");
                lock(&self.unseen).push((id.to_owned(), why));
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn judge(&self) -> Vec<Offence> {
        let unseen = lock(&self.unseen);
        let offences = unseen.iter().map(|(id, why)| Offence {
            wrong: Wrong::Unseen,
            text: String::new(),
            ids: vec![id.clone()],
            why: why.clone(),
        });
        offences.collect()
    }

    /// How an API did not know the text, if it did not.
    async fn missed(&self, account: &Account, base: &str, id: &str) -> Option<String> {
        let path = format!("/messages/{}/{id}", account.hash());
        let deadline = Instant::now() + PATIENCE;
        let mut missed_since = None;
        while Instant::now() < deadline {
            let answer = account.request(Method::GET, base, &path).send().await;
            match answer.map(|answer| answer.status()) {
                Ok(StatusCode::OK) => {
                    let since: Instant = missed_since?;
                    return Some(format!("and knows it {:?} later", since.elapsed()));
                }
                Ok(StatusCode::NOT_FOUND) => {
                    missed_since.get_or_insert_with(Instant::now);
                }
                _ => {}
            }
            sleep(PAUSE).await;
        }
        missed_since.map(|_| "to the end".to_owned())
    }
}
