//! Reading the provider's messages: all of them, or none.

use std::time::Duration;

use jiff::fmt::rfc2822;
use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::{ProviderId, Status, Timestamp};
use mysms_core::provider::{Provider, ReadFailure};
use serde_json::{Value, json};
use twilio::{ListWindow, Listing};

use super::server::{
    ACCOUNT, Act, SID, Server, TO, answer, answer_with, client, client_with, nobody, phone,
};

const SKEW: Duration = Duration::from_secs(5);

fn message(sid: &str, created_at: Timestamp) -> Value {
    json!({
        "sid": sid, "status": "delivered", "direction": "outbound-api", "to": TO,
        "date_created": mail_date(created_at), "body": "hi",
    })
}

fn mail_date(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap();
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&instant)
        .unwrap()
}

fn sid(number: usize) -> String {
    format!("SM{number:032x}")
}

fn page(messages: &[Value], next: Option<&str>) -> Act {
    page_at(messages, next, SystemClock.now())
}

/// A page from a provider whose clock shows `date`.
fn page_at(messages: &[Value], next: Option<&str>, date: Timestamp) -> Act {
    let next = next.map(next_uri);
    let body = json!({ "messages": messages, "next_page_uri": next });
    let date = format!("Date: {}\r\n", mail_date(date));
    answer_with(200, &date, &body.to_string())
}

fn next_uri(token: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?PageToken={token}")
}

async fn list(server: &Server, first_attempt_at: Timestamp) -> Result<Listing, ReadFailure> {
    let window = ListWindow {
        first_attempt_at,
        skew: SKEW,
    };
    client(&server.url).list(&phone(TO), window).await
}

fn sids(listing: &Listing) -> Vec<String> {
    let sids = listing
        .messages
        .iter()
        .map(|message| message.sid.to_string());
    sids.collect()
}

