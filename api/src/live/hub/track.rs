//! Which of a user's changes were sent, and which come next.

use std::collections::HashMap;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{EndpointId, Message, MessageId, Timestamp, UserId};
use mysms_core::provider::Glossary;
use mysms_core::store::{Place, Result};
use tokio::time::Instant;

use crate::live::event::Event;
use crate::live::news::News;
use crate::live::source::{DisabledEndpoint, Source};

/// How long after its own time a change is stored at the latest, while the store is there.
const COMMIT_DELAY: Duration = Duration::from_secs(5);

/// How far behind a place changes may still turn up: two clocks differ by twice the skew.
pub(crate) const OVERLAP: Duration =
    Duration::from_secs(2 * MAX_CLOCK_SKEW.as_secs() + COMMIT_DELAY.as_secs());

/// How long after an outage of the store its writers may take to store what they could not.
const STRAGGLERS: Duration = Duration::from_secs(30);

/// The most changes that are sent one by one. After more, to read its list again costs a client less.
pub(crate) const MOST: usize = 1000;

/// Messages read in one go, and in one look.
const PART: usize = 500;
const LONGEST_LOOK: usize = 20_000;

/// The least time between two looks for one user: however fast texts of theirs change, they cost ten
/// looks a second.
const PACE: Duration = Duration::from_millis(100);

/// What there is to look for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Messages that changed since this time, because that was announced.
    pub(super) since: Option<Timestamp>,
    /// Endpoints, because that was announced.
    pub(super) endpoints: bool,
    /// What the user noted on conversations, because that was announced.
    pub(super) marks: bool,
    /// Whatever may have turned up since the last whole look.
    pub(super) whole: bool,
}

/// How far the changes of a user were sent.
#[derive(Debug)]
pub(super) struct Track {
    /// Everything stored before this is sent, by this machine's clock.
    pub(super) settled: Timestamp,
    /// What was sent of changes that the next whole look reads again, to recognise them by.
    told: HashMap<MessageId, Told>,
    /// The same of endpoints: when those were disabled of which that was sent.
    told_endpoints: HashMap<EndpointId, Timestamp>,
    /// The same of what the user noted on conversations.
    told_marks: Option<Timestamp>,
    glossary: Glossary,
    /// The earliest change that was announced and could not be read.
    missed: Option<Timestamp>,
    failing: bool,
    /// Until then writers may still store what they could not during an outage of the store. Whole looks
    /// go back to its beginning.
    held_until: Option<Instant>,
    /// When the next look may begin.
    pub(super) rested: Instant,
}

#[derive(Debug)]
struct Told {
    at: Timestamp,
    visible: bool,
}

impl Due {
    pub(super) fn since(at: Timestamp) -> Self {
        let since = Some(at);
        Self {
            since,
            ..Self::default()
        }
    }

    pub(super) fn endpoints() -> Self {
        Self {
            endpoints: true,
            ..Self::default()
        }
    }

    pub(super) fn marks() -> Self {
        Self {
            marks: true,
            ..Self::default()
        }
    }

    pub(super) fn whole() -> Self {
        Self {
            whole: true,
            ..Self::default()
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            since: self.since.into_iter().chain(other.since).min(),
            endpoints: self.endpoints || other.endpoints,
            marks: self.marks || other.marks,
            whole: self.whole || other.whole,
        }
    }
}

impl Track {
    pub(super) fn from(settled: Timestamp, glossary: Glossary) -> Self {
        Self {
            settled,
            told: HashMap::new(),
            told_endpoints: HashMap::new(),
            told_marks: None,
            glossary,
            missed: None,
            failing: false,
            held_until: None,
            rested: Instant::now(),
        }
    }

    /// Reads what is due, and returns what was not sent before.
    pub(super) async fn look(
        &mut self,
        source: &Source,
        owner: UserId,
        due: Due,
        now: Timestamp,
    ) -> Vec<Event> {
        // What was announced stays due until a look has read it.
        self.missed = self.missed.into_iter().chain(due.since).min();
        let mut news = News::new(self.glossary, self.settled - OVERLAP);
        let mut too_many = false;
        // What was found before a failure is sent all the same, because `told` has it already.
        match self.read_due(source, owner, due, &mut news).await {
            Ok(all) => {
                too_many = !all;
                self.missed = None;
                if due.whole {
                    self.settle(now);
                }
            }
            Err(error) => {
                if !self.failing {
                    tracing::warn!(error = %Chain(&error), "changes cannot be seen for now");
                }
                self.failing = true;
            }
        }
        self.rested = Instant::now() + PACE;
        if too_many || news.len() > MOST {
            return vec![Event::reset()];
        }
        news.into_events()
    }

    /// Returns false if there is too much to be told one by one.
    async fn read_due(
        &mut self,
        source: &Source,
        owner: UserId,
        due: Due,
        news: &mut News,
    ) -> Result<bool> {
        let mut all = true;
        let window = self.settled - OVERLAP;
        let whole = due.whole.then_some(window);
        if let Some(since) = self.missed.into_iter().chain(whole).min() {
            all = self.read(source, (owner, since), news).await?;
        }
        if due.whole || due.endpoints {
            for endpoint in source.disabled_since(owner, window).await? {
                if self.is_newly_disabled(&endpoint) {
                    news.push(Event::disabled(&endpoint));
                }
            }
        }
        if due.whole || due.marks {
            let marked = source.marked_since(owner, window).await?;
            if marked.is_some_and(|at| self.is_newly_marked(at)) {
                news.push(Event::marked());
            }
        }
        Ok(all)
    }

    async fn read(
        &mut self,
        source: &Source,
        (owner, since): (UserId, Timestamp),
        news: &mut News,
    ) -> Result<bool> {
        let (mut place, mut read) = (Place::before(since), 0);
        loop {
            let part = source.changed_after(owner, place, PART).await?;
            for message in &part {
                let told = self.told.contains_key(&message.id);
                if self.is_new(message) {
                    news.add(message, told)?;
                }
            }
            read += part.len();
            let Some(last) = part.last().filter(|_| part.len() == PART) else {
                return Ok(true);
            };
            if read >= LONGEST_LOOK {
                return Ok(false);
            }
            place = Place::of(last);
        }
    }

    /// Each change that a user sees moves the time on. Once a deletion was sent, nothing more of that
    /// message is.
    fn is_new(&mut self, message: &Message) -> bool {
        let (at, visible) = (message.updated_at, message.visible);
        let before = self.told.get(&message.id);
        let new = before.is_none_or(|told| told.at < at && (told.visible || visible));
        if new {
            self.told.insert(message.id, Told { at, visible });
        }
        new
    }

    fn is_newly_disabled(&mut self, endpoint: &DisabledEndpoint) -> bool {
        let before = self.told_endpoints.insert(endpoint.id, endpoint.at);
        before.is_none_or(|before| before < endpoint.at)
    }

    fn is_newly_marked(&mut self, at: Timestamp) -> bool {
        let before = self.told_marks.replace(at);
        before.is_none_or(|before| before < at)
    }

    /// Everything that was stored before `now` has been read.
    fn settle(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.failing) {
            self.held_until = Some(Instant::now() + STRAGGLERS);
        }
        // `settled` stays where it was before the outage, so the looks begin there.
        if self.held_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        self.held_until = None;
        // A clock that was set back must not make it send everything again.
        self.settled = self.settled.max(now);
        let window = self.settled - OVERLAP;
        // What is older than any look to come is not read again, and need not be recognised.
        self.told.retain(|_, told| told.at >= window);
        self.told_endpoints.retain(|_, at| *at >= window);
    }
}
