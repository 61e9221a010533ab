//! Whether people want our texts.

use super::{PhoneNumber, Timestamp};

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
    pub recipient: PhoneNumber,
    /// Numbers and Messaging Services.
    pub senders: Vec<String>,
    pub consent: Consent,
    /// When it was said: what was said later counts, in whatever order it is heard of.
    pub at: Timestamp,
}

impl Consent {
    /// What a text says whose only word is one of those that the provider obeys, in any case
    /// (<https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>).
    pub fn of_text(text: &str) -> Option<Self> {
        let word = text.trim().to_ascii_uppercase();
        match word.as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE"
            | "OPTOUT" => Some(Self::Withdrawn),
            "START" | "YES" | "UNSTOP" => Some(Self::Given),
            _ => None,
        }
    }

    /// What the provider's `OptOutType` says.
    pub fn of_type(kind: &str) -> Option<Self> {
        match kind {
            "STOP" => Some(Self::Withdrawn),
            "START" => Some(Self::Given),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_alone_counts() {
        for text in ["STOP", " stop\n", "Unsubscribe", "quit", "OptOut"] {
            assert_eq!(Consent::of_text(text), Some(Consent::Withdrawn), "{text}");
        }
        for text in ["START", "yes ", "unstop"] {
            assert_eq!(Consent::of_text(text), Some(Consent::Given), "{text}");
        }
        for text in [
            "",
            "STOP PLEASE",
            "don't stop",
            "HELP",
            "INFO",
            "stop.",
            "ЅTOP",
        ] {
            assert_eq!(Consent::of_text(text), None, "{text}");
        }
    }
}
