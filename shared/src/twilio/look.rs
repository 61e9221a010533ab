//! Decides whether the provider's list shows a message whose outcome is unknown.
//!
//! Identical texts to one number are interchangeable: each SID belongs to exactly one message, and
//! which of them gets which does not matter. What matters is that a text that was not sent never
//! takes the SID of another, and that a text that was sent is never sent again.

use std::collections::HashMap;
use std::time::Duration;

use super::listing::{Listing, UNKNOWN_OFFSET, shift};
use super::remote::RemoteMessage;
use crate::config::Sender;
use crate::domain::{Body, MessageSid, PhoneNumber, Timestamp};
use crate::store::SidOwner;

/// What a trial account's texts begin with; up to [`TRIAL_NAME`] characters and [`TRIAL_END`] follow.
const TRIAL_BEGIN: &str = "Sent from your ";
const TRIAL_NAME: usize = 60;
const TRIAL_END: &str = " - ";

/// A message that may have been sent, or not.
#[derive(Debug, Clone, Copy)]
pub struct Doubt<'a> {
    pub to: &'a PhoneNumber,
    pub body: &'a Body,
    /// Our number or Messaging Service.
    pub sender: &'a Sender,
    /// When the latest attempt began, by our clock.
    pub last_claim_at: Timestamp,
    /// How long after that the provider may still have taken it.
    pub lease: Duration,
    /// How far the clocks of our own hosts may be apart.
    pub skew: Duration,
}

/// What a listing says about a message in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// This is the message: the oldest of its kind that nobody owns.
    Adopt(Box<RemoteMessage>),
    /// The listing proves nothing, for this reason.
    Unclear(&'static str),
    /// The provider does not have the message.
    Absent,
}

/// The SIDs whose owners have to be read before the listing can be judged.
pub fn candidates(doubt: &Doubt<'_>, listing: &Listing) -> Vec<MessageSid> {
    listing
        .messages
        .iter()
        .filter(|remote| doubt.compare(remote, listing) != Likeness::Other)
        .map(|remote| remote.sid.clone())
        .collect()
}

/// Whether a listing shows texts that are like ours beside others that may be ours. Then it is also
/// judged by how many identical texts are in doubt.
pub fn is_contested(doubt: &Doubt<'_>, listing: &Listing) -> bool {
    let likenesses = || {
        let messages = listing.messages.iter();
        messages.map(|remote| doubt.compare(remote, listing))
    };
    likenesses().any(|likeness| likeness == Likeness::Match)
        && likenesses().any(|likeness| matches!(likeness, Likeness::Possible(_)))
}

/// Judges a listing, given how many texts [like ours](Doubt::is_like) are in doubt, ours included (only
/// a [contested](is_contested) listing needs it), and the owners of its [`candidates`]. These must be
/// read last, and both after the listing: then whatever got its SID in between makes the list stale.
///
/// A text like ours need not be from before the end of our last lease: of two identical ones, ours may
/// have been adopted by the other, whose attempt was later.
pub fn judge(
    doubt: &Doubt<'_>,
    listing: &Listing,
    alike_in_doubt: usize,
    owners: &[SidOwner],
) -> Finding {
    let owners: HashMap<_, _> = owners.iter().map(|owner| (&owner.sid, owner.at)).collect();
    let owned = |remote: &RemoteMessage| owners.contains_key(&remote.sid);
    // The oldest comes last in the list, and first here; times are in whole seconds.
    let matches = || {
        let newest_first = listing.messages.iter().rev();
        newest_first.filter(|remote| doubt.compare(remote, listing) == Likeness::Match)
    };
    let asked = listing.requested_at - doubt.skew;
    if matches().any(|remote| owners.get(&remote.sid).is_some_and(|at| *at >= asked)) {
        return Finding::Unclear("the list is older than what is known by now");
    }
    let unowned = || matches().filter(|remote| !owned(remote));
    let mut others = listing.messages.iter().filter(|remote| !owned(remote));
    let possible = others.find_map(|remote| match doubt.compare(remote, listing) {
        Likeness::Possible(reason) => Some(reason),
        _ => None,
    });
    match (unowned().min_by_key(|remote| remote.created_at), possible) {
        (Some(_), Some(_)) if unowned().count() < alike_in_doubt => {
            Finding::Unclear("not every identical text in doubt is listed as it was sent")
        }
        (Some(oldest), _) => Finding::Adopt(Box::new(oldest.clone())),
        (None, Some(reason)) => Finding::Unclear(reason),
        (None, None) => Finding::Absent,
    }
}

/// How alike a listed message is to the one in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Match,
    /// It may be the one, for this reason.
    Possible(&'static str),
    Other,
}

impl Doubt<'_> {
    /// Whether a text of ours is listed like this one.
    pub fn is_like(&self, other: &Body) -> bool {
        is_same_text(other.as_str().trim(), self.body.as_str().trim())
    }

    fn compare(&self, remote: &RemoteMessage, listing: &Listing) -> Likeness {
        let ours = remote.direction == "outbound-api"
            && is_number(&remote.to, self.to)
            && self.is_from_us(remote);
        if !ours
            || remote
                .created_at
                .is_some_and(|at| at < listing.window_begin)
        {
            return Likeness::Other;
        }
        let end = self.latest_creation(listing);
        let in_doubt = remote.created_at.is_none_or(|at| at <= end);
        match remote.body.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => {
                let same = is_same_text(text, self.body.as_str().trim());
                match remote.created_at {
                    Some(_) if same => Likeness::Match,
                    None if same => Likeness::Possible("a text like this one has no date"),
                    _ if in_doubt => {
                        Likeness::Possible("another text to this number may be this one, rewritten")
                    }
                    _ => Likeness::Other,
                }
            }
            _ if in_doubt => Likeness::Possible("a text to this number cannot be read any more"),
            _ => Likeness::Other,
        }
    }

    fn is_from_us(&self, remote: &RemoteMessage) -> bool {
        match self.sender {
            Sender::Number(number) => {
                let from = remote.from.as_deref();
                from.is_some_and(|from| is_number(from, number))
            }
            // The number is the service's to choose, and may not be chosen yet.
            Sender::Service(service) => remote.service.as_deref() == Some(service),
        }
    }

    /// The latest moment, by the provider's clock, at which it can have made the message.
    fn latest_creation(&self, listing: &Listing) -> Timestamp {
        let offset = listing.clock_offset.unwrap_or(UNKNOWN_OFFSET);
        shift(self.last_claim_at, offset) + self.lease + self.skew
    }
}

/// Whether a listed number is this one, in whatever form it is listed.
fn is_number(listed: &str, number: &PhoneNumber) -> bool {
    PhoneNumber::parse(listed).is_ok_and(|listed| listed == *number)
}

/// Whether a listed text is ours, alone or behind a trial account's prefix. That it merely ends like
/// ours is not enough: "ok" is not "all ok".
fn is_same_text(listed: &str, ours: &str) -> bool {
    listed == ours || without_trial_prefix(listed).any(|text| text.trim() == ours)
}

/// What may stand behind a trial account's prefix; the separator may be in its name as well.
fn without_trial_prefix(listed: &str) -> impl Iterator<Item = &str> {
    let rest = listed.strip_prefix(TRIAL_BEGIN).unwrap_or_default();
    let splits = rest
        .match_indices(TRIAL_END)
        .map(|(at, _)| rest.split_at(at));
    splits
        .take_while(|(name, _)| name.chars().count() <= TRIAL_NAME && !name.contains('\n'))
        .map(|(_, text)| &text[TRIAL_END.len()..])
}
