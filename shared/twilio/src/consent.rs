//! The words by which people tell the provider whether they want our texts.

use mysms_core::domain::Consent;

/// What a text says whose only word is one of those that the provider obeys, in any case
/// (<https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>).
pub(super) fn of_text(text: &str) -> Option<Consent> {
    let word = text.trim().to_ascii_uppercase();
    match word.as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
            Some(Consent::Withdrawn)
        }
        "START" | "YES" | "UNSTOP" => Some(Consent::Given),
        _ => None,
    }
}

/// What the provider's `OptOutType` says.
pub(super) fn of_type(kind: &str) -> Option<Consent> {
    match kind {
        "STOP" => Some(Consent::Withdrawn),
        "START" => Some(Consent::Given),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_alone_counts() {
        for text in ["STOP", " stop\n", "Unsubscribe", "quit", "OptOut"] {
            assert_eq!(of_text(text), Some(Consent::Withdrawn), "{text}");
        }
        for text in ["START", "yes ", "unstop"] {
            assert_eq!(of_text(text), Some(Consent::Given), "{text}");
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
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
