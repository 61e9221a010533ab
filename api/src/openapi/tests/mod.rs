mod answers;
mod contract;
mod examples;
mod generators;
mod samples;

use std::collections::BTreeSet;
use std::io::Read;

use contract::Contract;
use flate2::read::GzDecoder;
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Method};

use super::problems;
use crate::testing::{TestApi, request};

#[tokio::test]
async fn the_document_travels_packed_to_whoever_takes_it_so() {
    let api = TestApi::start().await;
    let plain = api
        .call(request(Method::GET, "/openapi.json", None, ""))
        .await;
    let mut asked = request(Method::GET, "/openapi.json", None, "");
    let forms = HeaderValue::from_static("br, gzip");
    asked.headers_mut().insert(ACCEPT_ENCODING, forms);
    let packed = api.call(asked).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").contains("accept-encoding"));
    assert!(
        packed.body.len() * 8 < plain.body.len(),
        "{}",
        packed.body.len()
    );
    let mut unpacked = String::new();
    GzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain.text());
}

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
        for text in ["summary", "description"] {
            let said = operation.said[text].as_str().unwrap_or_default();
            assert!(!said.is_empty(), "{method} {path} has no {text}");
        }
        let id = operation.id();
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
        let refused = answer.status == 401;
        assert_eq!(refused, operation.needs_token(), "{method} {path}");
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
        // The first two answer where there is no route, or not with that method; the third what only our own
        // pages ask, which is not in the document.
        let elsewhere = ["no-such-path", "method-not-allowed", "password-needed"];
        if !elsewhere.contains(&code) {
            let kind = format!("\"urn:mysms:problem:{code}\"");
            assert!(responses.contains(&kind), "no route answers {code}");
        }
    }
}
