//! From where and to whom a key sends.

use http::Method;
use serde_json::{Value, json};

use super::program;
use crate::testing::{Answer, TestApi, TestUser, request};

const TEAM: &str = "+14155550123";
const OTHER: &str = "+14155550124";

async fn send(api: &TestApi, key: &TestUser, path: &str, json: Value) -> Answer {
    api.call(request(Method::POST, path, Some(key), json.to_string()))
        .await
}

#[tokio::test]
async fn a_key_of_a_team_sends_to_its_numbers_and_to_no_other() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let wanted = json!({
        "name": "staging", "scopes": ["messages:send", "messages:read"], "mode": "team",
        "recipients": [TEAM],
    });
    let key = program(&api, &john, &wanted).await.as_user;
    let text = |to: &str| json!({"recipient": to, "content": "hello"});
    assert_eq!(send(&api, &key, "/messages", text(TEAM)).await.status, 200);
    let refused = send(&api, &key, "/messages", text(OTHER)).await;
    assert_eq!(refused.problem(403), ["recipient"]);
    let kind = "urn:mysms:problem:recipient-not-in-team";
    assert_eq!(refused.json()["type"], kind);

    let dry = send(&api, &key, "/messages?dry_run=true", text(OTHER))
        .await
        .json();
    assert_eq!(dry["acceptable"], false);
    assert_eq!(dry["limits"][0]["code"], "recipient-not-in-team");
    assert_eq!(dry["errors"][0]["field"], "recipient");
    let dry = send(&api, &key, "/messages?dry_run=true", text(TEAM))
        .await
        .json();
    assert_eq!(dry["acceptable"], true);

    let many = json!({"recipients": [OTHER, TEAM], "content": "hello"});
    let batch = send(&api, &key, "/messages/batch", many).await.json();
    assert_eq!(batch["results"][0]["problem"]["type"], kind);
    assert_eq!(batch["results"][1]["status"], 200);
    // It acts for its user, who sees what was sent with it.
    let sent = api.get("/messages", &john).await.json();
    assert_eq!(sent.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_sends_from_the_senders_that_it_names_and_from_no_other() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (named, other) = ("+14155552671", "+14155552672");
    api.register(&[api.sender(named), api.sender(other)]).await;
    let wanted = json!({
        "name": "a", "scopes": ["messages:send", "senders:read"], "senders": [named],
    });
    let key = program(&api, &john, &wanted).await.as_user;
    let listed = api.get("/senders", &key).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["address"], named);
    let text = json!({"recipient": TEAM, "content": "hello"});
    for _ in 0..3 {
        let sent = send(&api, &key, "/messages", text.clone()).await.json();
        assert_eq!(sent["sender"], named);
    }
    let from = |sender: &str| {
        let mut text = text.clone();
        text["from"] = json!(sender);
        text
    };
    assert_eq!(send(&api, &key, "/messages", from(named)).await.status, 200);
    let refused = send(&api, &key, "/messages", from(other)).await;
    assert_eq!(refused.problem(400), ["from"]);
    assert!(
        refused.text().contains("this API key"),
        "{}",
        refused.text()
    );
}
