//! What an endpoint may be told.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum EventType {
    /// A text was received; told once.
    MessageReceived,
    /// A message changed, or is told for the first time and was not received.
    MessageUpdated,
    /// A message was deleted.
    MessageDeleted,
    /// Its user asked for it, to try an endpoint. Nobody subscribes to it.
    Test,
}

/// The text names no kind of event.
#[derive(Debug, thiserror::Error)]
#[error("is not a type of event: use message.received, message.updated or message.deleted")]
pub struct UnknownEventType;

/// The kinds of events that an endpoint is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<EventType>", into = "BTreeSet<EventType>")]
pub struct EventTypes(BTreeSet<EventType>);

/// There are none, or one that nobody can subscribe to.
#[derive(Debug, thiserror::Error)]
#[error("has to name at least one of message.received, message.updated and message.deleted")]
pub struct InvalidEventTypes;

impl EventType {
    pub const ALL: [Self; 4] = [
        Self::MessageReceived,
        Self::MessageUpdated,
        Self::MessageDeleted,
        Self::Test,
    ];

    /// Those that an endpoint may subscribe to.
    pub const OFFERED: [Self; 3] = [
        Self::MessageReceived,
        Self::MessageUpdated,
        Self::MessageDeleted,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessageReceived => "message.received",
            Self::MessageUpdated => "message.updated",
            Self::MessageDeleted => "message.deleted",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = UnknownEventType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        named.ok_or(UnknownEventType)
    }
}

impl TryFrom<String> for EventType {
    type Error = UnknownEventType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventType> for &'static str {
    fn from(kind: EventType) -> Self {
        kind.as_str()
    }
}

impl EventTypes {
    /// All that there is to subscribe to.
    pub fn all() -> Self {
        Self(EventType::OFFERED.into())
    }

    pub fn contains(&self, kind: EventType) -> bool {
        self.0.contains(&kind)
    }

    pub fn iter(&self) -> impl Iterator<Item = EventType> {
        self.0.iter().copied()
    }
}

impl TryFrom<BTreeSet<EventType>> for EventTypes {
    type Error = InvalidEventTypes;

    fn try_from(kinds: BTreeSet<EventType>) -> Result<Self, Self::Error> {
        if kinds.is_empty() || kinds.contains(&EventType::Test) {
            return Err(InvalidEventTypes);
        }
        Ok(Self(kinds))
    }
}

impl From<EventTypes> for BTreeSet<EventType> {
    fn from(kinds: EventTypes) -> Self {
        kinds.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_subscribes_to_at_least_one_of_what_is_offered() {
        let read = |text| serde_json::from_str::<EventTypes>(text);
        for text in ["[]", r#"["test"]"#, r#"["message.sent"]"#, "{}"] {
            assert!(read(text).is_err(), "{text}");
        }
        let twice = read(r#"["message.updated", "message.received", "message.updated"]"#);
        let written = serde_json::to_string(&twice.unwrap()).unwrap();
        assert_eq!(written, r#"["message.received","message.updated"]"#);
        assert!(EventType::ALL.into_iter().all(|kind| {
            let offered = EventTypes::all().contains(kind);
            kind.as_str().parse::<EventType>().unwrap() == kind
                && offered != (kind == EventType::Test)
        }));
    }
}
