//! Reading what our numbers received.

use std::time::Duration;

use jiff::fmt::rfc2822;
use mysms_core::domain::{Consent, Timestamp};
use mysms_core::provider::{Mark, Provider, ReadFailure, ReceivedPage, Span};
use serde_json::{Value, json};

use super::server::{ACCOUNT, Act, Server, answer, answer_with, client};

const OURS: &str = "+15005550006";
const CODE: &str = "72345";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";
const SENDERS: [&str; 4] = [OURS, CODE, SERVICE, "My Shop"];

const FROM: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const HOUR: Duration = Duration::from_hours(1);

fn mail_date(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap();
    let printer = rfc2822::DateTimePrinter::new();
    printer.timestamp_to_rfc9110_string(&instant).unwrap()
}

fn sid(number: u32) -> String {
    format!("SM{number:032x}")
}

/// A text that Anna wrote to our number half an hour after the begin, with some changes.
fn text(number: u32, changes: &Value) -> Value {
    let at = mail_date(FROM + HOUR / 2);
    let mut text = json!({
        "sid": sid(number), "account_sid": ACCOUNT, "messaging_service_sid": null,
        "direction": "inbound", "status": "received", "from": "+14155550123", "to": OURS,
        "body": "hi", "date_created": at, "date_sent": at, "date_updated": at,
    });
    for (field, value) in changes.as_object().unwrap() {
        text[field] = value.clone();
    }
    text
}

fn page(texts: &[Value], next: Option<&str>) -> Act {
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let next = next.map(|query| format!("{path}?{query}"));
    let body = json!({ "messages": texts, "next_page_uri": next });
    let date = format!("Date: {}\r\n", mail_date(FROM + HOUR));
    answer_with(200, &date, &body.to_string())
}

async fn received(server: &Server, after: Option<&Mark>) -> Result<ReceivedPage, ReadFailure> {
    let span = Span {
        senders: &SENDERS,
        from: FROM,
        until: Some(FROM + HOUR),
    };
    client(&server.url).received(&span, after).await
}

fn sids(page: &ReceivedPage) -> Vec<String> {
    let texts = page.texts.iter();
    texts.map(|listed| listed.text.sid.to_string()).collect()
}