#[tokio::test]
async fn a_list_is_asked_for_by_number_and_never_by_date() {
    let now = SystemClock.now();
    let server = Server::start([page(&[message(SID, now)], None)]);
    let listing = list(&server, now).await.unwrap();
    assert_eq!(sids(&listing), [SID]);
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let request = server.next();
    let (target, query) = request.target().split_once('?').unwrap();
    assert_eq!(target, path);
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let expected = [("To", TO), ("PageSize", "200")];
    assert_eq!(query, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
}

#[tokio::test]
async fn every_page_is_read_until_the_list_ends() {
    let now = SystemClock.now();
    let server = Server::start([
        page(&[message(&sid(3), now)], Some("a")),
        page(&[], Some("b")),
        page(&[message(&sid(2), now), message(&sid(1), now)], None),
    ]);
    let listing = list(&server, now).await.unwrap();
    assert_eq!(sids(&listing), [sid(3), sid(2), sid(1)]);
    server.next();
    assert_eq!(server.next().target(), next_uri("a"));
    assert_eq!(server.next().target(), next_uri("b"));
}

#[tokio::test]
async fn reading_ends_with_a_page_that_is_older_than_the_window() {
    let now = SystemClock.now();
    let old = now - Duration::from_hours(1);
    let server = Server::start([
        page(&[message(&sid(4), now), message(&sid(3), old)], Some("a")),
        page(&[message(&sid(2), now), message(&sid(1), old)], Some("b")),
        page(&[message(&sid(9), old), message(&sid(8), old)], Some("c")),
        page(&[message(&sid(7), now)], None),
    ]);
    let listing = list(&server, now).await.unwrap();
    assert_eq!(sids(&listing), [sid(4), sid(2)]);
    for _ in 0..3 {
        server.next();
    }
    server.assert_no_more();
}

#[tokio::test]
async fn a_message_without_a_date_is_not_old() {
    let now = SystemClock.now();
    let mut undated = message(SID, now);
    undated["date_created"] = Value::Null;
    let server = Server::start([page(&[undated], None)]);
    assert_eq!(sids(&list(&server, now).await.unwrap()), [SID]);
}

#[tokio::test]
async fn the_window_follows_the_providers_clock() {
    let now = SystemClock.now();
    let hour = Duration::from_hours(1);
    for (theirs, name) in [(now + hour, "ahead"), (now - hour, "behind")] {
        let server = Server::start([page_at(&[message(SID, theirs)], None, theirs)]);
        let listing = list(&server, now).await.unwrap();
        assert_eq!(sids(&listing), [SID], "{name}");
        assert!(
            listing.clock_offset.unwrap().unsigned_abs() > hour / 2,
            "{name}"
        );
        let early = theirs - SKEW - Duration::from_secs(1);
        assert!(listing.window_begin <= early, "{name}");
        assert!(listing.window_begin > early - hour / 2, "{name}");
    }
}

#[tokio::test]
async fn without_a_date_of_the_answer_the_window_begins_a_quarter_of_an_hour_earlier() {
    let now = SystemClock.now();
    let earlier = now - Duration::from_mins(15);
    let body = json!({ "messages": [message(SID, earlier)], "next_page_uri": null });
    let server = Server::start([answer(200, &body.to_string())]);
    let listing = list(&server, now).await.unwrap();
    assert_eq!(listing.clock_offset, None);
    assert_eq!(sids(&listing), [SID]);
    assert_eq!(
        listing.window_begin,
        earlier - SKEW - Duration::from_secs(1)
    );
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_list() {
    let now = SystemClock.now();
    let broken = [
        answer(500, ""),
        answer(429, r#"{"code":20429}"#),
        answer(200, "{}"),
        answer(200, "<html>"),
        answer(200, r#"{"messages":[{"sid":"SM1"}],"next_page_uri":null}"#),
        answer(
            200,
            r#"{"messages":[],"next_page_uri":"https://evil.example.com/x?y=1"}"#,
        ),
        answer(200, r#"{"messages":[],"next_page_uri":7}"#),
        answer_with(307, "Location: /\r\n", ""),
        Act::Close,
    ];
    for (case, second) in broken.into_iter().enumerate() {
        let server = Server::start([page(&[message(SID, now)], Some("a")), second]);
        assert!(list(&server, now).await.is_err(), "case {case}");
    }
}

#[tokio::test]
async fn a_list_that_does_not_end_is_a_failure() {
    let now = SystemClock.now();
    let pages = std::iter::repeat_with(move || page(&[message(SID, now)], Some("a")));
    let server = Server::start(pages.take(300));
    let failure = list(&server, now).await.unwrap_err();
    assert!(matches!(failure, ReadFailure::TooLong { .. }), "{failure}");
}

#[tokio::test]
async fn one_message_is_read_or_known_to_be_unknown() {
    let now = SystemClock.now();
    let unknown = r#"{"code":20404,"status":404}"#;
    let server = Server::start([
        answer(200, &message(SID, now).to_string()),
        answer(404, unknown),
    ]);
    let client = client(&server.url);
    let wanted = ProviderId::parse(SID).unwrap();
    let found = client.fetch(&wanted).await.unwrap().unwrap();
    assert_eq!(found.status.status(), Status::Delivered);
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}.json");
    assert_eq!(server.next().target(), path);
    assert_eq!(client.fetch(&wanted).await.unwrap(), None);
}

#[tokio::test]
async fn another_message_or_an_answer_from_elsewhere_is_a_failure() {
    let other = message(&sid(1), SystemClock.now()).to_string();
    let refused = r#"{"code":20003,"status":401}"#;
    let answers = [
        answer(200, &other),
        answer(404, "<html>"),
        answer(401, refused),
    ];
    for (case, act) in answers.into_iter().enumerate() {
        let server = Server::start([act]);
        let wanted = ProviderId::parse(SID).unwrap();
        let fetched = client(&server.url).fetch(&wanted).await;
        assert!(fetched.is_err(), "case {case}");
    }
}

#[tokio::test]
async fn a_refusal_to_list_is_told_with_its_code_and_without_the_providers_words() {
    let body = r#"{"code":20003,"message":"+14155550123","status":401}"#;
    let server = Server::start([page(&[], None), answer(401, body)]);
    let client = client(&server.url);
    client.check().await.unwrap();
    assert!(server.next().target().ends_with("?PageSize=1"));
    let failure = client.check().await.unwrap_err();
    let shown = format!("{failure} {failure:?}");
    assert!(shown.contains("20003") && !shown.contains("415"), "{shown}");
}

#[tokio::test]
async fn failures_tell_an_unreachable_provider_from_a_silent_one_and_show_no_number() {
    let window = ListWindow {
        first_attempt_at: SystemClock.now(),
        skew: SKEW,
    };
    let unreachable = client(&nobody())
        .list(&phone(TO), window)
        .await
        .unwrap_err();
    assert!(unreachable.is_unreachable());
    let server = Server::start([Act::Hang]);
    let hasty = client_with(&server.url, Duration::from_secs(2));
    let silent = hasty.list(&phone(TO), window).await.unwrap_err();
    assert!(!silent.is_unreachable());
    for failure in [unreachable, silent] {
        let shown = format!("{failure} {failure:?}");
        assert!(!shown.contains("4155550123"), "{shown}");
    }
}
