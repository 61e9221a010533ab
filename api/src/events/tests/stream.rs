use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use mysms_core::domain::{Fact, MessageId, NewMessage, ProviderId, ProviderStatus};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{PATIENCE, Stream, pass_changes_on};
use crate::testing::{Answer, START, TestApi, TestUser, new_claim, new_message, request};

/// What a list says of the only message.
async fn listed(api: &TestApi, user: &TestUser) -> Value {
    let list = api.get("/messages", user).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    list[0].clone()
}

/// A stream instead would not end.
async fn refusal(api: &TestApi, asked: http::Request<axum::body::Body>) -> Answer {
    let answer = timeout(PATIENCE, api.call(asked)).await;
    answer.expect("it is refused")
}

fn fact(api: &TestApi, id: MessageId, word: &str) -> Fact {
    Fact {
        message: Some(id),
        sid: ProviderId::parse(&format!("SM{}", "7".repeat(32))).unwrap(),
        account: api.state.provider.account.clone(),
        status: ProviderStatus::of(word.parse().unwrap()).unwrap(),
        code: None,
        detail: None,
        at: START,
        poll_at: None,
    }
}

#[tokio::test]
async fn every_change_is_told_as_a_list_would_show_it() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    assert_eq!(stream.block().await.unwrap(), "retry: 2000");
    assert_eq!(stream.expect("ready").await, json!({}));

    let id = api.send(&john, "hello").await;
    let queued = stream.expect("message").await;
    assert_eq!(queued, listed(&api, &john).await);
    assert_eq!(queued["status"], "queued");

    let claim = new_claim(START);
    api.stores
        .ledger
        .claim(&[id], api.worker(), claim)
        .await
        .unwrap();
    api.state.announce(john.id, START);
    assert_eq!(stream.expect("message").await["status"], "sending");

    for word in ["sent", "delivered"] {
        api.stores
            .ledger
            .apply_fact(&fact(&api, id, word))
            .await
            .unwrap();
        api.state.announce(john.id, START);
        let told = stream.expect("message").await;
        assert_eq!(told["status"], word);
        assert_eq!(told, listed(&api, &john).await);
    }
    let path = format!("/messages/{}/{id}", john.hash);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    assert_eq!(stream.expect("deleted").await, json!({ "id": id }));
}

#[tokio::test]
async fn what_the_user_does_is_told_too() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let ids = [api.send(&john, "one").await, api.send(&john, "two").await];
    for _ in ids {
        stream.expect("message").await;
    }
    let path = format!("/messages/{}/{}/cancel", john.hash, ids[0]);
    let canceled = api.post(&path, Some(&john), &json!({})).await;
    assert_eq!(stream.expect("message").await, canceled.json());
    let path = format!("/messages/{}", john.hash);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    let mut gone = HashSet::new();
    for _ in ids {
        gone.insert(stream.expect("deleted").await["id"].clone());
    }
    assert_eq!(gone, HashSet::from(ids.map(|id| json!(id))));
}

#[tokio::test]
async fn nobody_is_told_of_the_messages_of_another() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let mut johns = Stream::open(&api, &john).await;
    let mut janes = Stream::open(&api, &jane).await;
    let of_jane = api.send(&jane, "hello").await;
    let of_john = api.send(&john, "hello").await;
    for (stream, id) in [(&mut johns, of_john), (&mut janes, of_jane)] {
        stream.expect("ready").await;
        assert_eq!(stream.expect("message").await["id"], json!(id));
    }
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_what_it_missed() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let last = stream.last;
    drop(stream.body);

    api.clock.advance(Duration::from_mins(30));
    let (kept, deleted) = (api.send(&john, "kept").await, api.send(&john, "gone").await);
    let path = format!("/messages/{}/{deleted}", john.hash);
    api.delete(&path, &john).await;

    let mut stream = Stream::go_on(&api, &john, Some(&last)).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        assert!(
            stream.last.is_empty() || stream.last == last,
            "half of it is not all"
        );
        let event = stream.next().await.unwrap();
        told.push((event.name, event.data["id"].clone()));
    }
    let expected = [
        ("message".to_owned(), json!(kept)),
        ("deleted".to_owned(), json!(deleted)),
    ];
    assert_eq!(told, expected);
    assert_ne!(stream.last, last);

    // Some comes a second time, because it could have been stored late.
    api.clock.advance(Duration::from_mins(1));
    let mut stream = Stream::go_on(&api, &john, Some(&stream.last)).await;
    for (name, id) in expected {
        assert_eq!(stream.expect(&name).await["id"], id);
    }
    // After that there is nothing more, and that is said too.
    let mut stream = Stream::go_on(&api, &john, Some(&stream.last)).await;
    stream.block().await.unwrap();
    let block = stream.block().await.unwrap();
    assert!(block.starts_with(": alive\nid: "), "{block}");
}

