//! What programs note on texts, to find them again: a reference, and tags.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest reference and the longest value of a tag, in characters.
const LONGEST: usize = 100;

const LONGEST_KEY: usize = 40;

/// The most tags that a text may have.
pub const MOST_TAGS: usize = 10;

/// A client's own name for a text or for several: 1 to 100 characters without control characters, and
/// without white space at either end. It need not be unique.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    #[error("must be 1 to 100 characters")]
    Length,
    #[error("must have no control characters")]
    Control,
    #[error("must not begin or end with white space")]
    Space,
}

/// A key and its value, written `key:value`. The key is 1 to 40 ASCII letters, digits, `.`, `_` or `-`;
/// the value is 1 to 100 characters without control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Tag(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    #[error("must be a key and a value with a colon between")]
    Form,
    #[error("must have keys of 1 to 40 ASCII letters, digits, '.', '_' or '-'")]
    Key,
    #[error("must be 1 to 100 characters")]
    Length,
    #[error("must have no control characters")]
    Control,
}

/// At most [`MOST_TAGS`] tags in the order of their keys, of which no two are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    #[error("must be at most 10")]
    TooMany,
    #[error("must have each key once")]
    Twice,
    #[error(transparent)]
    Tag(#[from] InvalidTag),
}

impl Reference {
    pub fn parse(text: String) -> Result<Self, InvalidReference> {
        if !has_length(&text) {
            Err(InvalidReference::Length)
        } else if text.contains(char::is_control) {
            Err(InvalidReference::Control)
        } else if text.trim().len() != text.len() {
            Err(InvalidReference::Space)
        } else {
            Ok(Self(text))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reference {
    type Error = InvalidReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

/// What clients note may name people, so it stays out of logs, as texts do.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({} bytes)", self.0.len())
    }
}

impl Tag {
    pub fn new(key: &str, value: &str) -> Result<Self, InvalidTag> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(allowed) {
            Err(InvalidTag::Key)
        } else if !has_length(value) {
            Err(InvalidTag::Length)
        } else if value.contains(char::is_control) {
            Err(InvalidTag::Control)
        } else {
            Ok(Self(format!("{key}:{value}")))
        }
    }

    /// Reads `key:value`; the value may have more colons.
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let (key, value) = text.split_once(':').ok_or(InvalidTag::Form)?;
        Self::new(key, value)
    }

    pub fn key(&self) -> &str {
        self.parts().0
    }

    pub fn value(&self) -> &str {
        self.parts().1
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once(':').unwrap_or((&self.0, ""))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({}, {} bytes)", self.key(), self.value().len())
    }
}

impl Tags {
    pub fn of(tags: impl IntoIterator<Item = Tag>) -> Result<Self, InvalidTags> {
        let mut all = Self::default();
        for tag in tags {
            all.insert(tag)?;
        }
        Ok(all)
    }

    /// Adds a tag, unless there is one with its key.
    fn insert(&mut self, tag: Tag) -> Result<(), InvalidTags> {
        match self.place(tag.key()) {
            Ok(_) => Err(InvalidTags::Twice),
            Err(_) if self.0.len() == MOST_TAGS => Err(InvalidTags::TooMany),
            Err(place) => {
                self.0.insert(place, tag);
                Ok(())
            }
        }
    }

    /// Adds those of `others` whose keys these lack.
    pub fn or(mut self, others: &Self) -> Result<Self, InvalidTags> {
        for tag in &others.0 {
            if self.place(tag.key()).is_err() {
                self.insert(tag.clone())?;
            }
        }
        Ok(self)
    }

    pub fn has_all(&self, others: &Self) -> bool {
        others.iter().all(|tag| self.0.contains(tag))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|tag| tag.key().cmp(key))
    }
}

/// From `key:value` each, as stores keep them.
impl TryFrom<Vec<String>> for Tags {
    type Error = InvalidTags;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        let mut tags = Self::default();
        for text in texts {
            tags.insert(Tag::parse(&text)?)?;
        }
        Ok(tags)
    }
}

/// An object, in the order of the keys.
impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(Tag::parts))
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = BTreeMap::<String, String>::deserialize(deserializer)?;
        let tags = pairs.iter().map(|(key, value)| Tag::new(key, value));
        let tags: Result<Vec<_>, _> = tags.collect();
        Self::of(tags.map_err(D::Error::custom)?).map_err(D::Error::custom)
    }
}

