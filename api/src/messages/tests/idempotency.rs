use futures_util::future::join_all;
use http::Method;
use mysms_core::domain::{MessageId, Status};
use serde_json::json;

use super::{claim, stored};
use crate::testing::{Answer, TestApi, TestUser, request};

async fn send(api: &TestApi, user: &TestUser, key: &str, recipient: &str, text: &str) -> Answer {
    let body = json!({"recipient": recipient, "content": text}).to_string();
    let mut request = request(Method::POST, "/messages", Some(user), body);
    let key = http::HeaderValue::from_bytes(key.as_bytes()).unwrap();
    request.headers_mut().insert("idempotency-key", key);
    api.call(request).await
}

fn id(answer: &Answer) -> MessageId {
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn count(api: &TestApi, user: &TestUser) -> usize {
    let list = api.get("/messages", user).await;
    list.json().as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_key_and_body_give_the_first_answer_again() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let first = send(&api, &john, "key-1", "+14155550123", "hello").await;
    assert_eq!(first.status, 200);
    api.clock.advance(std::time::Duration::from_mins(1));
    claim(&api, id(&first)).await;
    // Written otherwise, but the same number.
    let again = send(&api, &john, "key-1", "+1 415 555-0123", "hello").await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(count(&api, &john).await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_422() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, "key-1", "+14155550123", "hello").await;
    let others = [("+14155550123", "hello!"), ("+14155550124", "hello")];
    for (recipient, text) in others {
        let answer = send(&api, &john, "key-1", recipient, text).await;
        answer.problem(422);
    }
    assert_eq!(count(&api, &john).await, 1);
}

#[tokio::test]
async fn keys_belong_to_their_user() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let jane = api.user("jane_doe").await;
    let johns = send(&api, &john, "key-1", "+14155550123", "hello").await;
    let janes = send(&api, &jane, "key-1", "+14155550123", "hi").await;
    assert_eq!(janes.status, 200);
    assert_ne!(id(&johns), id(&janes));
}

#[tokio::test]
async fn without_a_key_every_request_is_a_message() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (one, two) = (
        api.send(&john, "hello").await,
        api.send(&john, "hello").await,
    );
    assert_ne!(one, two);
}

#[tokio::test]
async fn of_twenty_racing_requests_with_one_key_one_becomes_a_message() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let sends = (0..20).map(|_| send(&api, &john, "key-1", "+14155550123", "hello"));
    let answers = join_all(sends).await;
    let replayed = |answer: &&Answer| answer.header("idempotent-replayed") == "true";
    assert_eq!(answers.iter().filter(replayed).count(), 19);
    for answer in &answers {
        assert_eq!(answer.json(), answers[0].json());
    }
    assert_eq!(count(&api, &john).await, 1);
}

#[tokio::test]
async fn a_key_survives_the_deletion_of_its_message() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let first = send(&api, &john, "key-1", "+14155550123", "hello").await;
    let path = format!("/messages/{}/{}", john.hash, id(&first));
    assert_eq!(api.delete(&path, &john).await.status, 200);

    let again = send(&api, &john, "key-1", "+14155550123", "hello").await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = send(&api, &john, "key-1", "+14155550123", "bye").await;
    other.problem(422);
    assert_eq!(stored(&api, id(&first)).await.status, Status::Canceled);
    assert_eq!(count(&api, &john).await, 0);
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_characters_given_once() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let longest = "k".repeat(255);
    let answer = send(&api, &john, &longest, "+14155550123", "hello").await;
    assert_eq!(answer.status, 200);
    for bad in ["", "two words", "schlüssel", &"k".repeat(256)] {
        let answer = send(&api, &john, bad, "+14155550123", "hello").await;
        assert_eq!(answer.problem(400), ["Idempotency-Key"], "{bad}");
    }
    let body = json!({"recipient": "+14155550123", "content": "hello"}).to_string();
    let mut twice = request(Method::POST, "/messages", Some(&john), body);
    for key in ["key-1", "key-2"] {
        let headers = twice.headers_mut();
        headers.append("idempotency-key", key.parse().unwrap());
    }
    assert_eq!(api.call(twice).await.problem(400), ["Idempotency-Key"]);
}
