use http::Method;
use serde_json::{Value, json};

use super::stored;
use crate::testing::{Answer, TestApi, TestUser, request};

async fn send(api: &TestApi, user: &TestUser, labels: &Value) -> Answer {
    api.post("/messages", Some(user), &with(labels)).await
}

/// A text with a reference and tags.
fn with(labels: &Value) -> Value {
    let mut body = json!({"recipient": "+14155550123", "content": "hello"});
    let fields = labels.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(fields);
    body
}

async fn batch(api: &TestApi, user: &TestUser, body: &Value) -> Vec<Value> {
    let answer = api.post("/messages/batch", Some(user), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["results"].as_array().unwrap().clone()
}

async fn found(api: &TestApi, user: &TestUser, query: &str) -> Vec<String> {
    let list = api.get(&format!("/messages?{query}"), user).await;
    assert_eq!(list.status, 200, "{query}: {}", list.text());
    let list = list.json();
    let contents = list.as_array().unwrap().iter();
    contents
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

fn labels(shown: &Value) -> Value {
    json!({"reference": shown["reference"], "tags": shown["tags"]})
}

#[tokio::test]
async fn they_are_shown_wherever_the_text_is() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let given = json!({"reference": "order 17 – Müller", "tags": {"shop": "1", "a.b": " x:y "}});
    let preview = api
        .post("/messages?dry_run=true", Some(&john), &with(&given))
        .await;
    assert_eq!(labels(&preview.json()), given);
    let accepted = send(&api, &john, &given).await.json();
    assert_eq!(labels(&accepted), given);
    let id = accepted["id"].as_str().unwrap();
    let list = api.get("/messages", &john).await.json();
    assert_eq!(labels(&list[0]), given);
    let path = format!("/messages/{}/{id}", john.hash);
    assert_eq!(labels(&api.get(&path, &john).await.json()), given);
    let thread = api.get("/conversations/+14155550123", &john).await.json();
    assert_eq!(labels(&thread[0]), given);
    let cancel = format!("{path}/cancel");
    let canceled = api.post(&cancel, Some(&john), &json!({})).await;
    assert_eq!(labels(&canceled.json()), given);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_key() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let many: Value = (0..11).map(|n| (n.to_string(), json!("x"))).collect();
    for (labels, fields) in [
        (json!({"reference": ""}), vec!["reference"]),
        (json!({"reference": " a"}), vec!["reference"]),
        (json!({"reference": "a\nb"}), vec!["reference"]),
        (json!({"reference": 4711}), vec!["reference"]),
        (json!({"tags": ["a"]}), vec!["tags"]),
        (json!({"tags": "a:1"}), vec!["tags"]),
        (json!({"tags": {"order": ""}}), vec!["tags.order"]),
        (
            json!({"tags": {"a.b": 1, "c": "x", "d": null, "e": "\t", "f": {}}}),
            vec!["tags.a.b", "tags.d", "tags.e", "tags.f"],
        ),
        (
            json!({"tags": {"two words": "x", "": "x"}}),
            vec!["tags", "tags"],
        ),
        (json!({"tags": many}), vec!["tags"]),
        (
            json!({"reference": "x".repeat(101), "tags": {"k": "ж".repeat(101)}}),
            vec!["reference", "tags.k"],
        ),
    ] {
        let answer = send(&api, &john, &labels).await;
        assert_eq!(answer.problem(400), fields, "{labels}");
        let preview = api
            .post("/messages?dry_run=true", Some(&john), &with(&labels))
            .await;
        let errors = preview.json()["errors"].as_array().unwrap().len();
        assert_eq!(errors, fields.len(), "{labels}");
    }
    let twice = r#"{"recipient": "+14155550123", "content": "a", "tags": {"a": "1", "a": "2"}}"#;
    let twice = request(Method::POST, "/messages", Some(&john), twice);
    assert_eq!(api.call(twice).await.problem(400), ["tags"]);
    for none in [
        json!({}),
        json!({"reference": null, "tags": null}),
        json!({"tags": {}}),
    ] {
        let accepted = send(&api, &john, &none).await.json();
        assert_eq!(labels(&accepted), json!({"reference": null, "tags": {}}));
    }
}

#[tokio::test]
async fn a_batch_has_them_for_all_and_each_text_its_own() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = |labels: Value| with(&labels);
    let body = json!({
        "reference": "spring", "tags": {"kind": "campaign", "shop": "1"},
        "messages": [
            text(json!({})),
            text(json!({"reference": "spring-17", "tags": {"shop": "2", "customer": "17"}})),
            text(json!({"tags": {"customer": ""}})),
        ],
    });
    let results = batch(&api, &john, &body).await;
    let common = json!({"reference": "spring", "tags": {"kind": "campaign", "shop": "1"}});
    assert_eq!(labels(&results[0]["accepted"]), common);
    let own = json!({
        "reference": "spring-17", "tags": {"customer": "17", "kind": "campaign", "shop": "2"},
    });
    assert_eq!(labels(&results[1]["accepted"]), own);
    let fault = &results[2]["problem"]["errors"][0];
    assert_eq!(fault["field"], "tags.customer");

    let many = json!({
        "reference": "many", "tags": {"kind": "campaign"},
        "recipients": ["+14155550123", "+14155550124"], "content": "hello",
    });
    for item in batch(&api, &john, &many).await {
        let expected = json!({"reference": "many", "tags": {"kind": "campaign"}});
        assert_eq!(labels(&item["accepted"]), expected);
    }
    let bad = json!({"tags": {"kind": 1}, "messages": [text(json!({}))]});
    let refused = api.post("/messages/batch", Some(&john), &bad).await;
    assert_eq!(refused.problem(400), ["tags.kind"]);
}

