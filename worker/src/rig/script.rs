//! A provider that answers by a script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use mysms_core::clock::{Clock, ManualClock};
use mysms_core::domain::{
    Address, Body, Consent, Content, Erasure, Media, MediaUrl, Medium, MessageId, PhoneNumber,
    ProviderId, ProviderStatus, Timestamp,
};
use mysms_core::provider::{
    Addressee, Clocks, Doubt, Erased, Found, Glossary, Likeness, Listed, Mark, OutgoingText,
    Pressure, Provider, ReadFailure, ReceivedPage, ReceivedText, RemoteMessage, Search, Span,
    StartDeadline, Verdict,
};
use tokio::time::Instant;

use super::{ACCOUNT, ANNA, SENDER, START};

/// What happens while the provider is asked to send.
type Meanwhile = BoxFuture<'static, ()>;

/// A provider that answers by a script, and without one takes every text.
pub(crate) struct Script {
    lines: Mutex<Lines>,
    clock: Arc<ManualClock>,
}

impl Default for Script {
    fn default() -> Self {
        Self::with(Arc::new(ManualClock::at(START)))
    }
}

#[derive(Default)]
struct Lines {
    sent: Vec<Sent>,
    answers: VecDeque<Answer>,
    lists: VecDeque<List>,
    known: HashMap<ProviderId, RemoteMessage>,
    received: Vec<Listed>,
    /// What comes of the next questions for what it received, instead of an answer.
    refusals: VecDeque<ReadFailure>,
    media: HashMap<ProviderId, Media>,
    /// The same for the files of a text.
    media_refusals: VecDeque<ReadFailure>,
    /// From which time on it cannot list what it received.
    fails_from: Option<Timestamp>,
    /// How many texts a page of that has.
    page_size: Option<usize>,
    /// The questions for it, by their spans.
    asked: Vec<(Timestamp, Option<Timestamp>)>,
    /// How far its clock is ahead, in milliseconds.
    ahead_ms: i64,
    is_forbidden: bool,
    is_silent: bool,
    /// It still works on what it is to erase.
    is_busy: bool,
    erased: Vec<ProviderId>,
}

