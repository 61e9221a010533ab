//! What of the provider's list may be a text in doubt.

use mysms_core::domain::{Body, PhoneNumber, Timestamp};
use mysms_core::provider::{Doubt, Found, Likeness, Search};
use runtime::config::Sender;

use super::listing::{Listing, UNKNOWN_OFFSET, shift};
use super::resource::Resource;

/// What a trial account's texts begin with; up to [`TRIAL_NAME`] characters and [`TRIAL_END`] follow.
const TRIAL_BEGIN: &str = "Sent from your ";
const TRIAL_NAME: usize = 60;
const TRIAL_END: &str = " - ";

impl Listing {
    /// What may be the text in doubt. `own` sent it if the doubt names nobody that can be a sender.
    pub fn search(self, doubt: &Doubt<'_>, own: &Sender) -> Search {
        let used = Sender::parse(doubt.sender);
        let look = Look {
            doubt,
            sender: used.as_ref().unwrap_or(own),
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
    sender: &'a Sender,
    /// By the provider's clock.
    window_begin: Timestamp,
    latest_creation: Timestamp,
}

impl Look<'_> {
    fn compare(&self, listed: &Resource) -> Option<Likeness> {
        let created_at = listed.created_at;
        let ours = listed.direction == "outbound-api"
            && is_number(&listed.to, self.doubt.to)
            && self.is_from_us(listed);
        if !ours || created_at.is_some_and(|at| at < self.window_begin) {
            return None;
        }
        let in_doubt = created_at.is_none_or(|at| at <= self.latest_creation);
        let possible = |reason| in_doubt.then_some(Likeness::Possible(reason));
        let text = listed.body.as_deref().unwrap_or_default().trim();
        if text.is_empty() {
            return possible("a text to this number cannot be read any more");
        }
        let same = is_same_text(text, self.doubt.body.as_str().trim());
        match created_at {
            Some(_) if same => Some(Likeness::Match),
            None if same => Some(Likeness::Possible("a text like this one has no date")),
            _ => possible("another text to this number may be this one, rewritten"),
        }
    }

    fn is_from_us(&self, listed: &Resource) -> bool {
        match self.sender {
            Sender::Number(number) => {
                let from = listed.from.as_deref();
                from.is_some_and(|from| is_number(from, number))
            }
            // The number is the service's to choose, and may not be chosen yet.
            Sender::Service(service) => listed.service.as_deref() == Some(service),
        }
    }
}

/// Whether a text of ours is listed like this other one.
pub(super) fn is_listed_alike(one: &Body, other: &Body) -> bool {
    is_same_text(other.as_str().trim(), one.as_str().trim())
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
