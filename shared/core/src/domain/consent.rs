//! Whether people want our texts.

use super::{Address, Timestamp};

/// What people can say about our texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They want no more.
    Withdrawn,
    /// They want them again.
    Given,
}

/// What a recipient said about the texts of some of our senders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub recipient: Address,
    /// Numbers and Messaging Services.
    pub senders: Vec<String>,
    pub consent: Consent,
    /// When it was said: what was said later counts, in whatever order it is heard of.
    pub at: Timestamp,
}
