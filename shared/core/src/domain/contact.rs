//! Whom a user knows: what they call a number.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Address, UserId};

/// The most contacts of a user.
pub const MOST_CONTACTS: u32 = 10_000;

/// The most labels of a contact.
pub const MOST_LABELS: usize = 10;

/// The longest name of a contact, its longest note and its longest label, in characters.
pub const LONGEST_CONTACT_NAME: usize = 100;
pub const LONGEST_CONTACT_NOTE: usize = 1000;
pub const LONGEST_LABEL: usize = 50;

/// What a user calls somebody, by the number from which that one writes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub number: Address,
    pub name: ContactName,
    #[serde(default)]
    pub note: ContactNote,
    #[serde(default)]
    pub labels: ContactLabels,
}

/// 1 to 100 characters, without white space around them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactName(String);

#[derive(Debug, thiserror::Error)]
#[error("must be 1 to {LONGEST_CONTACT_NAME} characters, without line breaks and the like")]
pub struct InvalidContactName;

/// At most 1,000 characters, of which line breaks are some.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactNote(String);

#[derive(Debug, thiserror::Error)]
#[error(
    "must be at most {LONGEST_CONTACT_NOTE} characters, without control characters but line breaks"
)]
pub struct InvalidContactNote;

/// At most 10, each once, in the order in which they were given.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct ContactLabels(Vec<String>);

#[derive(Debug, thiserror::Error)]
pub enum InvalidContactLabels {
    #[error("must be at most {MOST_LABELS}")]
    TooMany,
    #[error("must each be 1 to {LONGEST_LABEL} characters, without line breaks and the like")]
    Label,
}

impl Contact {
    /// What a user's contact with a number is stored under. Those of a user begin with [`Self::keys_of`].
    pub fn key_of(owner: UserId, number: &Address) -> String {
        format!("{owner}/{}", number.as_str())
    }

    /// What the keys of a user's contacts begin with.
    pub fn keys_of(owner: UserId) -> String {
        format!("{owner}/")
    }
}

impl ContactName {
    /// Reads a name, dropping white space around it.
    pub fn parse(text: &str) -> Result<Self, InvalidContactName> {
        line(text, LONGEST_CONTACT_NAME)
            .map(Self)
            .ok_or(InvalidContactName)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ContactNote {
    /// Reads a note, dropping white space around it.
    pub fn parse(text: &str) -> Result<Self, InvalidContactNote> {
        let text = text.trim();
        let is_odd = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
        let text = text.replace("\r\n", "\n");
        (text.chars().count() <= LONGEST_CONTACT_NOTE && !text.contains(is_odd))
            .then_some(Self(text))
            .ok_or(InvalidContactNote)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ContactLabels {
    /// Reads labels, dropping white space around each, and one that comes a second time.
    pub fn parse(
        labels: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, InvalidContactLabels> {
        let mut read: Vec<String> = Vec::new();
        for (given, label) in labels.into_iter().enumerate() {
            if given == MOST_LABELS {
                return Err(InvalidContactLabels::TooMany);
            }
            let label = line(label.as_ref(), LONGEST_LABEL).ok_or(InvalidContactLabels::Label)?;
            if !read.contains(&label) {
                read.push(label);
            }
        }
        Ok(Self(read))
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// A text of one line that has something in it.
fn line(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let fits = (1..=longest).contains(&text.chars().count());
    (fits && !text.contains(char::is_control)).then(|| text.to_owned())
}

impl TryFrom<String> for ContactName {
    type Error = InvalidContactName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ContactName> for String {
    fn from(name: ContactName) -> Self {
        name.0
    }
}

impl TryFrom<String> for ContactNote {
    type Error = InvalidContactNote;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ContactNote> for String {
    fn from(note: ContactNote) -> Self {
        note.0
    }
}

impl TryFrom<Vec<String>> for ContactLabels {
    type Error = InvalidContactLabels;

    fn try_from(labels: Vec<String>) -> Result<Self, Self::Error> {
        Self::parse(labels)
    }
}

impl From<ContactLabels> for Vec<String> {
    fn from(labels: ContactLabels) -> Self {
        labels.0
    }
}

/// Whom users know stays out of logs.
impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({})", self.number.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_at_most_a_hundred_characters() {
        let parse = |text: &str| ContactName::parse(text).map(|name| name.as_str().to_owned());
        assert_eq!(parse("  Anna Müller ").unwrap(), "Anna Müller");
        assert!(parse(&"ä".repeat(100)).is_ok());
        for bad in ["", "  ", "a\nb", "a\0", &"a".repeat(101)] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_note_may_be_empty_and_have_lines() {
        let parse = |text: &str| ContactNote::parse(text).map(|note| note.as_str().to_owned());
        assert_eq!(parse("").unwrap(), "");
        assert_eq!(parse("one\r\ntwo\n").unwrap(), "one\ntwo");
        assert!(parse(&"ä".repeat(1000)).is_ok());
        assert!(parse(&"a".repeat(1001)).is_err());
        assert!(parse("a\0b").is_err());
    }

    #[test]
    fn ten_labels_are_kept_each_once() {
        let read = ContactLabels::parse(["family", " family ", "work"]).unwrap();
        assert!(read.iter().eq(["family", "work"]));
        let many = |count: usize| ContactLabels::parse((0..count).map(|number| number.to_string()));
        assert!(many(10).is_ok());
        assert!(many(11).is_err());
        assert!(ContactLabels::parse(["work"; 11]).is_err());
        assert!(ContactLabels::parse([""]).is_err());
        assert!(ContactLabels::parse(["a".repeat(51)]).is_err());
    }

    #[test]
    fn what_is_stored_is_read_back_and_debug_output_hides_it() {
        let contact = Contact {
            number: Address::parse("+14155550123").unwrap(),
            name: ContactName::parse("Anna").unwrap(),
            note: ContactNote::parse("met in Rome").unwrap(),
            labels: ContactLabels::parse(["family"]).unwrap(),
        };
        let stored = serde_json::to_string(&contact).unwrap();
        let read: Contact = serde_json::from_str(&stored).unwrap();
        assert!(read == contact);
        assert_eq!(format!("{contact:?}"), "Contact(…23)");
    }
}
