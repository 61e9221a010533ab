//! What a user notes on conversations: that one is at the top, put aside, or to be looked at again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Address, Position};

/// The most conversations that have a mark.
pub const MOST_MARKED: usize = 5000;

/// The most conversations that are pinned.
pub const MOST_PINNED: usize = 20;

/// The marks of a user, by the counterparts of the conversations. One that says nothing is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeMap<String, Mark>);

/// What is noted on a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    /// It is shown above all others.
    #[serde(skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// It was put aside when its last message stood here: a message that stands later brings it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<Position>,
    /// It is to be looked at again, whatever was read of it.
    #[serde(skip_serializing_if = "is_false")]
    pub unread: bool,
}

/// Why a conversation is not marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unmarked {
    #[error("would be one more than the {MOST_PINNED} that may be: unpin another one first")]
    TooManyPinned,
    #[error("would be one more than the {MOST_MARKED} that may be marked")]
    TooMany,
}

impl Mark {
    /// Whether a conversation whose last message stands here is archived.
    pub fn archives(self, last: Position) -> bool {
        self.archived.is_some_and(|up_to| last <= up_to)
    }
}

impl Marks {
    /// What is noted on a conversation; what nothing is noted on has a mark that says nothing.
    pub fn of(&self, counterpart: &Address) -> Mark {
        self.0
            .get(counterpart.as_str())
            .copied()
            .unwrap_or_default()
    }

    /// Puts a mark in the place of the one before.
    pub fn set(&mut self, counterpart: &Address, mark: Mark) -> Result<(), Unmarked> {
        let before = self.of(counterpart);
        if mark == Mark::default() {
            self.0.remove(counterpart.as_str());
            return Ok(());
        }
        if mark.pinned && !before.pinned && self.which(|mark| mark.pinned).len() >= MOST_PINNED {
            return Err(Unmarked::TooManyPinned);
        }
        if before == Mark::default() && self.0.len() >= MOST_MARKED {
            return Err(Unmarked::TooMany);
        }
        self.0.insert(counterpart.as_str().to_owned(), mark);
        Ok(())
    }

    /// Whether there are as many as there may be.
    pub fn is_full(&self) -> bool {
        self.0.len() >= MOST_MARKED
    }

    /// The counterparts of the conversations whose marks fit.
    pub fn which(&self, fits: impl Fn(Mark) -> bool) -> Vec<Address> {
        let fitting = self.0.iter().filter(|(_, mark)| fits(**mark));
        fitting
            .map(|(counterpart, _)| Address::from(counterpart.clone()))
            .collect()
    }

    /// Those that were archived, of which a later message may have brought back some.
    pub fn archived(&self) -> Vec<Address> {
        self.which(|mark| mark.archived.is_some())
    }

    /// Drops what says nothing any more: that a conversation is archived which is gone, or which a later message
    /// brought back. `last` tells where the last message of each archived one stands that there is.
    pub fn prune(&mut self, last: &[(Address, Position)]) {
        let last: BTreeMap<_, _> = last
            .iter()
            .map(|(counterpart, position)| (counterpart.as_str(), *position))
            .collect();
        for (counterpart, mark) in &mut self.0 {
            let holds = last
                .get(counterpart.as_str())
                .is_some_and(|position| mark.archives(*position));
            if !holds {
                mark.archived = None;
            }
        }
        self.0.retain(|_, mark| *mark != Mark::default());
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "that is how serde asks")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, Timestamp};

    fn number(number: usize) -> Address {
        Address::parse(&format!("+1415{number:07}")).unwrap()
    }

    fn position(millis: i64) -> Position {
        MessageId::generate(Timestamp::from_millis(millis)).into()
    }

    fn archived(up_to: Position) -> Mark {
        Mark {
            archived: Some(up_to),
            ..Mark::default()
        }
    }

    #[test]
    fn a_later_message_brings_back_what_is_archived() {
        let (first, second) = (position(1), position(2));
        assert!(archived(first).archives(first));
        assert!(archived(second).archives(first));
        assert!(!archived(first).archives(second));
        assert!(!Mark::default().archives(first));
    }

    #[test]
    fn a_mark_that_says_nothing_is_not_kept() {
        let mut marks = Marks::default();
        let unread = Mark {
            unread: true,
            ..Mark::default()
        };
        marks.set(&number(1), unread).unwrap();
        let stored = serde_json::to_string(&marks).unwrap();
        assert_eq!(stored, r#"{"+14150000001":{"unread":true}}"#);
        let read: Marks = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, marks);
        marks.set(&number(1), Mark::default()).unwrap();
        assert_eq!(marks, Marks::default());
    }

    #[test]
    fn there_are_only_so_many_and_what_holds_no_more_makes_room() {
        let mut marks = Marks::default();
        let pinned = Mark {
            pinned: true,
            ..Mark::default()
        };
        for one in 0..MOST_PINNED {
            marks.set(&number(one), pinned).unwrap();
        }
        let another = number(MOST_PINNED);
        assert_eq!(marks.set(&another, pinned), Err(Unmarked::TooManyPinned));
        marks.set(&number(0), pinned).unwrap();
        let (first, second) = (position(1), position(2));
        for one in MOST_PINNED..MOST_MARKED {
            marks.set(&number(one), archived(first)).unwrap();
        }
        let next = number(MOST_MARKED);
        assert_eq!(marks.set(&next, archived(first)), Err(Unmarked::TooMany));
        marks.prune(&[(number(30), first), (number(31), second)]);
        assert_eq!(marks.archived(), [number(30)]);
        assert_eq!(marks.which(|mark| mark.pinned).len(), MOST_PINNED);
        marks.set(&next, archived(first)).unwrap();
    }
}
