//! What a user looks for in a history.

use std::fmt;

use crate::domain::{
    Address, Body, Direction, Message, MessageId, NumberPart, Reference, Status, Tag, Tags,
    Timestamp,
};

/// Which messages of a history to show: those that pass every condition that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// With one of these statuses; any, if there are none.
    pub statuses: Vec<Status>,
    /// Exchanged with this one.
    pub counterpart: Option<Address>,
    /// Exchanged with one that has this in its number.
    pub number: Option<NumberPart>,
    /// With this reference.
    pub reference: Option<Reference>,
    /// With all of these tags.
    pub tags: Tags,
    pub ways: Ways,
    /// Sent at this moment or later.
    pub since: Option<Timestamp>,
    /// Sent before this moment.
    pub until: Option<Timestamp>,
    pub text: Option<Needle>,
}

/// Which way messages went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ways {
    /// What the user sent.
    #[default]
    Sent,
    /// What the user received.
    Received,
    Both,
}

/// What the messages of a page are found by: a condition that has an index, in the order of the ids. All
/// others are checked on what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead<'a> {
    /// All that belongs to the user.
    Owner,
    Counterpart(&'a Address),
    Reference(&'a Reference),
    Tag(&'a Tag),
}

/// A piece of text that is looked for in bodies, as it is and ignoring case.
#[derive(Clone, PartialEq, Eq)]
pub struct Needle(String);

impl Filter {
    /// The least id that passes.
    pub fn first_id(&self) -> Option<MessageId> {
        self.since.map(MessageId::boundary)
    }

    /// The least id that is too late to pass.
    pub fn end_id(&self) -> Option<MessageId> {
        self.until.map(MessageId::boundary)
    }

    /// What messages may be found by; never nothing.
    pub fn leads(&self) -> Vec<Lead<'_>> {
        let counterpart = self.counterpart.iter().map(Lead::Counterpart);
        let reference = self.reference.iter().map(Lead::Reference);
        let tags = self.tags.iter().map(Lead::Tag);
        let leads: Vec<_> = counterpart.chain(reference).chain(tags).collect();
        if leads.is_empty() {
            vec![Lead::Owner]
        } else {
            leads
        }
    }

    /// Whether there is more than one condition, or one that no index has, so that messages have to be
    /// looked through.
    pub fn needs_search(&self) -> bool {
        !self.statuses.is_empty()
            || self.number.is_some()
            || self.text.is_some()
            || self.ways == Ways::Received
            || self.leads().len() > 1
    }

    /// Checks the conditions other than times.
    pub fn passes(&self, message: &Message) -> bool {
        let has = |part: &NumberPart| {
            message
                .counterpart
                .as_ref()
                .is_some_and(|with| part.is_in(with))
        };
        let holds = |needle: &Needle| message.body.as_ref().is_some_and(|body| needle.is_in(body));
        (self.statuses.is_empty() || self.statuses.contains(&message.status))
            && (self.counterpart.is_none() || self.counterpart == message.counterpart)
            && self.number.as_ref().is_none_or(has)
            && self.ways.include(message.direction)
            && (self.reference.is_none() || self.reference == message.reference)
            && message.tags.has_all(&self.tags)
            && self.text.as_ref().is_none_or(holds)
    }
}

impl Ways {
    pub fn include(self, direction: Direction) -> bool {
        match self {
            Self::Sent => direction == Direction::Outbound,
            Self::Received => direction == Direction::Inbound,
            Self::Both => true,
        }
    }
}

impl Needle {
    pub fn new(text: &str) -> Self {
        Self(fold(text))
    }

    pub fn is_in(&self, body: &Body) -> bool {
        fold(body.as_str()).contains(&self.0)
    }
}

/// The same text for all spellings that differ in case only, character by character.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    folded.extend(text.chars().map(|character| {
        if character.is_ascii() {
            return character.to_ascii_lowercase();
        }
        let upper = only(character.to_uppercase()).unwrap_or(character);
        only(upper.to_lowercase()).unwrap_or(upper)
    }));
    folded
}

/// A case that is spelled with several characters is ignored.
fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// What users look for stays out of logs, as their texts do.
impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Needle({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_ignored_in_every_script_and_nothing_else() {
        let found = |needle: &str, body: &str| {
            Needle::new(needle).is_in(&Body::parse(body.to_owned()).unwrap())
        };
        for (needle, body) in [
            ("CODE", "Your code is 42"),
            ("привет", "ПРИВЕТ, мир"),
            ("Straße", "STRAẞE"),
            ("σ", "ΟΔΟΣ ς"),
            ("kelvin", "\u{212a}elvin"),
            ("%", "100 % sure"),
            (".*", "a.*b"),
            ("\\", "C:\\"),
            ("😀", "hi 😀"),
        ] {
            assert!(found(needle, body), "{needle} in {body}");
        }
        for (needle, body) in [
            (".*", "abc"),
            ("%", "abc"),
            ("_", "abc"),
            ("^a", "abc"),
            ("é", "e"),
            ("abcd", "abc"),
        ] {
            assert!(!found(needle, body), "{needle} in {body}");
        }
    }
}
