//! The provider's list of messages to one number.

use std::time::Duration;

use jiff::SignedDuration;
use mysms_core::domain::Timestamp;
use mysms_core::provider::ReadFailure;
use serde_json::Value;
use url::Url;

use super::answer::Answer;
use super::resource::Resource;

/// How far the provider's clock may be from ours when its answer does not tell the time.
pub(super) const UNKNOWN_OFFSET: SignedDuration = SignedDuration::from_mins(15);

/// The provider gives times in whole seconds, cut off.
const SECOND: Duration = Duration::from_secs(1);

/// From when on a listing has to be complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListWindow {
    /// When the first attempt began, by our clock.
    pub first_attempt_at: Timestamp,
    /// How far the clocks of our own hosts may be apart.
    pub skew: Duration,
}

impl ListWindow {
    /// The begin by the provider's clock; early rather than late.
    fn begin(&self, clock_offset: Option<SignedDuration>) -> Timestamp {
        let offset = clock_offset.unwrap_or(-UNKNOWN_OFFSET);
        shift(self.first_attempt_at, offset) - self.skew - SECOND
    }
}

/// All messages to a number that the provider has made since the begin of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// As the provider lists them.
    pub messages: Vec<Resource>,
    /// By the provider's clock.
    pub window_begin: Timestamp,
    /// The provider's clock minus ours, from the `Date` header of the first answer.
    pub clock_offset: Option<SignedDuration>,
    /// When the list was asked for, by our clock.
    pub requested_at: Timestamp,
}

impl Listing {
    /// An empty listing whose window is set by the first answer.
    pub(super) fn begin(window: &ListWindow, first: &Answer, requested_at: Timestamp) -> Self {
        Self {
            messages: Vec::new(),
            window_begin: window.begin(first.clock_offset),
            clock_offset: first.clock_offset,
            requested_at,
        }
    }

    /// Adds the messages of a page that are not older than the window. True if there are some, or
    /// there are none at all: then the next page may have more.
    pub(super) fn add(&mut self, messages: Vec<Resource>) -> bool {
        let begin = self.window_begin;
        let empty = messages.is_empty();
        let before = self.messages.len();
        let recent = |message: &Resource| message.created_at.is_none_or(|at| at >= begin);
        self.messages.extend(messages.into_iter().filter(recent));
        empty || self.messages.len() > before
    }
}

/// A moment of our clock as the provider's clock shows it.
pub(super) fn shift(at: Timestamp, offset: SignedDuration) -> Timestamp {
    if offset.is_negative() {
        at - offset.unsigned_abs()
    } else {
        at + offset.unsigned_abs()
    }
}

/// A page of the list.
pub(super) struct Page {
    pub(super) messages: Vec<Resource>,
    /// The query of the next page.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads a page of the list at `list`; it is whole or an error.
    pub(super) fn read(answer: &Answer, list: &Url) -> Result<Self, ReadFailure> {
        let body = answer.body();
        let messages = body["messages"]
            .as_array()
            .ok_or(ReadFailure::Unreadable("it is not a list of messages"))?;
        let messages: Option<Vec<_>> = messages.iter().map(Resource::read).collect();
        let next = match &body["next_page_uri"] {
            Value::Null => None,
            uri => Some(next_query(uri.as_str(), list)?),
        };
        Ok(Self {
            messages: messages
                .ok_or(ReadFailure::Unreadable("a message in the list has no SID"))?,
            next,
        })
    }
}

/// The query of the next page, whose address must be that of the same list. Only the query is used,
/// so that no answer can send our credentials elsewhere; the address may lack the path under which a
/// gateway shows the provider.
pub(super) fn next_query(uri: Option<&str>, list: &Url) -> Result<String, ReadFailure> {
    let next = uri.and_then(|uri| list.join(uri).ok());
    let same = |next: &Url| next.origin() == list.origin() && list.path().ends_with(next.path());
    next.filter(same)
        .and_then(|next| next.query().map(str::to_owned))
        .ok_or(ReadFailure::Unreadable("its next page is somewhere else"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "https://api.example.com/2010-04-01/Accounts/AC1/Messages.json";

    fn query(uri: &str, list: &str) -> Option<String> {
        next_query(Some(uri), &Url::parse(list).unwrap()).ok()
    }

    /// What may be erased at the provider is judged by how far looks go back.
    #[test]
    fn no_look_shows_what_was_recorded_longer_ago_than_the_domain_says() {
        use mysms_core::clock::MAX_CLOCK_SKEW;
        use mysms_core::domain::LOOKED_BACK;
        let first_attempt_at = Timestamp::from_millis(1_767_225_600_000);
        let window = ListWindow {
            first_attempt_at,
            skew: MAX_CLOCK_SKEW,
        };
        // What the list dates so may have been made earlier, if the provider's clock is ahead, and whoever
        // recorded its SID may have done so by another clock of ours than who tried the other text.
        let made = shift(window.begin(None), -UNKNOWN_OFFSET);
        let recorded = made - MAX_CLOCK_SKEW;
        assert!(recorded > first_attempt_at - LOOKED_BACK);
    }

    #[test]
    fn the_next_page_is_one_of_the_same_list() {
        let path = "/2010-04-01/Accounts/AC1/Messages.json";
        let next = format!("{path}?PageSize=200&Page=1&PageToken=PASM1");
        let expected = Some("PageSize=200&Page=1&PageToken=PASM1".to_owned());
        assert_eq!(query(&next, LIST), expected);
        assert_eq!(
            query(&format!("https://api.example.com{next}"), LIST),
            expected
        );
        let behind = "https://gateway.example.com/twilio/2010-04-01/Accounts/AC1/Messages.json";
        assert_eq!(query(&next, behind), expected);
        assert_eq!(query(&format!("/twilio{next}"), behind), expected);

        for bad in [
            path,
            "",
            "/?PageToken=1",
            "//evil.example.com/2010-04-01/Accounts/AC1/Messages.json?Page=1",
            "https://evil.example.com/2010-04-01/Accounts/AC1/Messages.json?Page=1",
            "http://api.example.com/2010-04-01/Accounts/AC1/Messages.json?Page=1",
            "https://api.example.com:444/2010-04-01/Accounts/AC1/Messages.json?Page=1",
            "/2010-04-01/Accounts/AC2/Messages.json?Page=1",
            "/2010-04-01/Accounts/AC1/Calls.json?Page=1",
        ] {
            assert_eq!(query(bad, LIST), None, "{bad}");
        }
    }

    #[test]
    fn the_window_begins_by_the_providers_clock_and_early() {
        let window = ListWindow {
            first_attempt_at: Timestamp::from_millis(1_000_000_000),
            skew: Duration::from_secs(5),
        };
        let begin = |offset| window.begin(offset).as_millis() - 1_000_000_000;
        assert_eq!(begin(Some(SignedDuration::ZERO)), -6_000);
        assert_eq!(begin(Some(SignedDuration::from_secs(60))), 54_000);
        assert_eq!(begin(Some(SignedDuration::from_secs(-60))), -66_000);
        assert_eq!(begin(None), -906_000);
    }
}
