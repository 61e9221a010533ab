//! A provider that answers by a script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use mysms_core::domain::{Body, MessageId, ProviderId, ProviderStatus};
use mysms_core::provider::{
    Doubt, Found, Glossary, Likeness, OutgoingText, Pressure, Provider, ReadFailure, RemoteMessage,
    Search, StartDeadline, Verdict,
};
use tokio::time::Instant;

/// What happens while the provider is asked to send.
type Meanwhile = BoxFuture<'static, ()>;

/// A provider that answers by a script, and without one takes every text.
#[derive(Default)]
pub(crate) struct Script(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    sent: Vec<Sent>,
    answers: VecDeque<Answer>,
    lists: VecDeque<List>,
    known: HashMap<ProviderId, RemoteMessage>,
    is_forbidden: bool,
    is_silent: bool,
}

/// A request to send.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) message: MessageId,
    pub(crate) from: String,
    pub(crate) segments: u32,
    pub(crate) at: Instant,
}

/// What comes of a request to send.
pub(crate) enum Answer {
    Verdict(Verdict),
    Panic,
    /// The verdict, after this has happened.
    After(Meanwhile, Verdict),
}

/// What a search finds.
pub(crate) type List = Vec<(u32, Likeness)>;

pub(crate) fn sid(number: u32) -> ProviderId {
    ProviderId::parse(&format!("SM{number:032x}")).unwrap()
}

pub(crate) fn remote(number: u32, word: &str) -> RemoteMessage {
    RemoteMessage {
        sid: sid(number),
        status: ProviderStatus::of(word.parse().unwrap()).unwrap(),
        unknown_word: None,
        error_code: None,
    }
}

pub(crate) fn taken(number: u32) -> Answer {
    Answer::Verdict(Verdict::Accepted(remote(number, "accepted")))
}

pub(crate) fn lost() -> Answer {
    Answer::Verdict(Verdict::Unknown {
        detail: "no answer came",
    })
}

impl Script {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap()
    }

    /// The texts that it was asked to send, in their order.
    pub(crate) fn sent(&self) -> Vec<MessageId> {
        self.requests().iter().map(|sent| sent.message).collect()
    }

    /// What it was asked to send, in that order.
    pub(crate) fn requests(&self) -> Vec<Sent> {
        self.lines().sent.clone()
    }

    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.lines().answers.extend(answers);
    }

    pub(crate) fn lists(&self, lists: impl IntoIterator<Item = List>) {
        self.lines().lists.extend(lists);
    }

    pub(crate) fn knows(&self, remote: RemoteMessage) {
        self.lines().known.insert(remote.sid.clone(), remote);
    }

    /// It does not let us read anything any more.
    pub(crate) fn forbid(&self) {
        self.lines().is_forbidden = true;
    }

    /// It does not answer questions any more.
    pub(crate) fn fall_silent(&self) {
        self.lines().is_silent = true;
    }

    fn may_be_read(&self) -> Result<(), ReadFailure> {
        let lines = self.lines();
        if lines.is_forbidden {
            return Err(ReadFailure::Refused {
                code: "20003".to_owned(),
                detail: "The key may not do this.",
            });
        }
        if lines.is_silent {
            return Err(ReadFailure::Status(502));
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for Script {
    async fn send(&self, text: &OutgoingText<'_>, _: StartDeadline) -> Verdict {
        let (answer, number) = {
            let mut lines = self.lines();
            lines.sent.push(Sent {
                message: text.message,
                from: text.from.as_str().to_owned(),
                segments: text.body.segments(),
                at: Instant::now(),
            });
            (lines.answers.pop_front(), lines.sent.len())
        };
        match answer {
            Some(Answer::Verdict(verdict)) => verdict,
            Some(Answer::Panic) => panic!("as the test wants it"),
            Some(Answer::After(meanwhile, verdict)) => {
                meanwhile.await;
                verdict
            }
            None => Verdict::Accepted(remote(u32::try_from(number).unwrap(), "accepted")),
        }
    }

    async fn search(&self, doubt: &Doubt<'_>) -> Result<Search, ReadFailure> {
        self.may_be_read()?;
        let list = self.lines().lists.pop_front().unwrap_or_default();
        let found = list.into_iter().map(|(number, likeness)| Found {
            message: remote(number, "sent"),
            likeness,
            created_at: Some(doubt.last_claim_at),
        });
        Ok(Search {
            found: found.collect(),
            requested_at: doubt.last_claim_at + doubt.lease * 2,
        })
    }

    fn is_listed_alike(&self, one: &Body, other: &Body) -> bool {
        one == other
    }

    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure> {
        self.may_be_read()?;
        Ok(self.lines().known.get(sid).cloned())
    }

    fn glossary(&self) -> Glossary {
        Glossary::new(|_| "It does not want it.").with_pressures(|code| match code {
            "30022" => Some(Pressure::SlowDown),
            "30023" => Some(Pressure::StopUntilMidnight),
            _ => None,
        })
    }

    async fn check(&self) -> Result<(), ReadFailure> {
        self.may_be_read()
    }
}
