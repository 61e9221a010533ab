//! Answers that no example of the document leads to.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request};
use mysms_core::domain::{Consent, DisabledBy, EndpointId, Message};
use serde_json::{Value, json};

use super::contract::Contract;
use crate::live::Cursor;
use crate::live::event::{self, Event};
use crate::live::source::DisabledEndpoint;
use crate::testing::{Answer, START, TestApi, TestUser, new_message, request};

async fn check(api: &TestApi, route: (&str, &str), request: Request<Body>) -> Answer {
    let contract = Contract::of(api).await;
    let operations = contract.operations();
    let operation = operations
        .iter()
        .find(|known| (known.method, known.path) == route);
    let answer = api.call(request).await;
    operation.unwrap().check(&answer);
    answer
}

fn list(user: &TestUser, path: &str, header: (HeaderName, &str)) -> Request<Body> {
    let mut list = request(Method::GET, path, Some(user), "");
    let (name, value) = header;
    list.headers_mut()
        .insert(name, HeaderValue::from_str(value).unwrap());
    list
}

#[tokio::test]
async fn a_dry_run_is_described_whatever_it_tells() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for body in [
        json!({"recipient": "+14155550123", "content": "жук", "send_at": "2026-01-02T00:00:00Z"}),
        json!({"recipient": 7, "validity_seconds": "long"}),
    ] {
        let path = "/messages/preview";
        let asked = request(Method::POST, path, Some(&john), body.to_string());
        check(&api, ("post", path), asked).await;
    }
}

#[tokio::test]
async fn every_event_of_a_stream_is_described() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let mut message = Message::from(new_message("hello", START));
    let shown = Event::of(&message, api.state.glossary()).unwrap();
    message.visible = false;
    let gone = Event::of(&message, api.state.glossary()).unwrap();
    let disabled = Event::disabled(&DisabledEndpoint {
        id: EndpointId::generate(START),
        at: START,
        by: DisabledBy::Gone,
    });
    for (event, name, schema) in [
        (Event::ready(), "ready", "ReadyEvent"),
        (shown, "message", "Message"),
        (
            Event::read(message.counterpart.as_ref().unwrap(), message.id),
            "conversation.read",
            "ConversationReadEvent",
        ),
        (gone, "deleted", "DeletedEvent"),
        (disabled, "webhook.disabled", "WebhookDisabledEvent"),
        (Event::reset(), "reset", "ResetEvent"),
    ] {
        let place = Cursor(START);
        let written = event::write(&[event], place, place).concat();
        let written = String::from_utf8(written).unwrap();
        assert!(
            written.starts_with(&format!("event: {name}\n")),
            "{written}"
        );
        let (_, data) = written.split_once("data: ").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        for schema in [schema, "EventData"] {
            let named = json!({"$ref": format!("#/components/schemas/{schema}")});
            let faults = contract.faults(&named, &data);
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn every_result_of_a_batch_is_described() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let good = json!({"recipient": "+14155550123", "content": "hello"});
    let body = json!({"messages": [good, {"recipient": "1"}, 7]});
    let asked = request(
        Method::POST,
        "/messages/batch",
        Some(&john),
        body.to_string(),
    );
    let answer = check(&api, ("post", "/messages/batch"), asked).await;
    assert_eq!(answer.json()["refused"], 2);
}

#[tokio::test]
async fn every_refusal_of_a_batch_that_is_previewed_is_described() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let good = json!({"recipient": "+14155550123", "content": "hello"});
    let stopped = json!({"recipient": "+14155550199", "content": "hello"});
    api.hear("+14155550199", "STOP", Consent::Withdrawn).await;
    let body = json!({"messages": [good, {"recipient": "1"}, 7, stopped]}).to_string();
    let path = "/messages/batch/preview";
    let asked = request(Method::POST, path, Some(&john), body);
    let answer = check(&api, ("post", path), asked).await;
    assert_eq!(answer.json()["refused"], 3);
}

#[tokio::test]
async fn every_form_of_a_list_is_described() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for text in ["one", "two"] {
        api.send(&john, text).await;
    }
    let (route, export) = (("get", "/messages"), ("get", "/messages/export"));
    for (path, route, kind) in [
        ("/messages?limit=1", route, "application/json"),
        ("/messages/export?limit=1", export, "text/csv"),
        (
            "/messages/export?format=ndjson",
            export,
            "application/x-ndjson",
        ),
    ] {
        let asked = request(Method::GET, path, Some(&john), "");
        let answer = check(&api, route, asked).await;
        assert!(answer.header("content-type").starts_with(kind));
    }
    let page = "/messages?limit=1";
    let tag = api.get(page, &john).await.header("etag").to_owned();
    let asked = list(&john, page, (http::header::IF_NONE_MATCH, &tag));
    let answer = check(&api, route, asked).await;
    assert_eq!(answer.status, 304);
}
