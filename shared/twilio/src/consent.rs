//! The words by which people tell the provider whether they want our texts.

use mysms_core::domain::Consent;

/// What a text says whose only word is one of those that the provider obeys, in any case
/// (<https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>), or that a sender in the United
/// States has to obey (47 CFR 64.1200(a)(10)), which knows "opt out" as two words.
pub(super) fn of_text(text: &str) -> Option<Consent> {
    let words: Vec<_> = text.split_whitespace().take(3).collect();
    let said = words.join(" ").to_ascii_uppercase();
    match said.as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT"
        | "OPT OUT" | "OPT-OUT" => Some(Consent::Withdrawn),
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
        for text in [
            "STOP",
            " stop\n",
            "Unsubscribe",
            "quit",
            "OptOut",
            "opt  out\n",
            "Opt-out",
        ] {
            assert_eq!(of_text(text), Some(Consent::Withdrawn), "{text}");
        }
        for text in ["START", "yes ", "unstop"] {
            assert_eq!(of_text(text), Some(Consent::Given), "{text}");
        }
        for text in [
            "",
            "STOP PLEASE",
            "opt out of what",
            "opt",
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
