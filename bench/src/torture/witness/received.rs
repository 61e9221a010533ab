//! Texts to us, told as the provider tells them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::lock;
use crate::messenger::InboundText;
use crate::torture::judge::{Offence, Wrong};
use crate::torture::ledger::Row;

/// Between two texts.
const BETWEEN: Duration = Duration::from_secs(1);

/// How often a text is told that is not taken: the first time, and Twilio's five repetitions.
const TRIES: u32 = 6;

/// Before the first repetition; each later pause is twice as long.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Received {
    /// Where the APIs are, and where the provider believes them to be.
    bases: Vec<String>,
    public: String,
    /// SIDs of those that were taken.
    taken: Mutex<Vec<String>>,
}

impl Received {
    pub(super) fn new(bases: Vec<String>, public: String) -> Arc<Self> {
        Arc::new(Self {
            bases,
            public,
            taken: Mutex::default(),
        })
    }

    /// Tells of one text after the other, until it is stopped.
    pub(super) async fn tell_all(self: Arc<Self>, authors: Vec<String>) {
        // Without a client nobody is told anything, and that shows.
        let Ok(http) = lab::http(Duration::from_secs(6)) else {
            return;
        };
        let mut ticks = interval(BETWEEN);
        let mut telling = JoinSet::new();
        for (n, from) in authors.into_iter().cycle().enumerate() {
            ticks.tick().await;
            let text = InboundText {
                sid: format!("SM{:032x}", rand::random::<u128>()),
                from,
                body: format!("text to us {n}"),
            };
            telling.spawn(Arc::clone(&self).tell(http.clone(), text));
            while telling.try_join_next().is_some() {}
        }
    }

    async fn tell(self: Arc<Self>, http: reqwest::Client, text: InboundText) {
        for attempt in 0..TRIES {
            // As a load balancer does, which gives the repetition to any of them.
            let base = &self.bases[rand::random_range(0..self.bases.len())];
            let answer = text.tell(&http, base, &self.public).await;
            if answer.is_ok_and(|status| status.is_success()) {
                lock(&self.taken).push(text.sid);
                return;
            }
            sleep(PAUSE * 2_u32.pow(attempt)).await;
        }
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.taken).len()
    }

    /// Each that was taken is in the ledger, once.
    pub(super) fn judge(&self, rows: &[Row]) -> Vec<Offence> {
        let mut kept = HashMap::<&str, usize>::new();
        for provider in rows.iter().filter_map(|row| row.provider.as_ref()) {
            *kept.entry(&provider.sid).or_default() += 1;
        }
        let taken = lock(&self.taken);
        let wrong = taken.iter().filter_map(|sid| {
            let count = kept.get(&**sid).copied().unwrap_or(0);
            (count != 1).then(|| Offence {
                wrong: Wrong::Received,
                text: sid.clone(),
                ids: Vec::new(),
                why: format!("the provider was told that it is taken, it is there {count} times"),
            })
        });
        wrong.collect()
    }
}
