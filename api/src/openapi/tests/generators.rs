//! What generators of clients need of the document.

use serde_json::{Value, json};

use super::contract::Contract;
use crate::testing::TestApi;

/// The answers that mean success: their status, and what they have in which notation.
fn successes(said: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let responses = said["responses"].as_object().unwrap();
    let successes = responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    successes.map(|(status, response)| (status.as_str(), &response["content"]))
}

#[tokio::test]
async fn an_operation_has_one_success_of_one_type() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    for operation in contract.operations() {
        let id = operation.id();
        let all: Vec<_> = successes(operation.said).collect();
        assert_eq!(all.len(), 1, "{id}: {all:?}");
        let kinds = all[0].1.as_object().into_iter().flatten();
        let schemas: Vec<_> = kinds.map(|(_, media)| &media["schema"]).collect();
        assert!(schemas.windows(2).all(|two| two[0] == two[1]), "{id}");
        let is_named = schemas
            .iter()
            .all(|schema| schema["type"] != "object" || schema["properties"].is_null());
        assert!(is_named, "the answer to {id} has no name");
    }
}

#[tokio::test]
async fn a_sent_message_has_an_id_and_a_list_is_an_array() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let operations = contract.operations();
    let answer = |id: &str| {
        let operation = operations.iter().find(|known| known.id() == id).unwrap();
        let (_, content) = successes(operation.said).next().unwrap();
        assert_eq!(content.as_object().unwrap().len(), 1, "{id}");
        &content["application/json"]["schema"]
    };
    let accepted = contract.resolve(answer("sendMessage"));
    assert!(
        accepted["required"]
            .as_array()
            .unwrap()
            .contains(&json!("id"))
    );
    for id in ["listMessages", "listMessagesOfUser", "readConversation"] {
        let list = answer(id);
        assert_eq!(list["type"], "array", "{id}");
        assert_eq!(
            list["items"]["$ref"], "#/components/schemas/Message",
            "{id}"
        );
    }
}

#[tokio::test]
async fn every_object_within_another_has_a_name() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let schemas = contract.document()["components"]["schemas"].as_object();
    for (name, schema) in schemas.unwrap() {
        let mut parts: Vec<_> = ["properties", "items", "oneOf", "anyOf"]
            .iter()
            .map(|keyword| &schema[keyword])
            .collect();
        while let Some(part) = parts.pop() {
            let is_inline = part["type"] == "object" && part["properties"].is_object();
            assert!(!is_inline, "{name} has an object without a name: {part}");
            parts.extend(part.as_object().into_iter().flat_map(|part| part.values()));
            parts.extend(part.as_array().into_iter().flatten());
        }
    }
}

#[tokio::test]
async fn every_way_to_the_next_page_is_described_alike() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    for operation in contract.operations() {
        for response in operation.said["responses"].as_object().unwrap().values() {
            let has = |name: &str| response["headers"][name].is_object();
            assert_eq!(has("Link"), has("X-Next-Cursor"), "{}", operation.id());
        }
    }
}

#[tokio::test]
async fn what_is_told_to_endpoints_is_described() {
    let api = TestApi::start().await;
    let contract = Contract::of(&api).await;
    let told = contract.document()["webhooks"].as_object().unwrap();
    let names: Vec<_> = told.keys().map(String::as_str).collect();
    let expected = [
        "message.deleted",
        "message.received",
        "message.updated",
        "test",
    ];
    assert_eq!(names, expected);
    for (name, item) in told {
        let said = &item["post"];
        assert_eq!(said["security"], json!([]), "{name}");
        let headers: Vec<_> = said["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|header| &header["name"])
            .collect();
        assert_eq!(
            headers,
            ["webhook-id", "webhook-timestamp", "webhook-signature"]
        );
        let body = contract.resolve(&said["requestBody"]["content"]["application/json"]["schema"]);
        assert_eq!(
            body["required"],
            json!(["type", "timestamp", "data"]),
            "{name}"
        );
        assert_eq!(body["properties"]["type"]["enum"], json!([name]));
    }
}
