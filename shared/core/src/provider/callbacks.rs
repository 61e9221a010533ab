//! What a provider calls us about: the API receives it, and the provider's adapter knows whether it is
//! genuine and what it means.

use std::error::Error;

use http::HeaderMap;

use super::{Glossary, RemoteMessage};
use crate::domain::{
    Address, Body, Consent, Evidence, Inbound, Media, MessageId, PhoneNumber, ProviderId, Receiver,
    Registry, Timestamp, UserId,
};

/// The API's side of a provider, for the account and the addresses that it was made for.
pub trait Callbacks: Send + Sync {
    /// Reads what a call says about a text of ours.
    fn report(&self, call: &Call<'_>) -> Result<Report, CallError>;

    /// Reads a text that the provider received for us.
    fn received(&self, call: &Call<'_>) -> Result<ReceivedText, CallError>;

    /// How the provider wants to be answered once such a text is stored.
    fn acknowledgement(&self) -> Acknowledgement;

    /// What its error codes mean.
    fn glossary(&self) -> Glossary;
}

/// A request that may be the provider's.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The path and the query as they arrived.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// Why nothing was learned from a call.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("the call is not the provider's")]
    NotGenuine,
    /// It is the provider's, and says something else than we expect.
    #[error(transparent)]
    Unreadable(Box<dyn Error + Send + Sync>),
}

/// What the provider says about a text of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The message that we gave the provider with the text, if the call names it.
    pub message: Option<MessageId>,
    /// The provider account that speaks.
    pub account: String,
    pub text: RemoteMessage,
    /// The recipient, if the text failed because they want none from our sender.
    pub unwilling: Option<PhoneNumber>,
}

/// A text that the provider received for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedText {
    pub sid: ProviderId,
    pub account: String,
    pub from: Address,
    pub to: Address,
    pub service: Option<String>,
    pub body: Option<Body>,
    /// What it brings, as far as that could be read.
    pub media: Media,
    /// What it says about our texts, if it is about that.
    pub consent: Option<Consent>,
    /// Whether the provider itself said so, whatever the words are.
    pub understood_by_provider: bool,
}

impl ReceivedText {
    /// Why it is believed what it says about our texts.
    pub fn evidence(&self) -> Evidence {
        Evidence::text(&self.sid, self.understood_by_provider)
    }

    /// The message that it becomes: for whom the rule of our number says, or `otherwise`.
    pub fn stored_as(self, arrival: Arrival, registry: &Registry, otherwise: UserId) -> Inbound {
        let inbound = Inbound {
            id: arrival.id,
            sid: self.sid,
            account: self.account,
            from: self.from,
            to: self.to,
            service: self.service,
            receiver: Receiver::Holder,
            otherwise,
            body: self.body,
            media: self.media,
            at: arrival.at,
            recovered_at: arrival.recovered_at,
            left: Vec::new(),
        };
        let receiver = registry.receiver(&inbound.senders());
        Inbound {
            receiver,
            ..inbound
        }
    }
}

/// When a text was received, and how we heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The caller makes it, so that storing the text may be repeated after an unclear answer.
    id: MessageId,
    at: Timestamp,
    recovered_at: Option<Timestamp>,
}

impl Arrival {
    /// The provider tells of it now.
    pub fn told(now: Timestamp) -> Self {
        Self {
            id: MessageId::generate(now),
            at: now,
            recovered_at: None,
        }
    }

    /// It was received then, and found in the provider's list now. Of those that were received at the
    /// same time the one that is made first comes first.
    pub fn found(at: Timestamp, now: Timestamp) -> Self {
        // Nothing is from the future, whatever the provider's clock says.
        let at = at.min(now);
        Self {
            id: MessageId::generate(at),
            at,
            recovered_at: Some(now),
        }
    }
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    pub content_type: &'static str,
    pub body: &'static str,
}
