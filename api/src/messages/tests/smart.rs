//! Smart encoding.

use http::Method;
use serde_json::{Value, json};

use super::stored;
use crate::testing::{TestApi, TestUser, request};

fn text(content: &str, smart: &Value) -> Value {
    json!({"recipient": "+14155550123", "content": content, "smart_encoding": smart})
}

async fn accepted(api: &TestApi, user: &TestUser, text: &Value) -> Value {
    let answer = api.post("/messages", Some(user), text).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn what_is_typeset_is_replaced_only_for_those_who_ask_for_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let content = "It’s “ready”";
    let plain = accepted(&api, &john, &text(content, &json!(null))).await;
    assert_eq!(
        (&plain["content"], &plain["encoding"]),
        (&json!(content), &json!("UCS-2"))
    );
    assert_eq!(plain["encoding_changes"], json!([]));
    let smart = accepted(&api, &john, &text(content, &json!(true))).await;
    assert_eq!(smart["content"], "It's \"ready\"");
    assert_eq!(smart["encoding"], "GSM-7");
    let changes = json!([
        {"from": "’", "to": "'", "count": 1},
        {"from": "“", "to": "\"", "count": 1},
        {"from": "”", "to": "\"", "count": 1},
    ]);
    assert_eq!(smart["encoding_changes"], changes);
    let message = stored(&api, smart["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(message.body.unwrap().as_str(), "It's \"ready\"");
    let dry = "/messages?dry_run=true";
    let preview = api
        .post(dry, Some(&john), &text(content, &json!(true)))
        .await
        .json();
    assert_eq!(preview["encoding_changes"], changes);
    assert_eq!(
        (&preview["encoding"], &preview["units"]),
        (&json!("GSM-7"), &json!(12))
    );
    assert_eq!(preview["forcing_ucs2"], json!([]));
    let emoji = accepted(&api, &john, &text("It’s 👍", &json!(true))).await;
    assert_eq!(emoji["content"], "It’s 👍");
    assert_eq!(emoji["encoding_changes"], json!([]));
}

#[tokio::test]
async fn a_user_sets_it_for_all_texts_and_a_request_for_one() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let set = async |smart: bool| {
        let settings = json!({ "smart_encoding": smart }).to_string();
        let put = request(Method::PUT, "/me/settings", Some(&john), settings);
        assert_eq!(api.call(put).await.status, 200);
    };
    set(true).await;
    let by_setting = accepted(&api, &john, &text("It’s", &json!(null))).await;
    assert_eq!(by_setting["content"], "It's");
    let by_request = accepted(&api, &john, &text("It’s", &json!(false))).await;
    assert_eq!(by_request["content"], "It’s");
    let ask = async || {
        let body = text("It’s", &json!(null)).to_string();
        let mut asked = request(Method::POST, "/messages", Some(&john), body);
        let headers = asked.headers_mut();
        headers.insert("idempotency-key", "key-1".parse().unwrap());
        api.call(asked).await.json()
    };
    let first = ask().await;
    assert_eq!(first["content"], "It's");
    set(false).await;
    assert_eq!(ask().await, first, "whatever is set since");
}
