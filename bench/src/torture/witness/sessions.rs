//! Sessions that end, and must not begin again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::Account;
use rand::seq::IndexedRandom as _;
use reqwest::{Method, StatusCode};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use super::lock;
use crate::torture::judge::{Offence, Wrong};

/// Between two sessions.
const BETWEEN: Duration = Duration::from_secs(1);

/// Between two tries to end one.
const PAUSE: Duration = Duration::from_millis(300);

/// How long an API may take to know of what ended at another one, with some time for one that is
/// started meanwhile.
const KNOWN_AFTER: Duration = Duration::from_secs(10);

/// For how long an API may be with a primary that the others have left already. What ended there it
/// cannot know.
const BLIND: Duration = Duration::from_secs(40);

/// How long an API may take to answer at all.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Sessions {
    account: Account,
    bases: Vec<String>,
    ended: Mutex<Vec<Ended>>,
    /// For how long one was good after somebody had been told that it has ended.
    good_for: Mutex<Duration>,
    /// By token, so that each counts once.
    revived: Mutex<BTreeMap<String, String>>,
}

#[derive(Clone)]
struct Ended {
    session: Account,
    at: Instant,
}

impl Sessions {
    pub(super) fn new(account: Account, bases: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            account,
            bases,
            ended: Mutex::default(),
            good_for: Mutex::default(),
            revived: Mutex::default(),
        })
    }

    /// Begins and ends sessions, and tries those that have ended, until it is stopped.
    pub(super) async fn come_and_go(self: Arc<Self>) {
        let mut ticks = interval(BETWEEN);
        let mut ending = JoinSet::new();
        loop {
            ticks.tick().await;
            if let Ok(session) = self.account.logged_in(self.any_api()).await {
                ending.spawn(Arc::clone(&self).end(session));
            }
            let one = lock(&self.ended).choose(&mut rand::rng()).cloned();
            if let Some(one) = one {
                let base = self.any_api();
                self.try_out(&one, base).await;
            }
            while ending.try_join_next().is_some() {}
        }
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.ended).len()
    }

    pub(super) fn good_for(&self) -> Duration {
        *lock(&self.good_for)
    }

    /// Every token that has ended is refused by every API.
    pub(super) async fn judge(&self) -> Vec<Offence> {
        let ended = lock(&self.ended).clone();
        for one in &ended {
            for base in &self.bases {
                self.wait_until_refused(one, base).await;
            }
        }
        let revived = lock(&self.revived);
        let offences = revived.values().map(|why| Offence {
            wrong: Wrong::Revived,
            text: String::new(),
            ids: Vec::new(),
            why: why.clone(),
        });
        offences.collect()
    }

    /// Logs out, at either API, until it is told that the token has ended: by the answer, or because
    /// the token is refused.
    async fn end(self: Arc<Self>, session: Account) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let request = session.request(Method::POST, self.any_api(), "/logout");
            let status = request.send().await.map(|answer| answer.status());
            if status.is_ok_and(|status| status.is_success() || status == StatusCode::UNAUTHORIZED)
            {
                let at = Instant::now();
                lock(&self.ended).push(Ended { session, at });
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether a token that has ended is refused now; not if an API does not know.
    async fn try_out(&self, one: &Ended, base: &str) -> bool {
        let request = one.session.request(Method::GET, base, "/me");
        let age = one.at.elapsed();
        match request.send().await.map(|answer| answer.status()) {
            Ok(StatusCode::UNAUTHORIZED) => true,
            Ok(StatusCode::OK) => {
                let mut good_for = lock(&self.good_for);
                *good_for = age.max(*good_for);
                if age > BLIND {
                    let why = format!("{base} accepts a token that ended {age:?} ago");
                    self.accuse(one, why);
                }
                false
            }
            _ => false,
        }
    }

    async fn wait_until_refused(&self, one: &Ended, base: &str) {
        let deadline = Instant::now() + KNOWN_AFTER;
        while Instant::now() < deadline {
            if self.try_out(one, base).await {
                return;
            }
            sleep(PAUSE).await;
        }
        let why = format!("{base} accepts a token that has ended, to the end");
        self.accuse(one, why);
    }

    fn accuse(&self, one: &Ended, why: String) {
        let token = one.session.token().to_owned();
        lock(&self.revived).insert(token, why);
    }

    fn any_api(&self) -> &str {
        &self.bases[rand::random_range(0..self.bases.len())]
    }
}
