//! What a key may be good for, one permission at a time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A permission. Each route of the API names the one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    MessagesSend,
    MessagesRead,
    MessagesCancel,
    MessagesDelete,
    ConversationsRead,
    /// Says that what was received is read, and notes something on conversations.
    ConversationsWrite,
    ContactsRead,
    ContactsWrite,
    TemplatesRead,
    TemplatesWrite,
    /// Follows whatever happens, received texts included.
    EventsRead,
    /// Sees what belongs to nobody, if the key's owner may.
    InboxRead,
    /// Gives it to users.
    InboxWrite,
    /// Sees what people want of the senders that the key's owner looks after.
    ConsentRead,
    /// Writes it.
    ConsentWrite,
    SendersRead,
    SettingsRead,
    SettingsWrite,
    WebhooksRead,
    /// Lets systems be called with all that changes.
    WebhooksWrite,
}

#[derive(Debug, thiserror::Error)]
#[error("must be one of {}", Scope::ALL.map(Scope::as_str).join(", "))]
pub struct UnknownScope;

impl Scope {
    pub const ALL: [Self; 20] = [
        Self::MessagesSend,
        Self::MessagesRead,
        Self::MessagesCancel,
        Self::MessagesDelete,
        Self::ConversationsRead,
        Self::ConversationsWrite,
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::TemplatesRead,
        Self::TemplatesWrite,
        Self::EventsRead,
        Self::InboxRead,
        Self::InboxWrite,
        Self::ConsentRead,
        Self::ConsentWrite,
        Self::SendersRead,
        Self::SettingsRead,
        Self::SettingsWrite,
        Self::WebhooksRead,
        Self::WebhooksWrite,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MessagesSend => "messages:send",
            Self::MessagesRead => "messages:read",
            Self::MessagesCancel => "messages:cancel",
            Self::MessagesDelete => "messages:delete",
            Self::ConversationsRead => "conversations:read",
            Self::ConversationsWrite => "conversations:write",
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::TemplatesRead => "templates:read",
            Self::TemplatesWrite => "templates:write",
            Self::EventsRead => "events:read",
            Self::InboxRead => "inbox:read",
            Self::InboxWrite => "inbox:write",
            Self::ConsentRead => "consent:read",
            Self::ConsentWrite => "consent:write",
            Self::SendersRead => "senders:read",
            Self::SettingsRead => "settings:read",
            Self::SettingsWrite => "settings:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
        }
    }

    /// Whether it is only for users who see what belongs to nobody.
    pub const fn is_of_inbox(self) -> bool {
        matches!(self, Self::InboxRead | Self::InboxWrite)
    }

    /// Whether it is about people who write to us, of whom there are none in the sandbox.
    pub const fn is_of_people(self) -> bool {
        self.is_of_inbox() || matches!(self, Self::ConsentRead | Self::ConsentWrite)
    }

    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}