/// A request to send.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) message: MessageId,
    pub(crate) from: String,
    pub(crate) segments: u32,
    /// From where it is to fetch the files.
    pub(crate) files: Vec<String>,
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
    /// One whose clock goes like ours.
    pub(crate) fn with(clock: Arc<ManualClock>) -> Self {
        Self {
            lines: Mutex::default(),
            clock,
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap()
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

    /// It has received a text.
    pub(crate) fn receives(&self, number: u32, from: &str, body: &str, at: Timestamp) {
        let at = Timestamp::from_millis(at.as_millis() + self.lines().ahead_ms);
        let text = ReceivedText {
            sid: sid(number),
            account: ACCOUNT.to_owned(),
            from: Address::of_author(from),
            to: Address::of_author(SENDER),
            service: None,
            body: Body::parse(body.to_owned()).ok(),
            media: Media::default(),
            consent: match body {
                "STOP" => Some(Consent::Withdrawn),
                "START" => Some(Consent::Given),
                _ => None,
            },
            understood_by_provider: false,
        };
        // It tells time in whole seconds.
        let at = Timestamp::from_millis(at.as_seconds() * 1000);
        self.lines().received.push(Listed {
            text,
            at,
            has_media: false,
        });
    }

    /// What it received last brings a file.
    pub(crate) fn received_a_picture(&self, url: &str) {
        let medium = Medium::at(MediaUrl::parse(url.to_owned()).unwrap());
        let mut lines = self.lines();
        let listed = lines.received.last_mut().unwrap();
        listed.has_media = true;
        let sid = listed.text.sid.clone();
        lines.media.insert(sid, Media::first_of([medium]));
    }

    /// What comes of the next questions for the files of a text.
    pub(crate) fn refuses_media(&self, failures: impl IntoIterator<Item = ReadFailure>) {
        self.lines().media_refusals.extend(failures);
    }

    /// What comes of the next questions for what it received.
    pub(crate) fn refuses(&self, failures: impl IntoIterator<Item = ReadFailure>) {
        self.lines().refusals.extend(failures);
    }

    /// It cannot list what it received at this time or later.
    pub(crate) fn fails_from(&self, at: Timestamp) {
        self.lines().fails_from = Some(at);
    }

    /// It can again.
    pub(crate) fn mends(&self) {
        self.lines().fails_from = None;
    }

    /// From now on it lists so few received texts at once.
    pub(crate) fn lists_by(&self, page_size: usize) {
        self.lines().page_size = Some(page_size);
    }

    /// Its clock is ahead of ours.
    pub(crate) fn is_ahead(&self, ms: i64) {
        self.lines().ahead_ms = ms;
    }

    /// The spans of the questions for what it received.
    pub(crate) fn asked(&self) -> Vec<(Timestamp, Option<Timestamp>)> {
        self.lines().asked.clone()
    }

    /// What its list shows of a span, the newest first.
    fn received_within(&self, span: &Span<'_>) -> Vec<Listed> {
        let is_within = |at| at >= span.from && span.until.is_none_or(|until| at < until);
        let mut listed = self.lines().received.clone();
        listed.retain(|listed| is_within(listed.at));
        listed.sort_by_key(|listed| listed.at);
        listed.reverse();
        listed
    }

    /// It does not let us read anything any more.
    pub(crate) fn forbid(&self) {
        self.lines().is_forbidden = true;
    }

    /// It does not answer questions any more.
    pub(crate) fn fall_silent(&self) {
        self.lines().is_silent = true;
    }

    /// It answers again, and lets us do what we may.
    pub(crate) fn recovers(&self) {
        let mut lines = self.lines();
        (lines.is_silent, lines.is_forbidden, lines.is_busy) = (false, false, false);
    }

    /// It still works on what it took.
    pub(crate) fn is_busy(&self) {
        self.lines().is_busy = true;
    }

    /// What it has erased, in that order.
    pub(crate) fn erased(&self) -> Vec<ProviderId> {
        self.lines().erased.clone()
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
                files: text
                    .media
                    .iter()
                    .map(|medium| medium.url.as_str().to_owned())
                    .collect(),
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

    fn is_listed_alike(&self, one: &Content, other: &Content) -> bool {
        one.body == other.body && one.media.len() == other.media.len()
    }

    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure> {
        self.may_be_read()?;
        Ok(self.lines().known.get(sid).cloned())
    }

    async fn received(
        &self,
        span: &Span<'_>,
        after: Option<&Mark>,
    ) -> Result<ReceivedPage, ReadFailure> {
        self.lines().asked.push((span.from, span.until));
        if let Some(failure) = self.lines().refusals.pop_front() {
            return Err(failure);
        }
        self.may_be_read()?;
        assert_eq!(span.senders, [SENDER]);
        let fails_from = self.lines().fails_from;
        if after.is_none() && fails_from.is_some_and(|at| span.from >= at) {
            return Err(ReadFailure::Status(502));
        }
        let listed = self.received_within(span);
        let page_size = self.lines().page_size.unwrap_or(listed.len().max(1));
        let begin: usize = after.map_or(0, |mark| mark.0.parse().unwrap());
        let end = (begin + page_size).min(listed.len());
        let now = self.clock.now();
        Ok(ReceivedPage {
            texts: listed[begin..end].to_vec(),
            unreadable: 0,
            next: (end < listed.len()).then(|| Mark(end.to_string())),
            clocks: Clocks {
                ours: now,
                theirs: Some(Timestamp::from_millis(
                    now.as_millis() + self.lines().ahead_ms,
                )),
            },
        })
    }

    async fn media_of(&self, sid: &ProviderId) -> Result<Media, ReadFailure> {
        let mut lines = self.lines();
        match lines.media_refusals.pop_front() {
            Some(failure) => Err(failure),
            None => Ok(lines.media.get(sid).cloned().unwrap_or_default()),
        }
    }

    async fn addressee(&self, sid: &ProviderId) -> Result<Addressee, ReadFailure> {
        self.may_be_read()?;
        let lines = self.lines();
        if lines.erased.contains(sid) {
            return Ok(Addressee::Gone);
        }
        Ok(Addressee::Number(PhoneNumber::parse(ANNA).unwrap()))
    }

    async fn erase(&self, sid: &ProviderId, _: Erasure) -> Result<Erased, ReadFailure> {
        self.may_be_read()?;
        let mut lines = self.lines();
        if lines.is_busy {
            return Ok(Erased::TooEarly);
        }
        lines.erased.push(sid.clone());
        Ok(Erased::Done)
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
