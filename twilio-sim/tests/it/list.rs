use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::{Value, json};

use crate::support::{Account, TO, at_once, start};

fn bodies(page: &Value) -> Vec<String> {
    let messages = page["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["body"].as_str().unwrap().to_owned())
        .collect()
}

async fn listed(account: &Account, query: &str) -> Vec<String> {
    let (status, page) = account.list(query).await;
    assert_eq!(status, 200, "{page}");
    bodies(&page)
}

#[tokio::test]
async fn pages_are_followed_by_their_links() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    for n in 0..5 {
        account.send(TO, &n.to_string(), None).await;
        account.send("+14155550101", "other", None).await;
    }
    let (_, first) = account
        .list(&format!("To=%2B{}&PageSize=2", &TO[1..]))
        .await;
    assert_eq!(bodies(&first), ["4", "3"]);
    assert_eq!(first["page"], 0);
    assert_eq!(first["page_size"], 2);
    assert_eq!((&first["start"], &first["end"]), (&json!(0), &json!(1)));
    assert_eq!(first["previous_page_uri"], Value::Null);

    // What is accepted meanwhile shifts no page.
    account.send(TO, "5", None).await;
    let next = first["next_page_uri"].as_str().unwrap();
    assert!(next.starts_with("/2010-04-01/"), "{next}");
    let (_, second) = account.get(next).await;
    assert_eq!(bodies(&second), ["2", "1"]);
    assert_eq!((&second["start"], &second["end"]), (&json!(2), &json!(3)));

    let (_, third) = account.get(second["next_page_uri"].as_str().unwrap()).await;
    assert_eq!(bodies(&third), ["0"]);
    assert_eq!(third["next_page_uri"], Value::Null);

    let (_, back) = account
        .get(third["previous_page_uri"].as_str().unwrap())
        .await;
    assert_eq!(bodies(&back), ["2", "1"]);
    let (_, top) = account.get(first["first_page_uri"].as_str().unwrap()).await;
    assert_eq!(bodies(&top), ["5", "4"]);
}

#[tokio::test]
async fn the_page_size_is_fifty_and_at_most_a_thousand() {
    let harness = start(at_once()).await;
    for _ in 0..51 {
        harness.account.send(TO, "x", None).await;
    }
    assert_eq!(listed(&harness.account, "").await.len(), 50);
    assert_eq!(listed(&harness.account, "Page=1").await.len(), 1);
    assert_eq!(listed(&harness.account, "PageSize=5000").await.len(), 51);
    let (_, page) = harness.account.list("PageSize=5000").await;
    assert_eq!(page["page_size"], 1000);
}

#[tokio::test]
async fn senders_and_recipients_filter() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.send(TO, "ours", None).await;
    let foreign = json!({"to": TO, "from": "+14155550199", "body": "theirs"});
    let (status, message) = account.control("POST", "/messages", foreign).await;
    assert_eq!((status, &message["status"]), (201, &json!("delivered")));
    assert_eq!(
        listed(account, "To=%2B14155550100").await,
        ["theirs", "ours"]
    );
    assert_eq!(listed(account, "From=%2B14155550199").await, ["theirs"]);
    assert_eq!(
        listed(account, "To=%2B14155550100&From=%2B15005550006").await,
        ["ours"]
    );
    assert!(listed(account, "To=%2B14155550109").await.is_empty());
}

#[tokio::test]
async fn dates_filter_by_when_a_message_was_sent() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let sent = account.send(TO, "sent", None).await;
    account.settings(json!({"step_ms": 600_000})).await;
    account.send(TO, "queued", None).await;

    let now = rfc2822::parse(sent["date_created"].as_str().unwrap())
        .unwrap()
        .timestamp();
    let day = |days: i64| -> Timestamp { now + SignedDuration::from_hours(24 * days) };
    let date = |days: i64| day(days).strftime("%Y-%m-%d").to_string();
    for (query, found) in [
        (format!("DateSent%3E={}", date(0)), true),
        (format!("DateSent>={}", date(0)), true),
        (format!("DateSent%3E={}", date(1)), false),
        (format!("DateSent%3C={}", date(1)), true),
        (format!("DateSent%3C={}", date(0)), false),
        (format!("DateSent={}", date(0)), true),
        (format!("DateSent={}", date(-1)), false),
        (format!("DateSent%3E={}", day(-1)), true),
        (format!("DateSent%3C={}", day(-1)), false),
        (
            format!("DateSent%3E={}&DateSent%3C={}", date(0), date(2)),
            true,
        ),
    ] {
        let expected: &[&str] = if found { &["sent"] } else { &[] };
        assert_eq!(listed(account, &query).await, expected, "{query}");
    }
    assert_eq!(listed(account, "").await, ["queued", "sent"]);
    assert_eq!(account.list("DateSent=yesterday").await.0, 400);
}
