mod making;
mod mending;
mod rotating;
mod switching;
mod trying;

use std::sync::Arc;

use http::Method;
use mysms_core::domain::{Endpoint, Progress};
use mysms_core::store::{Kind, Stored, written};
use runtime::config::{WebhookPorts, WebhooksConfig};
use serde_json::{Value, json};
use webhooks::{Policy, Poster};

use crate::testing::{Answer, START, TestApi, TestUser, request};

/// An address on the internet that no test calls.
const URL: &str = "https://1.1.1.1/sms";

/// One where texts cost money and nothing was set: only the internet may be called.
async fn strict() -> TestApi {
    let mut api = TestApi::start().await;
    let config = WebhooksConfig {
        allowed_networks: Vec::new(),
        ports: WebhookPorts::List(Vec::new()),
    };
    let poster = Poster::new(Policy::new(&config), api.clock.clone()).unwrap();
    api.replace(|parts| parts.post = Arc::new(poster));
    api
}

async fn make(api: &TestApi, user: &TestUser, webhook: &Value) -> Value {
    let answer = api.post("/webhooks", Some(user), webhook).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// One that is told everything.
async fn usual(api: &TestApi, user: &TestUser) -> Value {
    make(api, user, &json!({"url": URL})).await
}

/// The path of a webhook, or of something that belongs to it.
fn path(webhook: &Value, part: &str) -> String {
    format!("/webhooks/{}{part}", webhook["id"].as_str().unwrap())
}

async fn patch(api: &TestApi, user: &TestUser, webhook: &Value, change: &Value) -> Answer {
    let path = path(webhook, "");
    let body = change.to_string();
    api.call(request(Method::PATCH, &path, Some(user), body))
        .await
}

fn key(webhook: &Value, user: &TestUser) -> String {
    let id = webhook["id"].as_str().unwrap().parse().unwrap();
    Endpoint::key_of(user.id, id)
}

async fn stored(api: &TestApi, kind: Kind, key: &str) -> Option<Stored> {
    let reading = api.stores.records.record(kind, key, START).await;
    reading.unwrap().record
}

/// Lets a worker have come so far.
async fn change_progress(
    api: &TestApi,
    user: &TestUser,
    webhook: &Value,
    change: impl FnOnce(&mut Progress),
) {
    let key = key(webhook, user);
    let known = stored(api, Kind::Progress, &key).await.unwrap();
    let mut progress: Progress = known.read().unwrap();
    change(&mut progress);
    let value = written(&progress).unwrap();
    let records = &api.stores.records;
    let replaced = records.replace(Kind::Progress, &key, known.version, Some(&value));
    assert!(replaced.await.unwrap());
}
