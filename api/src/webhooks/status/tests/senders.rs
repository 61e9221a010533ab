//! What callbacks mean for the sender that a text left from.

use http::Method;
use mysms_core::domain::{LineId, MessageId, Rate, Sender};
use serde_json::{Value, json};

use super::{Callback, stored};
use crate::testing::{TestApi, TestUser, request};

const OWN: &str = "+15005550006";
const CODE: &str = "12345";

/// A second sender, and a text from it.
async fn sent() -> (TestApi, TestUser, MessageId) {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let code = Sender {
        rate: Some(Rate::try_from(10.0).unwrap()),
        ..api.sender(CODE)
    };
    api.register(&[code]).await;
    let id = send(&api, &john, CODE).await;
    (api, john, id)
}

async fn send(api: &TestApi, user: &TestUser, from: &str) -> MessageId {
    let text = json!({"recipient": "+14155550123", "content": "hello", "from": from});
    let answer = api.post("/messages", Some(user), &text).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn failed(api: &TestApi, id: MessageId, code: &'static str) {
    let callback = Callback {
        code: Some(code),
        ..Callback::to(id, "undelivered")
    };
    assert_eq!(callback.send(api).await.status, 204);
}

async fn limited(api: &TestApi) -> Value {
    let ready = request(Method::GET, "/readyz", None, "");
    api.call(ready).await.json()["checks"]["senders"]["limited"].take()
}

#[tokio::test]
async fn a_sender_that_is_too_fast_is_slowed_down_and_no_other() {
    let (api, _, id) = sent().await;
    assert_eq!(limited(&api).await, json!([]));
    failed(&api, id, "30022").await;
    let slowed = json!([
        {"sender": "…45", "state": "slowed", "percent": 50, "until": null},
    ]);
    assert_eq!(limited(&api).await, slowed);
    failed(&api, id, "30022").await;
    assert_eq!(limited(&api).await, slowed, "it is known");
}

#[tokio::test]
async fn a_sender_whose_day_is_used_up_rests_until_the_carriers_next() {
    let (api, _, id) = sent().await;
    failed(&api, id, "30023").await;
    let paused = json!([{
        "sender": "…45", "state": "paused", "percent": null, "until": "2026-01-01T08:00:00.000Z",
    }]);
    assert_eq!(limited(&api).await, paused);
    let line = LineId::new(&api.state.provider.account, CODE);
    let known = api.stores.pauses.paused().await.unwrap();
    assert!(known[0].sender.is_of(&line));
}

#[tokio::test]
async fn an_opt_out_is_from_the_sender_of_the_text() {
    let (api, john, id) = sent().await;
    let (same, other) = (send(&api, &john, CODE).await, send(&api, &john, OWN).await);
    let refusal = Callback {
        code: Some("21610"),
        ..Callback::to(id, "failed")
    };
    assert_eq!(refusal.send(&api).await.status, 204);
    let status = async |id| stored(&api, id).await.status.as_str();
    assert_eq!(status(same).await, "failed");
    assert_eq!(status(other).await, "queued");
    let text = json!({"recipient": "+14155550123", "content": "hello", "from": CODE});
    api.post("/messages", Some(&john), &text).await.problem(409);
    send(&api, &john, OWN).await;
}
