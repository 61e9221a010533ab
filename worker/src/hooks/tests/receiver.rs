//! A receiver that answers by a script, and writes down what it hears.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mysms_core::domain::{Answer, EndpointUrl, MessageId};
use mysms_core::post::{Call, Objection, Post, Posted};
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

/// A receiver that takes everything, unless it is told otherwise.
pub(super) struct Receiver {
    state: Mutex<State>,
    /// Calls that may be answered.
    gate: Semaphore,
    heard: Notify,
}

#[derive(Default)]
struct State {
    calls: Vec<Heard>,
    answer: Option<Answer>,
    retry_after: Option<Duration>,
    refused: HashMap<MessageId, Answer>,
    under_way: usize,
    most_at_once: usize,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) id: String,
    pub(super) body: Value,
    pub(super) signers: usize,
    pub(super) url: String,
    pub(super) taken: bool,
}

impl Receiver {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS / 2),
            heard: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it answers this to everything.
    pub(super) fn answers(&self, status: u16) {
        self.state().answer = Some(Answer::Status(status));
    }

    pub(super) fn asks_for(&self, pause: Option<Duration>) {
        self.state().retry_after = pause;
    }

    /// It refuses what is about a message.
    pub(super) fn refuses(&self, message: MessageId) {
        self.state().refused.insert(message, Answer::Status(422));
    }

    pub(super) fn refuses_nothing(&self) {
        self.state().refused.clear();
    }

    /// It does not answer until it is let.
    pub(super) fn hang(&self) {
        self.gate.forget_permits(usize::MAX);
    }

    pub(super) fn let_answer(&self, calls: usize) {
        self.gate.add_permits(calls);
    }

    /// Waits until so many calls have begun.
    pub(super) async fn has_heard(&self, calls: usize) {
        loop {
            let heard = self.heard.notified();
            if self.calls().len() >= calls {
                return;
            }
            heard.await;
        }
    }

    pub(super) fn calls(&self) -> Vec<Heard> {
        self.state().calls.clone()
    }

    pub(super) fn forget(&self) {
        self.state().calls.clear();
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    /// The kinds of all that it heard, in their order.
    pub(super) fn kinds(&self) -> Vec<String> {
        let calls = self.calls();
        calls.iter().map(|heard| heard.text("type")).collect()
    }

    /// What it took: the versions of each message, in their order.
    pub(super) fn book(&self) -> BTreeMap<String, Vec<u64>> {
        let mut book = BTreeMap::<_, Vec<_>>::new();
        for heard in self.calls().iter().filter(|heard| heard.taken) {
            let data = &heard.body["data"];
            let id = data["id"].as_str().unwrap().to_owned();
            book.entry(id)
                .or_default()
                .push(data["version"].as_u64().unwrap());
        }
        book
    }
}

impl Heard {
    pub(super) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn version(&self) -> u64 {
        self.body["data"]["version"].as_u64().unwrap()
    }

    pub(super) fn previous(&self) -> Option<u64> {
        self.body["data"]["previous_version"].as_u64()
    }

    pub(super) fn steps(&self) -> Vec<String> {
        let steps = self.body["data"]["timeline"].as_array().unwrap();
        let event = |step: &Value| step["event"].as_str().unwrap().to_owned();
        steps.iter().map(event).collect()
    }
}

#[async_trait]
impl Post for Receiver {
    async fn examine(&self, _url: &EndpointUrl) -> Result<(), Objection> {
        Ok(())
    }

    async fn post(&self, call: Call) -> Posted {
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let about = body["data"]["id"].as_str().unwrap().parse().unwrap();
        let place = {
            let mut state = self.state();
            state.under_way += 1;
            state.most_at_once = state.most_at_once.max(state.under_way);
            state.calls.push(Heard {
                id: call.id,
                body,
                signers: call.secrets.len(),
                url: call.url.as_str().to_owned(),
                taken: false,
            });
            state.calls.len() - 1
        };
        self.heard.notify_waiters();
        self.gate.acquire().await.unwrap().forget();
        let mut state = self.state();
        state.under_way -= 1;
        let usual = state.answer.unwrap_or(Answer::Status(204));
        let answer = state.refused.get(&about).copied().unwrap_or(usual);
        if let Some(heard) = state.calls.get_mut(place) {
            heard.taken = answer.is_taken();
        }
        Posted {
            answer,
            retry_after: state.retry_after,
        }
    }
}
