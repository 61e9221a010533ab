//! What the provider's error codes mean for a message and for us.

use mysms_core::provider::{Glossary, Pressure};
use serde_json::Value;

use super::class::CodeRule;
use super::codes::RULES;

/// What the error codes of our messages mean.
pub const GLOSSARY: Glossary = Glossary::new(explain).with_pressures(pressure);

/// The rule for an error code; `None` if the code is new to us.
pub fn rule(code: &str) -> Option<&'static CodeRule> {
    let code = code.parse().ok()?;
    RULES.iter().find(|rule| rule.codes.contains(&code))
}

/// Whether the code says that the recipient wants no texts from the sender.
pub(super) fn is_opt_out(code: &str) -> bool {
    code == "21610"
}

/// What an error code asks of the sender that a text left from.
fn pressure(code: &str) -> Option<Pressure> {
    rule(code)?.pressure
}

/// A sentence for an error code of the provider's.
pub fn explain(code: &str) -> &'static str {
    match rule(code) {
        Some(rule) => rule.detail,
        None => "The provider reported an error that its list of error codes explains.",
    }
}

/// Reads an error code of the provider from JSON. Null, zero and anything that cannot be a code are
/// none.
pub(super) fn code(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => code_word(&number.to_string()),
        Value::String(text) => code_word(text),
        _ => None,
    }
}

/// Reads an error code: at most 32 letters, digits and underscores. Empty and `0` are none.
pub(super) fn code_word(text: &str) -> Option<String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let valid = (1..=32).contains(&text.len()) && text != "0" && text.bytes().all(sound);
    valid.then(|| text.to_owned())
}

/// A word of the provider that may be stored and logged: at most 64 letters, digits, `_` and `-`.
pub(super) fn word(text: &str) -> Option<String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(sound);
    valid.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_code_has_two_rules() {
        let codes: Vec<u32> = RULES.iter().flat_map(|rule| rule.codes).copied().collect();
        let distinct: HashSet<u32> = codes.iter().copied().collect();
        assert_eq!(codes.len(), distinct.len());
    }

    #[test]
    fn every_rule_has_a_whole_sentence() {
        for rule in RULES {
            let detail = rule.detail;
            assert!(detail.ends_with('.'), "{detail}");
            assert!(
                detail.starts_with(|c: char| c.is_ascii_uppercase()),
                "{detail}"
            );
        }
    }

    #[test]
    fn a_code_that_is_new_to_us_has_a_sentence_too() {
        assert!(rule("29999").is_none());
        assert!(explain("29999").ends_with('.'));
    }

    #[test]
    fn a_code_is_a_short_word() {
        let long = "1".repeat(33);
        for bad in ["", "0", "30 003", "+14155550123", "a-b", &long] {
            assert_eq!(code_word(bad), None, "{bad}");
        }
        for good in ["30003", "HTTP_502", &"1".repeat(32)] {
            assert_eq!(code_word(good).as_deref(), Some(good));
        }
    }
}
