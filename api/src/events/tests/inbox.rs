//! What those are told who may see what belongs to nobody.

use serde_json::json;

use super::{Stream, pass_changes_on};
use crate::testing::TestApi;

const ANNA: &str = "+14155550123";

#[tokio::test]
async fn whoever_may_see_the_inbox_is_told_that_it_changes() {
    let api = TestApi::start().await;
    let _hub = pass_changes_on(&api);
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.let_see_inbox(john.id, true).await;
    let mut johns = Stream::open(&api, &john).await;
    let mut janes = Stream::open(&api, &jane).await;
    johns.expect("ready").await;
    johns.expect("inbox").await;
    janes.expect("ready").await;

    let received = api.receive_from(ANNA, "Hello?").await;
    assert_eq!(johns.expect("inbox").await, json!({}));
    let before = johns.last.clone();
    let path = format!("/inbox/unassigned/{}/assign", received.id);
    let to_jane = json!({"username": "jane_doe"});
    let assigned = api.post(&path, Some(&john), &to_jane).await;
    assert_eq!(assigned.status, 204);
    johns.expect("inbox").await;
    assert_eq!(johns.last, before, "it is no place to go on from");
    // It is the first that she is told of it.
    let told = janes.expect("message").await;
    assert_eq!(told["id"], received.id.to_string());
    assert_eq!(
        (&told["unread"], &told["direction"]),
        (&json!(true), &json!("inbound"))
    );
}

#[tokio::test]
async fn whoever_is_let_while_they_watch_is_told_from_then_on() {
    let api = TestApi::start().await;
    let _hub = pass_changes_on(&api);
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    api.let_see_inbox(john.id, true).await;
    stream.expect("inbox").await;
    api.receive_from(ANNA, "Hello?").await;
    stream.expect("inbox").await;
}

#[tokio::test]
async fn whoever_may_not_see_it_any_more_is_told_nothing() {
    let api = TestApi::start().await;
    let _hub = pass_changes_on(&api);
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let mut streams = Vec::new();
    for user in [&john, &jane] {
        api.let_see_inbox(user.id, true).await;
        let mut stream = Stream::open(&api, user).await;
        stream.expect("ready").await;
        stream.expect("inbox").await;
        streams.push(stream);
    }
    api.let_see_inbox(john.id, false).await;
    api.receive_from(ANNA, "Hello?").await;
    // Once she is told, all are.
    streams[1].expect("inbox").await;
    api.send(&john, "hello").await;
    streams[0].expect("message").await;
}
