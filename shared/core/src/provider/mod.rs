//! The ports to the provider that takes our texts, in our own words: [`Provider`] is the worker's,
//! [`Callbacks`] and [`MediaSource`] are the API's. How it names and lists things stays with the adapter.

mod callbacks;
mod checkup;
mod deadline;
mod erasing;
mod failure;
mod glossary;
mod media;
mod pressure;
mod received;
mod search;
mod verdict;

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::{
    Body, Content, Erasure, Media, MessageId, PhoneNumber, ProviderId, ProviderStatus,
    SenderAddress,
};

pub use callbacks::{Acknowledgement, Arrival, Call, CallError, Callbacks, ReceivedText, Report};
pub use checkup::{Change, Checkup, Health, Item, Setup};
pub use deadline::StartDeadline;
pub use erasing::{Addressee, Erased};
pub use failure::ReadFailure;
pub use glossary::Glossary;
pub use media::{ByteRange, CutShort, MediaFailure, MediaSource, OpenMedium, Part};
pub use pressure::Pressure;
pub use received::{Clocks, Listed, Mark, ReceivedPage, Span};
pub use search::{Alike, Doubt, Finding, Found, Likeness, Search};
pub use verdict::{NotSentReason, Scope, Verdict};

/// A provider, asked as the account that it was made for.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks it to send a text; exactly one request is made, and none begins after the deadline.
    async fn send(&self, text: &OutgoingText<'_>, deadline: StartDeadline) -> Verdict;

    /// Looks among all that it lists for what may be a text in doubt. Looking has no effect.
    async fn search(&self, doubt: &Doubt<'_>) -> Result<Search, ReadFailure>;

    /// Whether it may list one of these texts of ours as it lists the other, so that a search for the
    /// one finds both.
    fn is_listed_alike(&self, one: &Content, other: &Content) -> bool;

    /// What it says of a text that it took; `None` if it does not know it.
    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure>;

    /// A part of the list of what it received for us: the first, or that behind a mark which it gave for
    /// the same span. Listing has no effect.
    async fn received(
        &self,
        span: &Span<'_>,
        after: Option<&Mark>,
    ) -> Result<ReceivedPage, ReadFailure>;

    /// The files of a text that it received; none if it does not know it. Asking has no effect.
    async fn media_of(&self, sid: &ProviderId) -> Result<Media, ReadFailure>;

    /// To whom a text went that it took or received.
    async fn addressee(&self, sid: &ProviderId) -> Result<Addressee, ReadFailure>;

    /// Erases what it keeps of a text that it took or received, and of its files. Repeating it is harmless;
    /// after a failure part of it may be erased.
    async fn erase(&self, sid: &ProviderId, what: Erasure) -> Result<Erased, ReadFailure>;

    /// What its error codes mean.
    fn glossary(&self) -> Glossary;

    /// Whether we may search, without which no doubt could be settled.
    async fn check(&self) -> Result<(), ReadFailure>;
}

/// A text to be sent.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingText<'a> {
    /// What the provider reports is about this message.
    pub message: MessageId,
    /// The sender that it leaves from.
    pub from: &'a SenderAddress,
    pub to: &'a PhoneNumber,
    /// Empty only if there are media.
    pub body: &'a Body,
    pub media: &'a Media,
    /// How long the provider may keep trying; an adapter may use the nearest value that its provider has.
    pub validity: Duration,
}

/// What the provider says about a text that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMessage {
    pub sid: ProviderId,
    pub status: ProviderStatus,
    /// The provider's word for the status, if it is new to us.
    pub unknown_word: Option<String>,
    pub error_code: Option<String>,
}
