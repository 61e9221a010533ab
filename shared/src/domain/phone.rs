//! Phone numbers in international form.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number in E.164 form: `+`, then 8 to 15 digits of which the first is not 0.
///
/// Only the syntax is checked; whether the number exists is the provider's to say. A subscriber has one
/// number, whichever of its forms was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

#[derive(Debug, thiserror::Error)]
#[error("must be a phone number in international form, such as +14155550123")]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// Reads a number, dropping the spaces, dots, dashes and parentheses people write in it.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let number: String = text
            .chars()
            .filter(|character| !" .-()".contains(*character))
            .collect();
        let digits = number.strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        let valid = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if valid {
            Ok(Self(in_one_form(number)))
        } else {
            Err(InvalidPhoneNumber)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as logs may show it: all but its last two digits hidden.
    pub fn redacted(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 2..])
    }
}

/// Mexico wrote mobile numbers with a 1 after the country code until 2019, and carriers still do. No
/// national number there begins with 1, and the provider lists them without.
fn in_one_form(number: String) -> String {
    match number.strip_prefix("+521") {
        Some(national) if national.len() == 10 => format!("+52{national}"),
        _ => number,
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.redacted())
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_in_a_number_is_dropped() {
        let number = PhoneNumber::parse("+1 (415) 555-01.23").unwrap();
        assert_eq!(number.as_str(), "+14155550123");
        assert_eq!(
            PhoneNumber::parse("+1234567890").unwrap().as_str(),
            "+1234567890"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let bad = [
            "",
            "+",
            "14155550123",
            "+0123456789",
            "+1234567",
            "+1234567890123456",
            "++14155550123",
            "+1415555012x",
            "+1415555\n0123",
            "+１４１５５５５０１２３",
            "+1\u{a0}4155550123",
        ];
        for text in bad {
            assert!(PhoneNumber::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_mexican_subscriber_has_one_number() {
        for (written, one) in [
            ("+52 1 55 1234 5678", "+525512345678"),
            ("+52 55 1234 5678", "+525512345678"),
            ("+52 1 55 1234 567", "+521551234567"),
            ("+52 1 55 1234 56789", "+52155123456789"),
            ("+54 9 11 1234 5678", "+5491112345678"),
        ] {
            let number = PhoneNumber::parse(written).unwrap();
            assert_eq!(number.as_str(), one, "{written}");
        }
    }

    #[test]
    fn debug_output_hides_the_number() {
        let number = PhoneNumber::parse("+14155550123").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(…23)");
    }
}
