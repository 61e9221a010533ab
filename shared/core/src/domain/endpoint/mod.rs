//! Endpoints: what users have us call about their messages.

mod answer;
mod event_type;
mod progress;
mod refusing;
mod repeating;
mod secret;
mod telling;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Direction, EndpointId, Message, Tags, Timestamp, UserId};

pub use answer::{Answer, Attempt, Attempts, LISTED_ATTEMPTS, PostFailure, event_id};
pub use event_type::{EventType, EventTypes, InvalidEventTypes, UnknownEventType};
pub use progress::{EndpointLease, Progress, Replay, Trouble};
pub use refusing::{Aside, Failing, MOST_ASIDE, MOST_PENDING, Pending, Refusal, RefusedEvent};
pub use repeating::REPEATED_FOR;
pub use secret::{InvalidSecret, ROTATED_WITHIN, Secret, Secrets};
pub use telling::{TOLD_KEPT, Telling};

/// The endpoints that a user may have.
pub const MOST_ENDPOINTS: usize = 20;

/// What a user wants to have called. What workers know of it is its [`Progress`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: EndpointId,
    pub owner: UserId,
    pub url: EndpointUrl,
    #[serde(default)]
    pub description: Description,
    pub events: EventTypes,
    /// Only messages with all of these tags are told.
    #[serde(default)]
    pub tags: Tags,
    pub secrets: Secrets,
    pub created_at: Timestamp,
    #[serde(default)]
    pub state: EndpointState,
}

/// Whether an endpoint is called. One that is not loses nothing that is kept: it goes on where it was, or
/// from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum EndpointState {
    #[default]
    Active,
    Disabled {
        at: Timestamp,
        by: DisabledBy,
    },
}

/// What an endpoint was disabled by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBy {
    /// Its owner.
    Owner,
    /// Its answer 410.
    Gone,
    /// Nothing but failures for [`REPEATED_FOR`].
    Failing,
}

impl DisabledBy {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Gone, Self::Failing];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl Endpoint {
    /// The key of the endpoint's records. Those of a user begin with [`Self::keys_of`].
    pub fn key(&self) -> String {
        Self::key_of(self.owner, self.id)
    }

    pub fn key_of(owner: UserId, id: EndpointId) -> String {
        format!("{owner}/{id}")
    }

    /// What the keys of a user's endpoints begin with.
    pub fn keys_of(owner: UserId) -> String {
        format!("{owner}/")
    }

    /// Whose endpoint a key is about, and which.
    pub fn parse_key(key: &str) -> Option<(UserId, EndpointId)> {
        let (owner, id) = key.split_once('/')?;
        Some((owner.parse().ok()?, id.parse().ok()?))
    }

    pub fn is_active(&self) -> bool {
        self.state == EndpointState::Active
    }

    /// Returns false if it is disabled already, by whatever.
    pub fn disable(&mut self, by: DisabledBy, at: Timestamp) -> bool {
        let active = self.is_active();
        if active {
            self.state = EndpointState::Disabled { at, by };
        }
        active
    }

    /// What its [`Progress`] goes on from is decided there, before this is stored.
    pub fn enable(&mut self) {
        self.state = EndpointState::Active;
    }

    /// As which event the endpoint is to be told how a message is now; `None` if it is not to be. `told`:
    /// it was told of the message before. A text that was received before `news_since` is no news.
    pub fn event(&self, message: &Message, told: bool, news_since: Timestamp) -> Option<EventType> {
        let kind = if !message.visible {
            EventType::MessageDeleted
        } else if self.is_news(message, told, news_since) {
            EventType::MessageReceived
        } else {
            EventType::MessageUpdated
        };
        // What was just received is not also an update.
        let is_change = kind != EventType::MessageUpdated
            || message.direction == Direction::Outbound
            || message.version > 1 && !was_just_assigned(message);
        let wanted = self.events.contains(kind) && is_change;
        (wanted && (told || message.tags.has_all(&self.tags))).then_some(kind)
    }

    fn is_news(&self, message: &Message, told: bool, news_since: Timestamp) -> bool {
        message.direction == Direction::Inbound
            && !told
            && message.arrived_at() >= news_since
            && self.events.contains(EventType::MessageReceived)
    }
}

/// Whether it was given to its user, who has not seen it since.
fn was_just_assigned(message: &Message) -> bool {
    message.assigned_at.is_some() && message.unread
}

macro_rules! short_text {
    ($(#[$doc:meta])* $name:ident, $(#[$error_doc:meta])* $error:ident, $message:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        $(#[$error_doc])*
        #[derive(Debug, thiserror::Error)]
        #[error($message)]
        pub struct $error;

        impl $name {
            pub fn parse(text: String) -> Result<Self, $error> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err($error) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

short_text! {
    /// What is called. Whether it may be is decided by whoever calls. It often has a secret in it, so it
    /// is not logged.
    EndpointUrl,
    /// The text can be no URL.
    InvalidEndpointUrl,
    "must be a URL of at most 2,048 visible ASCII characters",
    |text| (1..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

short_text! {
    /// What its owner calls it.
    #[derive(Default)]
    Description,
    /// The text is too long, or has control characters.
    InvalidDescription,
    "must have at most 200 characters, and none that control",
    |text| text.chars().count() <= 200 && !text.contains(char::is_control)
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointUrl(…)")
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