#[tokio::test]
async fn a_text_with_those_of_its_batch_may_have_ten() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let tags = |from: u32, to: u32| -> Value {
        (from..to).map(|n| (format!("k{n}"), json!("x"))).collect()
    };
    let body = json!({"tags": tags(0, 6), "messages": [
        with(&json!({"tags": tags(4, 10)})),
        with(&json!({"tags": tags(5, 11)})),
    ]});
    let results = batch(&api, &john, &body).await;
    assert_eq!(results[0]["accepted"]["tags"], tags(0, 10));
    assert_eq!(results[1]["problem"]["errors"][0]["field"], "tags");
}

#[tokio::test]
async fn texts_are_found_by_them() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let jane = api.user("jane_doe").await;
    for (content, labels) in [
        (
            "one",
            json!({"reference": "order 1", "tags": {"shop": "a b", "kind": "bill"}}),
        ),
        (
            "two",
            json!({"reference": "order 1", "tags": {"shop": "c:d", "kind": "bill"}}),
        ),
        (
            "three",
            json!({"reference": "Order 1", "tags": {"shop": "a b"}}),
        ),
        ("four", json!({})),
    ] {
        let mut body = with(&labels);
        body["content"] = json!(content);
        for user in [&john, &jane] {
            assert_eq!(api.post("/messages", Some(user), &body).await.status, 200);
        }
    }
    for (query, expected) in [
        ("reference=order+1", vec!["one", "two"]),
        ("reference=order%201&order=desc", vec!["two", "one"]),
        ("reference=order", vec![]),
        ("tag=kind:bill", vec!["one", "two"]),
        ("tag=shop:a+b&tag=kind%3Abill", vec!["one"]),
        ("tag=shop:c:d", vec!["two"]),
        ("tag=kind:bill&reference=Order+1", vec![]),
        ("tag=kind:bill&reference=order+1&q=TW", vec!["two"]),
        (
            "tag=kind:bill&recipient=%2B14155550123&status=queued",
            vec!["one", "two"],
        ),
        ("tag=kind:bill&since=2027-01-01T00:00:00Z", vec![]),
    ] {
        assert_eq!(found(&api, &john, query).await, expected, "{query}");
    }
    let page = api.get(
        "/messages?tag=kind:bill&tag=shop:a+b&reference=order+1&limit=1",
        &john,
    );
    assert_eq!(page.await.header("link"), "");
    let page = api.get("/messages?tag=kind:bill&reference=order+1&limit=1", &john);
    let page = page.await;
    let next = super::listing::next("/messages", &page).unwrap();
    let rest = api.get(&next, &john).await.json();
    assert_eq!(rest[0]["content"], "two");
    assert_eq!(rest.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let eleven: Vec<_> = (0..11).map(|n| format!("tag=k{n}:x")).collect();
    for (query, field) in [
        ("reference=", "reference"),
        ("reference=a&reference=b", "reference"),
        ("tag=order", "tag"),
        ("tag=:1", "tag"),
        ("tag=two+words:1", "tag"),
        ("tag=order:1&tag=order:2", "tag"),
        (&*eleven.join("&"), "tag"),
    ] {
        let answer = api.get(&format!("/messages?{query}"), &john).await;
        assert_eq!(answer.problem(400), [field], "{query}");
    }
}

#[tokio::test]
async fn other_labels_are_another_request() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let keyed = async |body: String| {
        let mut request = request(Method::POST, "/messages", Some(&john), body);
        let key = "order-17".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        api.call(request).await
    };
    let given = json!({"reference": "a", "tags": {"b": "1", "c": "2"}});
    let first = keyed(with(&given).to_string()).await;
    let turned = r#"{"tags": {"c": "2", "b": "1"}, "content": "hello", "reference": "a",
        "recipient": "+14155550123"}"#;
    let again = keyed(turned.to_owned()).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    for other in [
        json!({}),
        json!({"reference": "b", "tags": {"b": "1", "c": "2"}}),
        json!({"reference": "a", "tags": {"b": "1", "c": "3"}}),
        json!({"reference": "a", "tags": {"b": "1"}}),
    ] {
        keyed(with(&other).to_string()).await.problem(422);
    }
    // The first answer is given again even when the message has lost them.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/messages/{}/{id}", john.hash);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    assert_eq!(stored(&api, id.parse().unwrap()).await.reference, None);
    let replayed = keyed(with(&given).to_string()).await.json();
    assert_eq!(labels(&replayed), given);
}

#[tokio::test]
async fn a_table_has_them_and_runs_none() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let given = json!({
        "reference": "=HYPERLINK(\"http://x\")",
        "tags": {"a": "=1+1", "b": "x;=2+2", "c": "\"quoted\", and so on"},
    });
    send(&api, &john, &given).await;
    let mut asked = request(Method::GET, "/messages", Some(&john), "");
    asked
        .headers_mut()
        .insert("accept", "text/csv".parse().unwrap());
    let table = api.call(asked).await;
    let mut table = csv::Reader::from_reader(&table.body[..]);
    let columns = table.headers().unwrap().clone();
    let row = table.records().next().unwrap().unwrap();
    let cell = |name: &str| {
        let place = columns.iter().position(|column| column == name);
        row[place.unwrap()].to_owned()
    };
    assert_eq!(cell("reference"), "'=HYPERLINK(\"http://x\")");
    let tags = cell("tags");
    assert!(!tags.contains(";="), "{tags}");
    let tags: Value = serde_json::from_str(&tags).unwrap();
    assert_eq!(
        tags,
        json!({"a": "=1+1", "b": "x;'=2+2", "c": "\"quoted\", and so on"})
    );
}
