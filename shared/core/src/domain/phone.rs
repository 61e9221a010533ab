//! Phone numbers in international form.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number in E.164 form: `+`, then 7 to 15 digits of which the first is not 0.
///
/// Only the syntax is checked; whether the number exists is the provider's to say. A subscriber has one
/// number, whichever of its forms was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is no phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a phone number in international form, such as +14155550123: {0}")]
pub struct InvalidPhoneNumber(Fault);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("it is empty")]
    Empty,
    #[error("it has to begin with + and the code of the country")]
    National,
    #[error("no code of a country begins with 0")]
    Country,
    #[error("it has {0} digits, and 7 to 15 are possible")]
    Length(usize),
    #[error("leave out the extension, which no text reaches")]
    Extension,
    #[error("(0) can stand for the prefix of calls within the country once, behind its code")]
    Trunk,
    #[error("it contains {}", visible(*.0))]
    Character(char),
}

/// A character as people can see it, whatever it does to the text around it.
fn visible(character: char) -> String {
    if character.is_ascii_graphic() || character.is_alphanumeric() {
        format!("“{character}”")
    } else {
        format!("the character U+{:04X}", u32::from(character))
    }
}

impl PhoneNumber {
    /// Reads a number as people write it and programs copy it: with spaces, dashes, dots, brackets and
    /// marks of direction, `00` for the plus, digits of other scripts, and the `(0)` that is dialled
    /// within a country alone.
    ///
    /// The web client reads numbers by the same rules (`web/model/number.js`).
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        digits(text)
            .map(|digits| Self(in_one_form(format!("+{digits}"))))
            .map_err(InvalidPhoneNumber)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as logs may show it: all but its last two digits hidden.
    pub fn redacted(&self) -> String {
        redacted(&self.0)
    }
}

/// What logs may show of whom a text is from or for: the last two characters.
pub(super) fn redacted(address: &str) -> String {
    let skipped = address.chars().count().saturating_sub(2);
    let end: String = address.chars().skip(skipped).collect();
    format!("…{end}")
}

/// The digits of a number, from the code of its country on.
fn digits(text: &str) -> Result<String, Fault> {
    let text = text.trim_matches(|character: char| character.is_whitespace() || is_mark(character));
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let (written, trunk) = without_trunk_prefix(text)?;
    let mut digits = String::new();
    let mut international = false;
    for character in written.chars() {
        match digit(character) {
            Some(digit) => digits.push(digit),
            None if matches!(character, '+' | '＋') && digits.is_empty() && !international => {
                international = true;
            }
            None if is_separator(character) || is_mark(character) => {}
            None if begins_extension(character) && digits.len() >= SHORTEST => {
                return Err(Fault::Extension);
            }
            None => return Err(Fault::Character(character)),
        }
    }
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    if !international {
        let rest = digits.strip_prefix("00").ok_or(Fault::National)?;
        digits = rest.to_owned();
    }
    if digits.starts_with('0') {
        return Err(Fault::Country);
    }
    // In Italy the zero is a part of the number, whatever stands around it.
    if let Some(place) = trunk.filter(|_| digits.starts_with(ITALY)) {
        let place = if international {
            place
        } else {
            place.saturating_sub(2)
        };
        digits.insert(place, '0');
    }
    if !(SHORTEST..=LONGEST).contains(&digits.len()) {
        return Err(Fault::Length(digits.len()));
    }
    Ok(digits)
}

const SHORTEST: usize = 7;
const LONGEST: usize = 15;

/// The code of the country that has no prefix for calls within it, but numbers that begin with 0.
const ITALY: &str = "39";

/// The text without the prefix of calls within a country, and behind how many digits that stood.
fn without_trunk_prefix(text: &str) -> Result<(String, Option<usize>), Fault> {
    let Some((before, after)) = text.split_once("(0)") else {
        return Ok((text.to_owned(), None));
    };
    let place = before.chars().filter_map(digit).count();
    if place == 0 || after.contains("(0)") {
        return Err(Fault::Trunk);
    }
    Ok((format!("{before}{after}"), Some(place)))
}

/// The digit that a character stands for, in one of the scripts in which numbers are written.
pub(super) fn digit(character: char) -> Option<char> {
    let zero = match character {
        '0'..='9' => '0',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return None,
    };
    char::from_digit(u32::from(character) - u32::from(zero), 10)
}

/// What people and programs write between digits.
pub(super) fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '.' | '-' | '(' | ')' | '/' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{2010}'..='\u{2015}'
            | '\u{202f}' | '\u{205f}' | '\u{2212}' | '\u{3000}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0d}' | '\u{ff0e}'
    )
}

/// What is not seen, but copied with a number from pages and address books.
pub(super) fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}'
            | '\u{fe0f}' | '\u{feff}'
    )
}

fn begins_extension(character: char) -> bool {
    matches!(character, 'x' | 'X' | 'e' | 'E' | '#' | ';' | ',')
}

/// Countries in which a mobile number can be written with a digit more, and how it begins then: Mexico had
/// it until 2019, and carriers still have; in Argentina calls from abroad need it, and texts do not. No
/// national number there begins with that digit, and has ten.
const LONG_FORMS: [(&str, &str); 2] = [("+521", "+52"), ("+549", "+54")];

fn in_one_form(number: String) -> String {
    let shortened = LONG_FORMS.iter().find_map(|(long, short)| {
        let national = number.strip_prefix(long)?;
        (national.len() == 10).then(|| format!("{short}{national}"))
    });
    shortened.unwrap_or(number)
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

    /// The web client's tests read the same file.
    fn vectors(kind: &str) -> Vec<(String, String)> {
        let file = include_str!("../../tests/data/phone_numbers.json");
        let mut file: serde_json::Value = serde_json::from_str(file).unwrap();
        serde_json::from_value(file[kind].take()).unwrap()
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (written, expected) in vectors("read") {
            let number = PhoneNumber::parse(&written);
            assert_eq!(
                number.as_ref().map(PhoneNumber::as_str),
                Ok(&*expected),
                "{written:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_anything_else_is_said() {
        for (written, said) in vectors("refused") {
            let error = PhoneNumber::parse(&written).unwrap_err().to_string();
            assert!(error.contains(&said), "{written:?}: {error}");
        }
    }

    #[test]
    fn what_was_read_is_read_again_as_the_same() {
        for (_, number) in vectors("read") {
            assert_eq!(PhoneNumber::parse(&number).unwrap().as_str(), number);
        }
    }

    #[test]
    fn debug_output_hides_the_number() {
        let number = PhoneNumber::parse("+14155550123").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(…23)");
    }
}
