//! The provider's list of what our numbers received.
//!
//! It is the account's whole list, of which what was sent is left out: the provider can be asked for one
//! number, but for neither a direction nor a Messaging Service, whose numbers only it knows.

use mysms_core::domain::Timestamp;
use mysms_core::provider::{Clocks, Listed, Mark, ReadFailure, ReceivedPage, Span};
use url::Url;

use super::answer::Answer;
use super::listing::{Page, shift};
use super::received;
use super::resource::Resource;
use super::sender::Origin;

/// A page of this many messages of the longest texts, each character of which takes six bytes, is two
/// thirds of the longest answer that is read.
const PAGE_SIZE: &str = "500";

/// The address of the first page.
pub(super) fn first_page(list: &Url, span: &Span<'_>) -> Url {
    let mut url = list.clone();
    let mut query = url.query_pairs_mut();
    // What was received has a date, which is that of its receipt.
    query.append_pair("DateSent>", &seconds(span.from));
    if let Some(until) = span.until {
        query.append_pair("DateSent<", &seconds(until));
    }
    query.append_pair("PageSize", PAGE_SIZE);
    drop(query);
    url
}

/// Reads the page that was asked for, behind the mark `after`.
pub(super) fn page(
    answer: &Answer,
    list: &Url,
    span: &Span<'_>,
    after: Option<&Mark>,
    now: Timestamp,
) -> Result<ReceivedPage, ReadFailure> {
    let page = Page::read(answer, list)?;
    let is_past = is_past(&page.messages, span.from);
    let next = page.next.map(Mark).filter(|_| !is_past);
    if next.is_some() && next.as_ref() == after {
        return Err(ReadFailure::Unreadable("its next page is the same one"));
    }
    let origins: Vec<_> = span.senders.iter().map(|it| Origin::of(it)).collect();
    let is_ours = |listed: &Resource| origins.iter().any(|origin| origin.received(listed));
    let mut unreadable = 0;
    let mut texts = Vec::new();
    for listed in page.messages {
        let is_within = |at| at >= span.from && span.until.is_none_or(|until| at < until);
        if listed.direction != "inbound" || !is_ours(&listed) {
            continue;
        }
        match listed.dated_at().zip(received::of_list(&listed)) {
            Some((at, text)) if is_within(at) => texts.push(Listed {
                text,
                at,
                has_media: listed.media > 0,
            }),
            Some(_) => {}
            None => unreadable += 1,
        }
    }
    Ok(ReceivedPage {
        texts,
        unreadable,
        next,
        clocks: Clocks {
            ours: now,
            theirs: answer.clock_offset.map(|offset| shift(now, offset)),
        },
    })
}

/// Whether a page, and so whatever comes behind it, is older than what was asked for: in case the provider
/// goes by days. It lists the newest first.
fn is_past(messages: &[Resource], from: Timestamp) -> bool {
    let dates = || messages.iter().map(Resource::dated_at);
    !messages.is_empty()
        && dates().all(|at| at.is_some_and(|at| at < from))
        && dates().is_sorted_by(|earlier, later| earlier >= later)
}

/// As the provider reads moments.
fn seconds(at: Timestamp) -> String {
    let whole = Timestamp::from_millis(at.as_seconds() * 1000).to_string();
    whole.replace(".000Z", "Z")
}
