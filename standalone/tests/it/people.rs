//! Texts made of templates, and the end of a conversation, where several processes have to agree.

use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    what_is_made_of_a_template_is_sent_as_it_was_made,
    a_deleted_conversation_is_gone_both_ways_and_what_waited_is_never_sent,
);

const ANNA: &str = "+14155550100";
const BERT: &str = "+14155550101";

async fn what_is_made_of_a_template_is_sent_as_it_was_made(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[]).await;
    let client = messenger.client("john_doe").await;
    let template = json!({"name": "Hello", "content": "Hello {{name}}!"});
    let created = client
        .request(Method::POST, "/templates", Some(template))
        .await;
    let template: Value = created.json().await.unwrap();
    let messages = json!({"messages": [
        {"recipient": ANNA, "template": template["id"], "fields": {"name": "Anna"}},
        {"recipient": BERT, "template": template["id"], "fields": {"name": "Bert"}},
    ]});
    let sent = client
        .request(Method::POST, "/messages/batch", Some(messages))
        .await;
    let sent: Value = sent.json().await.unwrap();
    assert_eq!(sent["accepted"], 2, "{sent}");
    for answer in sent["results"].as_array().unwrap() {
        let id = answer["accepted"]["id"].as_str().unwrap();
        client.wait_for(id, "delivered").await;
    }
    let mut bodies: Vec<_> = judge
        .accepted()
        .await
        .into_iter()
        .map(|it| it.body)
        .collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["Hello Anna!", "Hello Bert!"]);
}

async fn a_deleted_conversation_is_gone_both_ways_and_what_waited_is_never_sent(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [
        ("ERASE_AT_PROVIDER", "record"),
        ("ERASE_AFTER_SECONDS", "0.001"),
        ("STATUS_POLL_SECONDS", "1,2,4,8,16,32,64"),
    ];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let client = messenger.client("john_doe").await;
    let question = client.send(ANNA, "question").await;
    client.wait_for(&question, "delivered").await;
    let sid = judge.write(ANNA, "answer").await;
    judge.wait_until_taken(ANNA, &sid).await;
    let other = client.send(BERT, "to somebody else").await;
    client.wait_for(&other, "delivered").await;
    let due = SystemClock.now() + Duration::from_secs(15);
    let waiting = json!({"recipient": ANNA, "content": "never", "send_at": due});
    let waiting = client
        .request(Method::POST, "/messages", Some(waiting))
        .await;
    assert!(waiting.status().is_success());
    let path = format!("/conversations/{ANNA}");
    let deleted = client.request(Method::DELETE, &path, None).await;
    let deleted: Value = deleted.json().await.unwrap();
    assert_eq!(deleted["deleted"], 3, "{deleted}");
    let list = client.request(Method::GET, "/conversations", None).await;
    let list: Vec<Value> = list.json().await.unwrap();
    let left: Vec<_> = list.iter().map(|one| &one["counterpart"]).collect();
    assert_eq!(left, [BERT]);
    eventually("neither is at the provider", async || {
        !judge.lists("question").await && !judge.lists("answer").await
    })
    .await;
    // What was to go out later than that has gone out, so it had its time.
    let due = due + Duration::from_secs(1);
    let after = json!({"recipient": BERT, "content": "the last", "send_at": due});
    let after = client.request(Method::POST, "/messages", Some(after)).await;
    let after: Value = after.json().await.unwrap();
    client
        .wait_for(after["id"].as_str().unwrap(), "delivered")
        .await;
    let accepted = judge.accepted().await;
    assert!(accepted.iter().all(|entry| entry.body != "never"));
    assert!(judge.lists("to somebody else").await);
}
