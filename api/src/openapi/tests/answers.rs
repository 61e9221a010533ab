//! Answers that no example of the document leads to.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request};
use serde_json::json;

use super::contract::Contract;
use crate::testing::{Answer, TestApi, TestUser, request};

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
        let path = "/messages?dry_run=true";
        let asked = request(Method::POST, path, Some(&john), body.to_string());
        check(&api, ("post", "/messages"), asked).await;
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
async fn every_form_of_a_list_is_described() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for text in ["one", "two"] {
        api.send(&john, text).await;
    }
    let route = ("get", "/messages");
    for (path, kind) in [
        ("/messages?limit=1", "application/json"),
        ("/messages?limit=1", "text/csv"),
        ("/messages", "application/x-ndjson"),
    ] {
        let asked = list(&john, path, (http::header::ACCEPT, kind));
        let answer = check(&api, route, asked).await;
        assert!(answer.header("content-type").starts_with(kind));
    }
    let page = "/messages?limit=1";
    let tag = api.get(page, &john).await.header("etag").to_owned();
    let asked = list(&john, page, (http::header::IF_NONE_MATCH, &tag));
    let answer = check(&api, route, asked).await;
    assert_eq!(answer.status, 304);
}