fn has_length(text: &str) -> bool {
    // One character takes at most 4 bytes, so a long text need not be counted.
    (1..=4 * LONGEST).contains(&text.len()) && text.chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Result<String, InvalidReference> {
        Reference::parse(text.to_owned()).map(String::from)
    }

    fn tags(pairs: &[&str]) -> Result<Tags, InvalidTags> {
        Tags::try_from(
            pairs
                .iter()
                .map(|&pair| pair.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_reference_is_kept_as_it_was_given_or_refused() {
        for good in [
            "4711",
            "a b",
            "Bestellung Nr. 5 – Müller",
            &"😀".repeat(100),
        ] {
            assert_eq!(reference(good).as_deref(), Ok(good));
        }
        for (bad, why) in [
            ("", InvalidReference::Length),
            (&*"😀".repeat(101), InvalidReference::Length),
            (&*"x".repeat(1_000_000), InvalidReference::Length),
            ("a\nb", InvalidReference::Control),
            ("a\u{0}", InvalidReference::Control),
            ("\u{85}", InvalidReference::Control),
            (" a", InvalidReference::Space),
            ("a\u{a0}", InvalidReference::Space),
            (" ", InvalidReference::Space),
        ] {
            assert_eq!(reference(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn a_tag_is_a_plain_key_and_any_value() {
        for (text, key, value) in [
            ("order:4711", "order", "4711"),
            ("a.B_c-9:x:y", "a.B_c-9", "x:y"),
            ("k: ", "k", " "),
            ("k::", "k", ":"),
        ] {
            let tag = Tag::parse(text).unwrap();
            assert_eq!((tag.key(), tag.value(), tag.as_str()), (key, value, text));
        }
        let (longest_key, longest) = ("k".repeat(40), "ж".repeat(100));
        assert!(Tag::new(&longest_key, &longest).is_ok());
        for (text, why) in [
            ("order", InvalidTag::Form),
            (":4711", InvalidTag::Key),
            ("or der:4711", InvalidTag::Key),
            ("größe:1", InvalidTag::Key),
            ("$gt:1", InvalidTag::Key),
            (&*format!("{longest_key}k:1"), InvalidTag::Key),
            ("order:", InvalidTag::Length),
            (&*format!("order:{longest}ж"), InvalidTag::Length),
            ("order:a\tb", InvalidTag::Control),
        ] {
            assert_eq!(Tag::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn tags_are_the_same_in_whatever_order_they_come() {
        let ordered = tags(&["a:1", "a.b:2", "b:3"]).unwrap();
        assert_eq!(tags(&["b:3", "a.b:2", "a:1"]).unwrap(), ordered);
        assert_ne!(tags(&["b:3", "a.b:2", "a:2"]).unwrap(), ordered);
        let json = serde_json::to_string(&ordered).unwrap();
        assert_eq!(json, r#"{"a":"1","a.b":"2","b":"3"}"#);
        assert_eq!(serde_json::from_str::<Tags>(&json).unwrap(), ordered);
        assert!(serde_json::from_str::<Tags>(r#"{"$gt":"1"}"#).is_err());
    }

    #[test]
    fn there_are_at_most_ten_and_one_for_each_key() {
        let of = |count: usize| {
            let pairs = (0..count).map(|number| format!("k{number}:x"));
            Tags::try_from(pairs.collect::<Vec<_>>())
        };
        assert_eq!(of(MOST_TAGS).unwrap().len(), MOST_TAGS);
        assert_eq!(of(MOST_TAGS + 1), Err(InvalidTags::TooMany));
        assert_eq!(tags(&["a:1", "b:1", "a:1"]), Err(InvalidTags::Twice));
    }

    #[test]
    fn others_fill_up_what_these_lack() {
        let own = tags(&["a:own", "c:own"]).unwrap();
        let common = tags(&["a:common", "b:common"]).unwrap();
        let both = tags(&["a:own", "b:common", "c:own"]).unwrap();
        assert_eq!(own.or(&common), Ok(both));
        let two = tags(&["0:x", "1:x"]).unwrap();
        let ten: Vec<_> = (0..10).map(|number| format!("k{number}:x")).collect();
        let ten = Tags::try_from(ten).unwrap();
        assert_eq!(two.or(&ten), Err(InvalidTags::TooMany));
        assert_eq!(ten.clone().or(&ten), Ok(ten));
    }

    #[test]
    fn all_that_are_looked_for_have_to_be_there_with_their_values() {
        let own = tags(&["a:1", "b:2"]).unwrap();
        for (wanted, found) in [
            (&[][..], true),
            (&["a:1"], true),
            (&["b:2", "a:1"], true),
            (&["a:2"], false),
            (&["a:1", "c:3"], false),
        ] {
            assert_eq!(own.has_all(&tags(wanted).unwrap()), found, "{wanted:?}");
        }
    }

    #[test]
    fn neither_is_told_in_logs() {
        let reference = Reference::parse("Anna".to_owned()).unwrap();
        let tag = Tag::parse("name:Anna").unwrap();
        let told = format!("{reference:?} {tag:?} {:?}", Tags::of([tag.clone()]));
        assert!(!told.contains("Anna"), "{told}");
    }
}
