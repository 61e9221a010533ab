use std::time::Duration;

use http::Method;
use mysms_core::domain::Revocation;
use serde_json::json;
use tokio::time::Instant;

use super::{Stream, pass_changes_on};
use crate::testing::{START, TestApi, TestUser, request};

/// What there is to show ends a stream sooner than the next look at its token.
async fn open(api: &TestApi) -> (TestUser, Stream) {
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(api, &john).await;
    stream.expect("ready").await;
    (john, stream)
}

#[tokio::test]
async fn it_ends_with_the_token_that_is_logged_out() {
    let api = TestApi::start().await;
    let (john, stream) = open(&api).await;
    let left = api.call(request(Method::POST, "/logout", Some(&john), ""));
    assert_eq!(left.await.status, 200);
    let since = Instant::now();
    assert_eq!(api.state.metrics.event_streams.get(), 1);
    stream.ends().await;
    assert!(since.elapsed() < Duration::from_secs(5));
    assert_eq!(api.state.metrics.event_streams.get(), 0);
}

#[tokio::test]
async fn it_ends_with_all_tokens_of_its_user() {
    let api = TestApi::start().await;
    let (john, stream) = open(&api).await;
    api.state.revoked.note(Revocation::User {
        user: john.id,
        generation: 1,
        at: START,
    });
    stream.ends().await;
}

#[tokio::test]
async fn it_ends_when_the_token_expires() {
    let api = TestApi::start().await;
    let (_, stream) = open(&api).await;
    api.clock.advance(Duration::from_hours(25));
    stream.ends().await;
}

#[tokio::test]
async fn it_ends_with_the_key_that_it_was_opened_with_wherever_that_is_deleted() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let wanted = json!({
        "name": "a", "scopes": ["events:read"],
        "expires_at": START + Duration::from_hours(1),
    });
    let mut streams = Vec::new();
    for _ in 0..2 {
        let made = api.post("/keys", Some(&john), &wanted).await.json();
        let program = TestUser {
            token: made["key"].as_str().unwrap().to_owned(),
            hash: john.hash.clone(),
            id: john.id,
        };
        let mut stream = Stream::open(&api, &program).await;
        stream.expect("ready").await;
        streams.push((stream, format!("/keys/{}", made["id"].as_str().unwrap())));
    }
    let (deleted, path) = streams.remove(0);
    let other = api.beside();
    assert_eq!(other.delete(&path, &john).await.status, 200);
    deleted.ends().await;

    let (expired, _) = streams.remove(0);
    assert_eq!(api.state.metrics.event_streams.get(), 1);
    api.clock.advance(Duration::from_hours(1));
    expired.ends().await;
}

#[tokio::test]
async fn nothing_is_shown_while_it_is_not_known_who_is_logged_in() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let (john, stream) = open(&api).await;
    let mut other = Stream::open(&api, &john).await;
    other.expect("ready").await;
    api.send(&john, "hello").await;
    assert_eq!(other.expect("message").await["content"], "hello");
    // What was read of the store before it went away waits for the other one.
    api.store.close().await;
    let rest = tokio::time::timeout(super::PATIENCE, collect(stream)).await;
    assert!(!rest.unwrap().contains("hello"));
}

async fn collect(mut stream: Stream) -> String {
    let mut rest = String::new();
    while let Some(block) = stream.block().await {
        rest += &block;
    }
    rest
}

#[tokio::test]
async fn it_ends_when_the_process_stops() {
    let api = TestApi::start().await;
    let (_, stream) = open(&api).await;
    api.state.closing.cancel();
    stream.ends().await;
}

#[tokio::test]
async fn without_a_token_there_is_none() {
    let api = TestApi::start().await;
    let answer = api.call(request(Method::GET, "/events", None, "")).await;
    answer.problem(401);
    let answer = api.post("/events", None, &json!({})).await;
    answer.problem(405);
}
