use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use futures_util::future::join_all;
use http::Method;
use mysms_core::domain::{Fact, MessageId, NewMessage, ProviderId, ProviderStatus};
use serde_json::{Value, json};

use crate::testing::{Answer, START, TestApi, TestUser, new_message, request};

/// Puts messages `0`, `1`, … straight into the ledger, a millisecond apart.
pub(super) async fn fill(api: &TestApi, user: &TestUser, count: u64) -> Vec<MessageId> {
    let inserts = (0..count).map(|number| {
        let sent_at = START + Duration::from_millis(number);
        let message = NewMessage {
            owner: user.id,
            account: api.state.provider.account.clone(),
            ..new_message(&number.to_string(), sent_at)
        };
        async move {
            let id = message.id;
            api.stores.ledger.insert(message).await.unwrap();
            id
        }
    });
    join_all(inserts).await
}

pub(super) fn contents(list: &Value) -> Vec<u64> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|message| message["content"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Where the link to the next page leads from the page that was asked for.
pub(super) fn next(asked: &str, page: &Answer) -> Option<String> {
    let cursor = page.header("x-next-cursor");
    assert_eq!(cursor.is_empty(), page.header("link").is_empty());
    let link = page.header("link").strip_prefix('<')?;
    let query = link.strip_suffix(">; rel=\"next\"").unwrap();
    // A proxy may have shown the page under another path.
    assert!(query.starts_with('?'), "{query}");
    assert!(query.ends_with(&format!("cursor={cursor}")), "{query}");
    let path = asked.split('?').next().unwrap();
    Some(format!("{path}{query}"))
}

#[tokio::test]
async fn a_user_without_messages_has_an_empty_list() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for path in ["/messages", "/messages?limit=5", "/messages?order=desc"] {
        let list = api.get(path, &john).await;
        assert_eq!((list.status.as_u16(), list.json()), (200, json!([])));
        assert_eq!(list.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn messages_are_shown_whole_and_oldest_first() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let first = api.send(&john, "Hello, this is a test message!").await;
    let second = api.send(&john, "second").await;
    let sid = "SM0123456789abcdef0123456789abcdef";
    let fact = Fact {
        message: Some(first),
        sid: ProviderId::parse(sid).unwrap(),
        account: api.state.provider.account.clone(),
        status: ProviderStatus::UNDELIVERED,
        code: Some("30003".to_owned()),
        detail: None,
        at: START + Duration::from_secs(2),
        poll_at: None,
    };
    api.stores.ledger.apply_fact(&fact).await.unwrap();

    let list = api.get("/messages", &john).await.json();
    let expected = json!({
        "id": first,
        "direction": "outbound",
        "counterpart": "+14155550123",
        "recipient": "+14155550123",
        "content": "Hello, this is a test message!",
        "sent_at": "2026-01-01T00:00:00.120Z",
        "unread": false,
        "send_at": null,
        "expires_at": "2026-01-01T04:00:00.120Z",
        "status": "undelivered",
        "segments": 1,
        "encoding": "GSM-7",
        "attempts": 0,
        "error_code": "30003",
        "error_message": twilio::GLOSSARY.explain("30003"),
        "provider_sid": sid,
        "updated_at": "2026-01-01T00:00:02.120Z",
        "delivered_at": null,
        "retry_of": null,
        "simulated": true,
        "version": 2,
        "sender": "+15005550006",
        "class": "transactional",
        "starts_at": null,
        "expected_at": null,
        "expected_by": null,
        "reference": null,
        "tags": {},
        "recovered": false,
        "media": [],
        "dispatched_at": "2026-01-01T00:00:02.120Z",
        "position": first,
    });
    assert_eq!(list[0], expected);
    assert_eq!(list[1]["id"], json!(second));
    assert_eq!(list[1]["error_code"], Value::Null);
    assert_eq!(list.as_array().unwrap().len(), 2);
    let same = api.get(&format!("/messages/{}", john.hash), &john).await;
    assert_eq!(same.json(), list);
}

#[tokio::test]
async fn all_messages_are_listed_however_many() {
    for count in [500, 1001] {
        let api = TestApi::start().await;
        let john = api.user("john_doe").await;
        fill(&api, &john, count).await;
        let list = api.get("/messages", &john).await.json();
        assert_eq!(contents(&list), (0..count).collect::<Vec<_>>());
        let list = api.get("/messages?order=desc", &john).await.json();
        assert_eq!(contents(&list), (0..count).rev().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_does_not_end_like_a_whole_one() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 600).await;
    let list = request(Method::GET, "/messages", Some(&john), Body::empty());
    let response = api.respond(list).await;
    assert_eq!(response.status(), 200);
    let mut chunks = response.into_body().into_data_stream();
    let first = chunks.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"[{") && !first.ends_with(b"]"));
    api.store.close().await;
    let mut broke_off = false;
    while let Some(chunk) = chunks.next().await {
        broke_off = chunk.is_err();
        assert!(chunk.is_ok_and(|chunk| !chunk.ends_with(b"]")) || broke_off);
    }
    assert!(broke_off);
}

#[tokio::test]
async fn pages_lead_through_all_messages_once() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 10).await;
    for (order, expected) in [
        ("asc", (0..10).collect::<Vec<_>>()),
        ("desc", (0..10).rev().collect()),
    ] {
        let mut path = format!("/messages/{}?order={order}&limit=4", john.hash);
        let mut seen = Vec::new();
        let mut sizes = Vec::new();
        loop {
            let page = api.get(&path, &john).await;
            let page_contents = contents(&page.json());
            sizes.push(page_contents.len());
            seen.extend(page_contents);
            match next(&path, &page) {
                Some(target) => path = target,
                None => break,
            }
        }
        assert_eq!((seen, sizes), (expected, vec![4, 4, 2]));
    }
}

