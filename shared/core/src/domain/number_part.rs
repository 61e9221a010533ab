//! A part of a number that is looked for.

use std::fmt;

use super::phone::{digit, is_mark, is_separator};
use super::{Address, PhoneNumber};

/// Digits that follow each other in a number, however they were written.
#[derive(Clone, PartialEq, Eq)]
pub struct NumberPart(String);

/// The text cannot be a part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 3 to 15 digits of a number, with or without what is written between them")]
pub struct InvalidNumberPart;

impl NumberPart {
    const LENGTH: std::ops::RangeInclusive<usize> = 3..=15;

    /// Takes a number, or a part of one, as people write it: `415666`, `(415) 666-0998`, `+49 (0)151`. A zero in
    /// front is what is dialled before a number, because none in international form begins with one.
    pub fn parse(text: &str) -> Result<Self, InvalidNumberPart> {
        if let Ok(whole) = PhoneNumber::parse(text) {
            return Ok(Self(whole.as_str().trim_start_matches('+').to_owned()));
        }
        let mut digits = String::new();
        for character in text.trim().replace("(0)", "").chars() {
            match digit(character) {
                Some(digit) => digits.push(digit),
                None if matches!(character, '+' | '＋') && digits.is_empty() => {}
                None if is_separator(character) || is_mark(character) => {}
                None => return Err(InvalidNumberPart),
            }
        }
        let digits = digits.trim_start_matches('0');
        if Self::LENGTH.contains(&digits.len()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(InvalidNumberPart)
        }
    }

    /// Nothing but digits, so that they mean themselves in the pattern of a store.
    pub fn digits(&self) -> &str {
        &self.0
    }

    pub fn is_in(&self, address: &Address) -> bool {
        address.as_str().contains(&self.0)
    }
}

/// Whom users look for stays out of logs.
impl fmt::Debug for NumberPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NumberPart({} digits)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_whatever_part_of_it_however_it_is_written() {
        for (part, number) in [
            ("415666", "+14156660998"),
            ("(415) 666-0998", "+14156660998"),
            ("+1 415.666.0998", "+14156660998"),
            ("998", "+14156660998"),
            ("0998", "+14156660998"),
            ("001 415", "+14156660998"),
            ("+49 (0)151 123", "+4915112345678"),
            ("0151/1234", "+4915112345678"),
            ("+5215512345678", "+525512345678"),
            ("٤١٥٦٦٦", "+14156660998"),
            ("+1\u{a0}415\u{a0}666\u{a0}0998", "+14156660998"),
            ("12345", "12345"),
            ("415", "whatsapp:+14156660998"),
        ] {
            let found = NumberPart::parse(part).unwrap();
            assert!(found.is_in(&Address::of_author(number)), "{part}");
        }
        let other = NumberPart::parse("415667").unwrap();
        assert!(!other.is_in(&Address::of_author("+14156660998")));
    }

    #[test]
    fn what_is_no_part_of_a_number_is_refused() {
        for text in [
            "",
            "41",
            "00",
            "order 415",
            "415%",
            "4.*5",
            "1234567890123456",
            "1+415",
        ] {
            assert_eq!(NumberPart::parse(text), Err(InvalidNumberPart), "{text}");
        }
    }
}
