//! What the provider said about a SID.

use super::{MessageId, MessageSid, Status, Timestamp};

/// A status that only the provider can give: `accepted` or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderStatus(Status);

impl ProviderStatus {
    pub const ACCEPTED: Self = Self(Status::Accepted);

    /// Maps a word of the provider
    /// (<https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>).
    ///
    /// A word that is new to us means `accepted`: there is a SID, so the text was taken. The second
    /// value tells whether the word was known.
    pub fn from_word(word: &str) -> (Self, bool) {
        let (status, known) = match word {
            "accepted" | "scheduled" | "queued" | "sending" => (Status::Accepted, true),
            "sent" => (Status::Sent, true),
            "delivered" | "read" => (Status::Delivered, true),
            "undelivered" => (Status::Undelivered, true),
            "failed" => (Status::Failed, true),
            "canceled" => (Status::Canceled, true),
            _ => (Status::Accepted, false),
        };
        (Self(status), known)
    }

    pub const fn status(self) -> Status {
        self.0
    }
}

/// Something the provider said about a SID. Facts are merged by rank and need no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The message that the fact was addressed to; the owner of the SID gets it all the same.
    pub message: Option<MessageId>,
    pub sid: MessageSid,
    /// The provider account that speaks.
    pub account: String,
    pub status: ProviderStatus,
    pub code: Option<String>,
    /// Our words for the timeline.
    pub detail: Option<String>,
    pub at: Timestamp,
    /// When to ask the provider if nothing more is heard; `None` never asks.
    pub poll_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_map_to_the_statuses_of_the_contract() {
        let table = [
            ("accepted", Status::Accepted, true),
            ("scheduled", Status::Accepted, true),
            ("queued", Status::Accepted, true),
            ("sending", Status::Accepted, true),
            ("sent", Status::Sent, true),
            ("delivered", Status::Delivered, true),
            ("read", Status::Delivered, true),
            ("undelivered", Status::Undelivered, true),
            ("failed", Status::Failed, true),
            ("canceled", Status::Canceled, true),
            ("partially_delivered", Status::Accepted, false),
            ("a word to come", Status::Accepted, false),
        ];
        for (word, status, known) in table {
            assert_eq!(
                ProviderStatus::from_word(word),
                (ProviderStatus(status), known),
                "{word}"
            );
        }
    }
}
