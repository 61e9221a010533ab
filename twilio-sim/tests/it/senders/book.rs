use jiff::Timestamp;
use serde_json::json;
use twilio_sim::{BookLine, TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use super::{ABROAD, accepted, send};
use crate::support::{TO, at_once, start};

#[tokio::test]
async fn the_book_tells_who_sent_how_much() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.sender("Shop", json!({})).await;
    let mut sids = Vec::new();
    for (from, segments) in [
        (TEST_SENDER, 1),
        (TEST_MESSAGING_SERVICE_SID, 2),
        ("Shop", 6),
    ] {
        sids.push(accepted(account, from, segments).await);
    }
    let cyrillic = [
        ("To", TO),
        ("From", TEST_SENDER),
        ("Body", &*"ж".repeat(71)),
    ];
    let (_, message) = account.create(&cyrillic).await;
    sids.push(message["sid"].as_str().unwrap().to_owned());
    let lines: Vec<BookLine> = (account.book(0).await.into_iter())
        .map(|line| serde_json::from_value(line).unwrap())
        .collect();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (&*line.sid, &*line.sender, line.segments, &*line.to))
        .collect();
    let expected = [
        (&*sids[0], TEST_SENDER, 1, ABROAD),
        (&*sids[1], TEST_MESSAGING_SERVICE_SID, 2, ABROAD),
        (&*sids[2], "Shop", 6, ABROAD),
        (&*sids[3], TEST_SENDER, 2, TO),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn it_has_nothing_but_what_creates_brought_and_is_read_on_from_any_place() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    accepted(account, TEST_SENDER, 1).await;
    account.write(TO, "inbound").await;
    let foreign = json!({"to": TO, "body": "not by a create"});
    assert_eq!(account.control("POST", "/messages", foreign).await.0, 201);
    let (status, _) = send(account, TEST_SENDER, 1, &[("ValidityPeriod", "0")]).await;
    assert_eq!(status, 400);
    accepted(account, TEST_SENDER, 1).await;
    let book = account.book(0).await;
    assert_eq!(book.len(), 2);
    let place = book[0]["n"].as_u64().unwrap();
    assert_eq!(account.book(place).await, book[1..]);
    let place = book[1]["n"].as_u64().unwrap();
    assert!(account.book(place).await.is_empty());
    assert!(account.book(1_000_000).await.is_empty());
}

#[tokio::test]
async fn a_request_came_before_anything_was_done_with_it() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account
        .fault(json!({"fault": {"kind": "delay_accept", "ms": 30}}))
        .await;
    accepted(account, TEST_SENDER, 1).await;
    let arrived = account.book(0).await[0]["arrived_at_ms"].as_i64().unwrap();
    let created = account.ledger(ABROAD).await[0]["created"].clone();
    let created: Timestamp = created.as_str().unwrap().parse().unwrap();
    let later = created.as_millisecond() - arrived;
    assert!((30..1_000_000).contains(&later), "{later}");
}
