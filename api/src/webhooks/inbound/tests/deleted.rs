//! Answers to texts that were deleted.

use std::time::Duration;

use http::StatusCode;
use mysms_core::domain::{ANSWERED_WITHIN, MessageId};
use mysms_core::store::Kind;
use runtime::config::SIMULATOR_AUTH_TOKEN;
use serde_json::Value;

use super::{ANNA, form, tell};
use crate::testing::{TestApi, TestUser};

/// Sends Anna a text that the provider takes.
async fn send(api: &TestApi, user: &TestUser, content: &str) -> MessageId {
    let id = api.send(user, content).await;
    api.take(id).await;
    api.clock.advance(Duration::from_mins(1));
    id
}

/// Anna writes.
async fn write(api: &TestApi, number: u32, words: &str) {
    let sid = format!("SM{number:032x}");
    let told = tell(api, &form(&sid, words), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(told.status, 200);
    api.clock.advance(Duration::from_mins(1));
}

/// What a user has with Anna.
async fn thread(api: &TestApi, user: &TestUser) -> Vec<String> {
    let answer = api.get(&format!("/conversations/{ANNA}"), user).await;
    if answer.status == StatusCode::NOT_FOUND {
        return Vec::new();
    }
    assert_eq!(answer.status, 200, "{}", answer.text());
    let thread: Vec<Value> = answer.json().as_array().unwrap().clone();
    let words = thread.iter().map(|one| one["content"].as_str().unwrap());
    words.map(str::to_owned).collect()
}

async fn delete(api: &TestApi, user: &TestUser, path: &str) {
    let answer = api.delete(path, user).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
}

#[tokio::test]
async fn an_answer_goes_to_whom_it_would_have_gone_to_whatever_was_deleted() {
    for what in ["one", "conversation", "everything"] {
        let api = TestApi::start().await;
        let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
        let first = send(&api, &john, "first of John").await;
        send(&api, &jane, "first of Jane").await;
        send(&api, &john, "second of John").await;
        let path = match what {
            "one" => format!("/messages/{}/{first}", john.hash),
            "conversation" => format!("/conversations/{ANNA}"),
            _ => format!("/messages/{}", john.hash),
        };
        delete(&api, &john, &path).await;
        write(&api, 1, "my PIN is 1234, dear John").await;
        let of_john = thread(&api, &john).await;
        assert_eq!(
            of_john.last().unwrap(),
            "my PIN is 1234, dear John",
            "{what}"
        );
        assert_eq!(thread(&api, &jane).await, ["first of Jane"], "{what}");
    }
}

#[tokio::test]
async fn an_answer_to_the_only_text_that_was_deleted_still_arrives_for_thirty_days() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, "hello").await;
    delete(&api, &john, &format!("/conversations/{ANNA}")).await;
    write(&api, 1, "Thanks!").await;
    assert_eq!(thread(&api, &john).await, ["Thanks!"]);
    // And then nothing is left of it.
    let left = async || api.stores.records.records(Kind::Left).await.unwrap();
    for (later, count) in [(Duration::ZERO, 1), (ANSWERED_WITHIN, 0)] {
        api.clock.advance(later);
        let now = api.state.clock.now();
        api.stores.ledger.forget_left(now).await.unwrap();
        assert_eq!(left().await.len(), count);
    }
}

#[tokio::test]
async fn what_is_kept_of_it_names_no_number_and_says_nothing() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, "hello").await;
    delete(&api, &john, &format!("/conversations/{ANNA}")).await;
    let left = api.stores.records.records(Kind::Left).await.unwrap();
    assert_eq!(left.len(), 1);
    let written = format!("{} {}", left[0].key, left[0].value);
    assert!(
        !written.contains("4155550123") && !written.contains("hello"),
        "{written}"
    );
}

#[tokio::test]
async fn nobody_who_has_left_gets_an_answer() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    send(&api, &john, "hello").await;
    delete(&api, &john, &format!("/conversations/{ANNA}")).await;
    send(&api, &jane, "hi").await;
    let now = api.state.clock.now();
    // A test user has no password.
    let closed = api.stores.accounts.close_account(john.id, "", now).await;
    assert!(closed.unwrap());
    write(&api, 1, "Thanks!").await;
    assert_eq!(thread(&api, &jane).await, ["hi", "Thanks!"]);
}