#[tokio::test]
async fn the_account_is_asked_for_what_was_received_within_a_time() {
    let server = Server::start([page(&[], Some("PageToken=a&Page=1")), page(&[], None)]);
    let first = received(&server, None).await.unwrap();
    let request = server.next();
    let (path, query) = request.target().split_once('?').unwrap();
    assert_eq!(
        path,
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    );
    let query = form_urlencoded::parse(query.as_bytes()).into_owned();
    let expected = [
        ("DateSent>", "2026-01-01T00:00:00Z"),
        ("DateSent<", "2026-01-01T01:00:00Z"),
        ("PageSize", "500"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query.collect::<Vec<_>>(), expected);
    assert_eq!(
        first.clocks.theirs.map(Timestamp::as_seconds),
        Some((FROM + HOUR).as_seconds())
    );
    let second = received(&server, first.next.as_ref()).await.unwrap();
    let target = server.next().target().to_owned();
    assert!(target.ends_with("?PageToken=a&Page=1"), "{target}");
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn only_what_was_written_to_our_senders_counts() {
    let server = Server::start([page(
        &[
            text(1, &json!({})),
            text(2, &json!({"to": CODE, "body": " stop"})),
            text(
                3,
                &json!({"to": "+15005559999", "messaging_service_sid": SERVICE}),
            ),
            text(4, &json!({"to": "+15005559999"})),
            text(5, &json!({"direction": "outbound-api"})),
            text(6, &json!({"direction": "outbound-reply"})),
            text(
                7,
                &json!({"date_sent": mail_date(FROM - Duration::from_secs(1))}),
            ),
            text(8, &json!({"date_sent": mail_date(FROM + HOUR)})),
            text(9, &json!({"date_sent": mail_date(FROM), "body": ""})),
            text(
                10,
                &json!({"from": "whatsapp:+14155550123", "to": format!("whatsapp:{OURS}")}),
            ),
        ],
        None,
    )]);
    let page = received(&server, None).await.unwrap();
    assert_eq!(sids(&page), [1, 2, 3, 9, 10].map(sid));
    assert_eq!(page.unreadable, 0);
    let [first, stop, through, silent, channel] = page.texts.try_into().unwrap();
    assert_eq!(first.at, FROM + HOUR / 2);
    assert_eq!(first.text.account, ACCOUNT);
    assert_eq!(first.text.body.unwrap().as_str(), "hi");
    assert_eq!(stop.text.consent, Some(Consent::Withdrawn));
    assert_eq!(through.text.service.as_deref(), Some(SERVICE));
    assert_eq!((silent.text.body, silent.at), (None, FROM));
    assert_eq!(channel.text.from.as_str(), "whatsapp:+14155550123");
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nothing_else_from_being_found() {
    let server = Server::start([page(
        &[
            text(1, &json!({"account_sid": null})),
            text(2, &json!({"date_sent": null, "date_created": "yesterday"})),
            text(3, &json!({"from": null})),
        ],
        None,
    )]);
    let page = received(&server, None).await.unwrap();
    assert_eq!((sids(&page), page.unreadable), (vec![sid(3)], 2));
}

/// In case it goes by days.
#[tokio::test]
async fn the_list_ends_with_a_page_that_is_older_than_what_is_asked_for() {
    let aged = |number, minutes: u32| {
        let at = mail_date(FROM - Duration::from_mins(1) * minutes);
        text(number, &json!({"date_sent": at}))
    };
    let server = Server::start([
        page(&[aged(1, 1), aged(2, 2)], Some("PageToken=a")),
        page(&[aged(1, 1), text(3, &json!({}))], Some("PageToken=a")),
        page(&[aged(2, 2), aged(1, 1)], Some("PageToken=a")),
    ]);
    let goes_on = async || received(&server, None).await.unwrap().next.is_some();
    assert!(!goes_on().await);
    assert!(goes_on().await);
    assert!(goes_on().await, "it is in no order that we know");
}

#[tokio::test]
async fn no_answer_leads_elsewhere_or_round_in_circles() {
    let elsewhere = r#"{"messages":[],"next_page_uri":"https://evil.example.com/x?y=1"}"#;
    let server = Server::start([
        answer(200, elsewhere),
        page(&[text(1, &json!({}))], Some("PageToken=a")),
    ]);
    let failure = received(&server, None).await.unwrap_err();
    assert!(matches!(failure, ReadFailure::Unreadable(_)), "{failure}");
    let mark = Mark("PageToken=a".to_owned());
    let failure = received(&server, Some(&mark)).await.unwrap_err();
    assert!(matches!(failure, ReadFailure::Unreadable(_)), "{failure}");
}

#[tokio::test]
async fn who_may_not_list_and_who_asks_too_often_are_told_apart() {
    let server = Server::start([
        answer(401, r#"{"code":20003,"status":401}"#),
        answer(403, ""),
        answer_with(429, "Retry-After: 7\r\n", r#"{"code":20429}"#),
        answer(429, ""),
    ]);
    let mut failures = Vec::new();
    for _ in 0..4 {
        failures.push(received(&server, None).await.unwrap_err());
    }
    let [refused, status, throttled, silently] = failures.try_into().unwrap();
    assert!(matches!(refused, ReadFailure::Refused { code, .. } if code == "20003"));
    assert!(matches!(status, ReadFailure::Status(403)), "{status}");
    let retry_after = Some(Duration::from_secs(7));
    assert!(
        matches!(throttled, ReadFailure::Throttled { retry_after: wait } if wait == retry_after)
    );
    assert!(matches!(
        silently,
        ReadFailure::Throttled { retry_after: None }
    ));
}
