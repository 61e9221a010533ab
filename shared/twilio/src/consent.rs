//! The words by which people tell the provider whether they want our texts.

use mysms_core::domain::Consent;

/// Alone in a text, they end what its author gets. The English ones are those that the provider obeys on
/// long codes (<https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>) or that a sender in the
/// United States has to obey (47 CFR 64.1200(a)(10)), which knows "opt out" as two words. The French ones
/// are those that the provider calls opt-out messages beside them
/// (<https://www.twilio.com/docs/proxy/opt-out-keywords>). It documents none of any other language: who
/// wants more of them obeyed names them in Advanced Opt-Out, and the provider tells us how it understood a
/// text.
const STOPS: [&str; 13] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "OPT-OUT",
    "ARRET",
    "ARRETE",
    "ARRETT",
];

const STARTS: [&str; 3] = ["START", "YES", "UNSTOP"];

/// Words beside which nothing else is said: a text of these and one of [`STOPS`] may be meant as one.
const FILLERS: [&str; 27] = [
    "A", "ALL", "AND", "I", "IT", "ME", "MESSAGES", "MSG", "MSGS", "MY", "NOW", "OK", "PLEASE",
    "PLS", "PLZ", "SMS", "TEXT", "TEXTS", "THANK", "THANKS", "THE", "THESE", "THIS", "TO", "WANT",
    "YOU", "SVP",
];

/// What people write who want no more, wherever it stands in a text.
const PHRASES: [&str; 31] = [
    "STOP TEXTING",
    "STOP SENDING",
    "STOP MESSAGING",
    "STOP CONTACTING",
    "STOP WRITING",
    "STOP SPAMMING",
    "PLEASE STOP",
    "UNSUBSCRIBE",
    "OPT OUT",
    "OPTOUT",
    "OPT ME OUT",
    "NO MORE TEXTS",
    "NO MORE MESSAGES",
    "NO MORE SMS",
    "REMOVE ME",
    "REMOVE MY NUMBER",
    "TAKE ME OFF",
    "DELETE MY NUMBER",
    "LOSE MY NUMBER",
    "LEAVE ME ALONE",
    "DO NOT TEXT",
    "DONT TEXT",
    "DO NOT CONTACT",
    "DONT CONTACT",
    "DO NOT MESSAGE",
    "DONT MESSAGE",
    "QUIT TEXTING",
    "QUIT SENDING",
    "ARRÊT",
    "ARRÊTE",
    "ARRÊTEZ",
];

/// What a text says about our texts. One whose only word is one of those that the provider obeys, in any
/// case, says it. What only looks like a STOP, such as "stop please", says so to people, who decide:
/// the provider does not obey it either.
pub(super) fn of_text(text: &str) -> Option<Consent> {
    let words: Vec<_> = text.split_whitespace().take(3).collect();
    let said = words.join(" ").to_ascii_uppercase();
    if STOPS.contains(&said.as_str()) {
        Some(Consent::Withdrawn)
    } else if STARTS.contains(&said.as_str()) {
        Some(Consent::Given)
    } else {
        looks_like_a_stop(text).then_some(Consent::Maybe)
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

fn looks_like_a_stop(text: &str) -> bool {
    let words = words(text);
    let is_stop = |word: &String| STOPS.contains(&word.as_str());
    let says_nothing_else = words
        .iter()
        .all(|word| is_stop(word) || FILLERS.contains(&word.as_str()));
    // With a space on each side, so that a phrase is one of whole words.
    let spaced = format!(" {} ", words.join(" "));
    let has_phrase = PHRASES
        .iter()
        .any(|phrase| spaced.contains(&format!(" {phrase} ")));
    has_phrase || (says_nothing_else && words.iter().any(is_stop))
}

/// The words of a text as they are compared: without what stands around and within them that is no letter.
fn words(text: &str) -> Vec<String> {
    let is_within = |character: &char| !matches!(character, '\'' | '’' | '\u{200b}'..='\u{200d}');
    let text: String = text.chars().filter(is_within).collect();
    let words = text.split(|character: char| !character.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect()
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
            "arret",
            "ARRETE",
            "Arrett",
        ] {
            assert_eq!(of_text(text), Some(Consent::Withdrawn), "{text}");
        }
        for text in ["START", "yes ", "unstop"] {
            assert_eq!(of_text(text), Some(Consent::Given), "{text}");
        }
        for text in [
            "",
            "HELP",
            "INFO",
            "opt",
            "ЅTOP",
            "don't stop",
            "Where is the bus stop?",
            "cancel my order",
            "the end of the road",
            "yes please",
            "Please, thanks",
            "I quit smoking",
            "nonstop texting",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_stop_is_for_people_to_judge() {
        for text in [
            "STOP PLEASE",
            "stop.",
            "\"STOP\"",
            "S\u{200b}TOP",
            "Stop. Thank you",
            "STOP ALL",
            "please cancel",
            "Stop texting me",
            "please unsubscribe me",
            "no more texts",
            "How do I opt out of this?",
            "Hi, I really would like you to stop sending me these every day",
            "Don’t text me again!",
            "don't contact me",
            "take me off your list",
            "Arrêt",
            "STOP SVP",
        ] {
            assert_eq!(of_text(text), Some(Consent::Maybe), "{text}");
        }
    }
}
