//! What of the provider's list may be a text in doubt.

use mysms_core::domain::{Content, Timestamp};
use mysms_core::provider::{Doubt, Found, Likeness, Search};

use super::listing::{Listing, UNKNOWN_OFFSET, shift};
use super::resource::Resource;
use super::sender::{Origin, is_number};

/// What a trial account's texts begin with; up to [`TRIAL_NAME`] characters and [`TRIAL_END`] follow.
const TRIAL_BEGIN: &str = "Sent from your ";
const TRIAL_NAME: usize = 60;
const TRIAL_END: &str = " - ";

impl Listing {
    /// What may be the text in doubt.
    pub fn search(self, doubt: &Doubt<'_>) -> Search {
        let look = Look {
            doubt,
            sender: Origin::of(doubt.sender),
            window_begin: self.window_begin,
            latest_creation: latest_creation(doubt, &self),
        };
        let found = self.messages.into_iter().filter_map(|listed| {
            Some(Found {
                likeness: look.compare(&listed)?,
                created_at: listed.created_at,
                message: listed.into(),
            })
        });
        Search {
            found: found.collect(),
            requested_at: self.requested_at,
        }
    }
}

/// The latest moment, by the provider's clock, at which it can have made the message.
fn latest_creation(doubt: &Doubt<'_>, listing: &Listing) -> Timestamp {
    let offset = listing.clock_offset.unwrap_or(UNKNOWN_OFFSET);
    shift(doubt.last_claim_at, offset) + doubt.lease + doubt.skew
}

/// A look through a list for one text.
struct Look<'a> {
    doubt: &'a Doubt<'a>,
    sender: Origin<'a>,
    /// By the provider's clock.
    window_begin: Timestamp,
    latest_creation: Timestamp,
}

impl Look<'_> {
    fn compare(&self, listed: &Resource) -> Option<Likeness> {
        let created_at = listed.created_at;
        let ours = listed.direction == "outbound-api"
            && is_number(&listed.to, self.doubt.to)
            && self.sender.sent(listed);
        if !ours || created_at.is_some_and(|at| at < self.window_begin) {
            return None;
        }
        let in_doubt = created_at.is_none_or(|at| at <= self.latest_creation);
        let possible = |reason| in_doubt.then_some(Likeness::Possible(reason));
        let ours = self.doubt.content.words();
        let text = listed.body.as_deref().unwrap_or_default().trim();
        if text.is_empty() && !ours.is_empty() {
            return possible("a text to this number cannot be read any more");
        }
        // Whatever is listed may bring other files: of other software, of a deleted message, or of one that a
        // restored ledger has lost.
        if ours.is_empty() {
            return possible("files without a word cannot be told from others");
        }
        let as_many = listed.media == self.doubt.content.media.len();
        let same = as_many && is_same_text(text, ours);
        match created_at {
            Some(_) if same => Some(Likeness::Match),
            None if same => Some(Likeness::Possible("a text like this one has no date")),
            _ => possible("another text to this number may be this one, rewritten"),
        }
    }
}

/// Whether what one message of ours says and brings is listed like this other one.
pub(super) fn is_listed_alike(one: &Content, other: &Content) -> bool {
    one.media.len() == other.media.len() && is_same_text(other.words(), one.words())
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
