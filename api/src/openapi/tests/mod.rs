mod answers;
mod contract;
mod examples;

use std::collections::BTreeSet;

use contract::Contract;
use http::Method;

use super::problems;
use crate::testing::{TestApi, request};

#[tokio::test]
async fn every_operation_says_what_it_is() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let document = contract.document();
    assert_eq!(document["openapi"], "3.1.0");
    let known: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut ids = BTreeSet::new();
    for operation in contract.operations() {
        let (method, path) = (operation.method, operation.path);
        assert!(operation.said["summary"].is_string(), "{method} {path}");
        let id = operation.said["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        let tags = operation.said["tags"].as_array().unwrap();
        assert!(
            tags.len() == 1 && known.contains(&&tags[0]),
            "{method} {path}: {tags:?}"
        );
        for response in operation.said["responses"].as_object().unwrap().values() {
            assert!(
                response["headers"]["X-Request-Id"].is_object(),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let mut parts = vec![contract.document()];
    while let Some(part) = parts.pop() {
        contract.resolve(part);
        parts.extend(
            part.as_object()
                .into_iter()
                .flat_map(|fields| fields.values()),
        );
        parts.extend(part.as_array().into_iter().flatten());
    }
}

#[tokio::test]
async fn what_needs_a_token_is_what_is_said_to_need_one() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    for operation in contract.operations() {
        let (method, path) = (operation.method, operation.path);
        let call = request(method.to_uppercase().parse().unwrap(), path, None, "");
        let answer = api.call(call).await;
        let closed = operation.needs_login();
        assert_eq!(answer.status == 401, closed, "{method} {path}");
    }
}

#[tokio::test]
async fn every_error_is_in_the_document() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let document = contract.document();
    let introduction = document["info"]["description"].as_str().unwrap();
    let responses = document["paths"].to_string();
    for error in problems::all() {
        let code = error.code();
        assert!(introduction.contains(&format!("| `{code}` |")), "{code}");
        // These two answer where there is no route, or not with that method.
        if !["no-such-path", "method-not-allowed"].contains(&code) {
            let kind = format!("\"urn:mysms:problem:{code}\"");
            assert!(responses.contains(&kind), "no route answers {code}");
        }
    }
}

#[tokio::test]
async fn the_page_and_all_it_needs_come_from_here() {
    let api = TestApi::start().await;
    let get = async |path: &str| api.call(request(Method::GET, path, None, "")).await;
    let page = get("/docs").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    let html = page.text();
    let files: Vec<_> = ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .map(|rest| rest.split_once('"').unwrap().0)
        .collect();
    assert!(files.len() > 4, "{html}");
    for file in files {
        let answer = get(&format!("/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.is_empty());
    }
    let start = get("/docs/swagger-initializer.js").await.text();
    assert!(start.contains("\"openapi.json\""), "{start}");
    get("/docs/..%2FCargo.toml").await.problem(404);
    get("/docs/%ff").await.problem(404);
}
