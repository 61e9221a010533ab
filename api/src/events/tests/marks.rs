//! What users note on conversations.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{Stream, pass_changes_on};
use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "/conversations/+14155550123";

async fn note(api: &TestApi, user: &TestUser, notes: Value) {
    let change = request(Method::PATCH, ANNA, Some(user), notes.to_string());
    assert_eq!(api.call(change).await.status, 200);
}

async fn read(api: &TestApi, user: &TestUser) -> Answer {
    let path = format!("{ANNA}/read");
    api.call(request(Method::PUT, &path, Some(user), "")).await
}

#[tokio::test]
async fn each_change_of_a_note_is_told_to_all_devices_of_its_user_alone() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.send(&john, "hello").await;
    api.clock.advance(Duration::from_mins(5));
    let _passing = pass_changes_on(&api);
    let mut devices = [
        Stream::open(&api, &john).await,
        Stream::open(&api, &john).await,
    ];
    let mut janes = Stream::open(&api, &jane).await;
    janes.expect("ready").await;
    for device in &mut devices {
        device.expect("ready").await;
    }
    let told = async |devices: &mut [Stream; 2]| {
        for device in devices {
            assert_eq!(device.expect("conversations.marked").await, json!({}));
        }
    };
    for notes in [
        json!({"pinned": true}),
        json!({"archived": true, "pinned": false}),
        json!({"archived": false, "unread": true}),
    ] {
        note(&api, &john, notes).await;
        told(&mut devices).await;
    }
    // The text was the user's own, so there is nothing else to tell.
    assert_eq!(read(&api, &john).await.status, 204);
    told(&mut devices).await;
    api.send(&jane, "hello").await;
    janes.expect("message").await;
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_that_something_was_noted_meanwhile() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.send(&john, "hello").await;
    note(&api, &john, json!({"pinned": true})).await;
    api.clock.advance(Duration::from_mins(5));
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let last = stream.last;
    api.clock.advance(Duration::from_mins(5));
    let mut stream = Stream::go_on(&api, &john, Some(&last)).await;
    api.clock.advance(Duration::from_mins(5));
    let _passing = pass_changes_on(&api);
    api.send(&john, "nothing was noted").await;
    stream.expect("message").await;
    note(&api, &john, json!({"archived": true})).await;
    let mut stream = Stream::go_on(&api, &john, Some(&last)).await;
    stream.expect("message").await;
    stream.expect("conversations.marked").await;
    assert_ne!(stream.last, last);
}