#[tokio::test]
async fn what_was_stored_a_little_late_is_not_missed() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.clock.advance(Duration::from_mins(5));
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let at = api.state.clock.now() - crate::live::OVERLAP;
    let late = text(&api, &john, at, 1);
    let id = late.id;
    api.stores.ledger.insert(late).await.unwrap();
    let mut stream = Stream::go_on(&api, &john, Some(&stream.last)).await;
    assert_eq!(stream.expect("message").await["id"], json!(id));
}

fn text(
    api: &TestApi,
    user: &TestUser,
    at: mysms_core::domain::Timestamp,
    number: u32,
) -> NewMessage {
    NewMessage {
        owner: user.id,
        account: api.state.provider.account.clone(),
        ..new_message(&format!("text {number}"), at)
    }
}

#[tokio::test]
async fn a_gap_that_is_too_long_or_too_full_is_a_reset() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.clock.advance(Duration::from_hours(2));
    let now = api.state.clock.now();
    let id = |at: mysms_core::domain::Timestamp| at.as_millis().to_string();
    let hour = Duration::from_hours(1);
    let second = Duration::from_secs(1);
    for (last, reset) in [
        (now - hour, false),
        (now - hour - second, true),
        (now + hour, true),
        (START - 10_000 * hour, true),
    ] {
        let mut stream = Stream::go_on(&api, &john, Some(&id(last))).await;
        stream.block().await.unwrap();
        let block = stream.block().await.unwrap();
        assert_eq!(block.starts_with("event: reset"), reset, "{block}");
        let goes_on = format!("id: {}", id(now));
        assert!(block.contains(&goes_on), "{block}");
    }
    for (stored, reset) in [(0..1000, false), (1000..1001, true)] {
        let inserts = stored.map(|number| api.stores.ledger.insert(text(&api, &john, now, number)));
        for inserted in join_all(inserts).await {
            inserted.unwrap();
        }
        let mut stream = Stream::go_on(&api, &john, Some(&id(now))).await;
        for _ in 0..1000 {
            stream.expect("message").await;
        }
        if reset {
            stream.expect("reset").await;
        }
        assert_eq!(stream.last, id(api.state.clock.now()));
    }
}

#[tokio::test]
async fn a_client_with_an_id_that_is_none_of_ours_begins_anew() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for ids in [&["yesterday"][..], &[""], &["-5"], &["1", "2"], &["\u{e9}"]] {
        let mut asked = request(Method::GET, "/events", Some(&john), "");
        for id in ids {
            let value = http::HeaderValue::from_bytes(id.as_bytes()).unwrap();
            asked.headers_mut().append("last-event-id", value);
        }
        let answer = api.respond(asked).await;
        assert_eq!(answer.status(), 200, "{ids:?}");
        Stream::of(answer).expect("reset").await;
    }
}

#[tokio::test]
async fn nothing_on_the_way_keeps_or_gathers_a_stream() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let asked = request(Method::GET, "/events", Some(&john), "");
    let answer = api.respond(asked).await;
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
}

#[tokio::test]
async fn a_user_has_so_many_streams_and_no_more() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(Stream::open(&api, &john).await);
    }
    let refused = refusal(&api, request(Method::GET, "/events", Some(&john), "")).await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "10");
    Stream::open(&api, &jane).await;
    open.pop();
    Stream::open(&api, &john).await;
}

#[tokio::test]
async fn a_gap_that_cannot_be_read_is_a_503() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    // So that it is known who is still logged in.
    api.state.revoked.look(START).await.unwrap();
    api.store.close().await;
    let mut asked = request(Method::GET, "/events", Some(&john), "");
    let last = START.as_millis().into();
    asked.headers_mut().insert("last-event-id", last);
    refusal(&api, asked).await.problem(503);
}
