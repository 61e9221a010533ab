//! Decides from what the provider lists what became of a message whose outcome is unknown.
//!
//! Identical texts to one number are interchangeable: each SID belongs to exactly one message, and
//! which of them gets which does not matter. What matters is that a text that was not sent never
//! takes the SID of another, and that a text that was sent is never sent again.

use std::collections::HashMap;
use std::time::Duration;

use super::RemoteMessage;
use crate::domain::{Content, PhoneNumber, ProviderId, Timestamp};
use crate::store::SidOwner;

/// A message that may have been sent, or not.
#[derive(Debug, Clone, Copy)]
pub struct Doubt<'a> {
    pub to: &'a PhoneNumber,
    pub content: &'a Content,
    /// From whom the latest attempt was made.
    pub sender: &'a str,
    /// When the first attempt began, by our clock.
    pub first_attempt_at: Timestamp,
    /// When the latest attempt began, by our clock.
    pub last_claim_at: Timestamp,
    /// How long after that the provider may still have taken it.
    pub lease: Duration,
    /// How far the clocks of our own hosts may be apart.
    pub skew: Duration,
}

/// Everything that the provider lists and that may be a message in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The newest first, as far as it has dates.
    pub found: Vec<Found>,
    /// When the list was asked for, by our clock.
    pub requested_at: Timestamp,
}

/// A listed text that may be the one in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub message: RemoteMessage,
    pub likeness: Likeness,
    /// By the provider's clock; a [`Likeness::Match`] has one.
    pub created_at: Option<Timestamp>,
}

/// How alike a listed text is to the one in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// It is that text or one that is identical, made at a time at which ours may have been.
    Match,
    /// It may be that text, for this reason.
    Possible(&'static str),
}

/// The messages in doubt that are [listed alike](super::Provider::is_listed_alike), the one that is
/// looked for among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alike {
    pub count: usize,
    /// Not all bring the same files. Which of them a listed one is, the list does not tell.
    pub differ: bool,
}

/// What a search says about a message in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// This is the message: the oldest of its kind that nobody owns.
    Adopt(RemoteMessage),
    /// The search proves nothing, for this reason.
    Unclear(&'static str),
    /// The provider does not have the message.
    Absent,
}

impl Found {
    fn is_match(&self) -> bool {
        self.likeness == Likeness::Match
    }
}

impl Search {
    /// The SIDs whose owners have to be read before the search can be judged.
    pub fn sids(&self) -> Vec<ProviderId> {
        let found = self.found.iter();
        found.map(|found| found.message.sid.clone()).collect()
    }

    /// Whether it is also judged by what else is in doubt: there are texts like ours beside others that
    /// may be ours, or ours has files, which no list shows.
    pub fn is_contested(&self, content: &Content) -> bool {
        let has_match = self.found.iter().any(Found::is_match);
        has_match && (!content.media.is_empty() || !self.found.iter().all(Found::is_match))
    }

    /// Judges it, given what is listed alike (only a [contested](Self::is_contested) search needs it), and
    /// the owners of its [SIDs](Self::sids). These must be read last, and both after the search: then
    /// whatever got its SID in between makes the list stale.
    ///
    /// A text like ours need not be from before the end of our last lease: of two identical ones, ours
    /// may have been adopted by the other, whose attempt was later.
    pub fn judge(&self, skew: Duration, alike: Alike, owners: &[SidOwner]) -> Finding {
        let owners: HashMap<_, _> = owners.iter().map(|owner| (&owner.sid, owner.at)).collect();
        let owner = |found: &Found| owners.get(&found.message.sid);
        // The oldest comes last in the list, and first here; times are in whole seconds.
        let matches = || self.found.iter().rev().filter(|found| found.is_match());
        let asked = self.requested_at - skew;
        if matches().any(|found| owner(found).is_some_and(|at| *at >= asked)) {
            return Finding::Unclear("the list is older than what is known by now");
        }
        let unowned = || matches().filter(|found| owner(found).is_none());
        let mut others = self.found.iter().filter(|found| owner(found).is_none());
        let possible = others.find_map(|found| match found.likeness {
            Likeness::Possible(reason) => Some(reason),
            Likeness::Match => None,
        });
        match (unowned().min_by_key(|found| found.created_at), possible) {
            (Some(_), _) if alike.differ => {
                Finding::Unclear("other files to this number are in doubt, too")
            }
            (Some(_), Some(_)) if unowned().count() < alike.count => {
                Finding::Unclear("not every identical text in doubt is listed as it was sent")
            }
            (Some(oldest), _) => Finding::Adopt(oldest.message.clone()),
            (None, Some(reason)) => Finding::Unclear(reason),
            (None, None) => Finding::Absent,
        }
    }
}
