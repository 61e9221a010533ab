//! The port to small shared state: records that are replaced as a whole, and only in the version that
//! was seen.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Result, StoreError};
use crate::domain::Timestamp;

/// Records of a few kinds, each under a key.
///
/// What a record means stands where it is used: a store only keeps it.
#[async_trait]
pub trait Records: Send + Sync {
    /// Reads a record as a majority has it. `now` is the caller's time.
    async fn record(&self, kind: Kind, key: &str, now: Timestamp) -> Result<Reading>;

    /// All records of a kind, by their keys.
    async fn records(&self, kind: Kind) -> Result<Vec<Stored>>;

    /// The records of a kind whose keys begin with `prefix`, in the order of the bytes of their keys, from
    /// behind the key `after` on; at most `limit`.
    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>>;

    /// Puts `after` in the place of the version `seen` (0: there is none yet), durably, with the next
    /// version or the [first](first_version); `None` removes the record. Returns false if another version is there: then nothing was
    /// written. After an unclear answer a repeat may return false although the first one was written.
    async fn replace(&self, kind: Kind, key: &str, seen: u64, after: Option<&str>) -> Result<bool>;
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A sender, by its address.
    Sender,
    /// The state of a sender's line, by its [`LineId`](crate::domain::LineId).
    Line,
    /// What a user has set, by the user's id.
    Settings,
    /// What a user wants to have called, by its [key](crate::domain::Endpoint::key).
    Endpoint,
    /// How far it was told, by the same key.
    Progress,
    /// The latest attempts to tell it, by the same key.
    Attempts,
    /// How far all that was received is stored, by the provider account.
    CatchUp,
    /// Somebody a user knows, by its [key](crate::domain::Contact::key_of).
    Contact,
    /// How many a user may know of already, by the user's id.
    Contacts,
    /// A text that a user sends again and again, by its [key](crate::domain::Template::key_of).
    Template,
    /// What a user noted on conversations, by the user's id.
    Marks,
    /// When that changed last, by the user's id.
    Marked,
    /// The browsers of a user that are told of what comes in, by the user's id.
    Browsers,
    /// What is left of conversations whose texts were deleted, by its [key](crate::domain::Left::key_of).
    Left,
    /// Which user is told under an address of a push service, by a digest of that.
    PushAddress,
    /// By what browsers know that it is this installation that tells them.
    PushKey,
    /// Who is about to take room of which a user has only so much, by the user's id and what it is room for.
    Claims,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Line => "line",
            Self::Settings => "settings",
            Self::Endpoint => "endpoint",
            Self::Progress => "progress",
            Self::Attempts => "attempts",
            Self::CatchUp => "catch_up",
            Self::Contact => "contact",
            Self::Contacts => "contacts",
            Self::Template => "template",
            Self::Marks => "marks",
            Self::Marked => "marked",
            Self::Browsers => "browsers",
            Self::Left => "left",
            Self::PushAddress => "push_address",
            Self::PushKey => "push_key",
            Self::Claims => "claims",
        }
    }
}

/// A record, and when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub record: Option<Stored>,
    /// By the clock that all processes share: the store's own; where one process has the store to itself,
    /// its `now`.
    pub at: Timestamp,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub key: String,
    /// At least 1.
    pub version: u64,
    /// JSON.
    pub value: String,
}

impl Stored {
    /// Reads the value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.value).map_err(|error| StoreError::corrupt("a record", error))
    }
}

/// The version with which a record begins. No other one that had its key before had that version, but for a chance
/// of one in 2⁴⁷: so whoever saw a record that was removed since replaces none that was made anew.
pub fn first_version() -> u64 {
    rand::random_range(1..=1 << 47)
}

/// The value as it is stored.
pub fn written<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("a record", error))
}