#[tokio::test]
async fn a_page_that_ends_with_the_last_message_has_no_next_one() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 4).await;
    let page = api.get("/messages?limit=4", &john).await;
    assert_eq!(contents(&page.json()).len(), 4);
    assert_eq!(page.header("link"), "");
}

#[tokio::test]
async fn pages_stay_in_place_while_messages_are_added() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    fill(&api, &john, 6).await;
    let first = api.get("/messages?order=desc&limit=3", &john).await;
    assert_eq!(contents(&first.json()), [5, 4, 3]);
    api.clock.advance(Duration::from_secs(10));
    api.send(&john, "99").await;
    let path = next("/messages", &first).unwrap();
    let second = api.get(&path, &john).await;
    assert_eq!(contents(&second.json()), [2, 1, 0]);
    assert_eq!(next(&path, &second), None);
}

#[tokio::test]
async fn a_cursor_without_a_limit_gives_the_rest() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = fill(&api, &john, 5).await;
    let path = format!("/messages?cursor={}", ids[2]);
    assert_eq!(contents(&api.get(&path, &john).await.json()), [3, 4]);
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let cases: [(&str, &[&str]); 22] = [
        ("order=sideways", &["order"]),
        ("order=", &["order"]),
        ("order=ASC", &["order"]),
        ("limit=0", &["limit"]),
        ("limit=201", &["limit"]),
        ("limit=-1", &["limit"]),
        ("limit=ten", &["limit"]),
        ("limit=99999999999999999999", &["limit"]),
        ("limit=5&limit=5", &["limit"]),
        ("cursor=42", &["cursor"]),
        ("order=asc&order=desc&cursor=", &["order", "cursor"]),
        ("order=x&limit=x&cursor=x", &["order", "limit", "cursor"]),
        ("status=", &["status"]),
        ("status=lost", &["status"]),
        ("status=queued,,sent", &["status"]),
        ("recipient=4155550123", &["recipient"]),
        ("recipient=%2B1415%245550123", &["recipient"]),
        ("since=yesterday", &["since"]),
        ("until=2026-01-01", &["until"]),
        ("since=2026-01-01T00:00:00", &["since"]),
        ("q=", &["q"]),
        (&format!("q={}", "x".repeat(101)), &["q"]),
    ];
    let own = format!("/messages/{}", john.hash);
    for (query, fields) in cases {
        for path in ["/messages", own.as_str()] {
            let answer = api.get(&format!("{path}?{query}"), &john).await;
            assert_eq!(answer.problem(400), fields, "{query}");
        }
    }
    for query in [
        "limit=1",
        "limit=200",
        "order=asc",
        "unknown=1&unknown=2",
        "",
    ] {
        let answer = api.get(&format!("/messages?{query}"), &john).await;
        assert_eq!(answer.status, 200, "{query}");
    }
}
