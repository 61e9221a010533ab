//! What happened to a message, step by step.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ProviderId, Status, Timestamp};

/// A timeline keeps this many of its latest entries.
pub const TIMELINE_LIMIT: usize = 100;

/// One step of a message's life. `detail` is our own words: the provider's may echo a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    pub at: Timestamp,
    pub event: Event,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<ProviderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl TimelineEntry {
    pub fn new(at: Timestamp, event: Event) -> Self {
        Self {
            at,
            event,
            sid: None,
            status: None,
            code: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn with_sid(mut self, sid: &ProviderId) -> Self {
        self.sid = Some(sid.clone());
        self
    }

    #[must_use]
    pub fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.map(str::to_owned);
        self
    }

    #[must_use]
    pub fn with_detail(mut self, detail: Option<&str>) -> Self {
        self.detail = detail.map(str::to_owned);
        self
    }

    /// Whether both entries record the same word of the provider; it is listed once however often
    /// it arrives.
    pub fn is_same_fact(&self, other: &Self) -> bool {
        self.event == other.event
            && self.sid == other.sid
            && self.status == other.status
            && self.code == other.code
    }
}

/// Appends an entry, dropping the oldest ones over the limit.
pub(super) fn append(timeline: &mut Vec<TimelineEntry>, entry: TimelineEntry) {
    timeline.push(entry);
    let excess = timeline.len().saturating_sub(TIMELINE_LIMIT);
    timeline.drain(..excess);
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The kinds of steps, with the words under which users see them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Event {
            $($(#[$doc])* $variant,)+
        }

        impl Event {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

events! {
    /// The API stored the message.
    Queued = "queued",
    /// A worker claimed it in order to send it.
    Attempt = "attempt",
    /// The provider refused it for good.
    Rejected = "rejected by the provider",
    /// Nothing was sent; it will be tried again.
    NotSent = "not sent",
    /// The provider asked to slow down.
    Throttled = "throttled",
    /// The account or the sender is at fault, so sending is paused.
    Paused = "sending paused",
    /// It may have been sent, or not.
    OutcomeUnknown = "outcome unknown",
    /// A complete look at the provider's list did not show it.
    NotInList = "not in the provider's list",
    /// The provider's list could not be read, or could not settle the question.
    ListUnclear = "the provider's list was unclear",
    /// It was found in the provider's list.
    Adopted = "adopted",
    /// It was absent from the list twice, so it goes out again.
    SentAgain = "sent again",
    /// The doubt could not be settled in time.
    GivenUp = "given up",
    /// It was not sent in time.
    Expired = "expired",
    /// The user took it back.
    Canceled = "canceled",
    /// Its recipient wants no texts.
    OptedOut = "the recipient opted out",
    /// The user deleted it.
    Deleted = "deleted",
    /// The provider has its text no more.
    ErasedAtProvider = "erased at the provider",
    /// The ledger was restored from a backup that cannot know whether it was sent since.
    Restored = "restored from a backup",
    /// It leaves from another sender than the one that it was accepted for.
    Moved = "moved to another sender",
    /// It would have left in quiet hours, and waits for their end.
    Quiet = "quiet hours",
    /// The provider said something about its SID.
    Provider = "provider",
    /// The provider said something about a second SID for it.
    Surplus = "surplus",
}

#[derive(Debug, thiserror::Error)]
#[error("is not a timeline event")]
pub struct UnknownEvent;

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Event {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|event| event.as_str() == text)
            .ok_or(UnknownEvent)
    }
}

impl TryFrom<String> for Event {
    type Error = UnknownEvent;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Event> for &'static str {
    fn from(event: Event) -> Self {
        event.as_str()
    }
}
