use http::Method;
use mysms_core::domain::MOST_TEMPLATES;
use mysms_core::store::Kind;
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";

async fn make(api: &TestApi, user: &TestUser, content: &str) -> String {
    let template = json!({"name": "Hello", "content": content});
    let answer = api.post("/templates", Some(user), &template).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn put(api: &TestApi, user: &TestUser, id: &str, template: &Value) -> Answer {
    let path = format!("/templates/{id}");
    api.call(request(
        Method::PUT,
        &path,
        Some(user),
        template.to_string(),
    ))
    .await
}

async fn send(api: &TestApi, user: &TestUser, id: &str, fields: Value) -> Answer {
    let message = json!({"recipient": ANNA, "template": id, "fields": fields});
    api.post("/messages", Some(user), &message).await
}

async fn keyed(api: &TestApi, user: &TestUser, path: &str, body: &Value) -> Answer {
    let mut request = request(Method::POST, path, Some(user), body.to_string());
    let key = "order-1".parse().unwrap();
    request.headers_mut().insert("idempotency-key", key);
    api.call(request).await
}

#[tokio::test]
async fn a_template_is_made_listed_changed_and_deleted() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}, {{ code }}, {{name}}").await;
    let other = make(&api, &john, "plain").await;
    let list = api.get("/templates", &john).await.json();
    let ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [&json!(id), &json!(other)]);
    assert_eq!(list[0]["fields"], json!(["name", "code"]));
    let changed = put(
        &api,
        &john,
        &id,
        &json!({"name": "Bye", "content": "Bye {{who}}"}),
    )
    .await;
    assert_eq!(changed.status, 200);
    let expected = json!({"id": id, "name": "Bye", "content": "Bye {{who}}", "fields": ["who"]});
    assert_eq!(changed.json(), expected);
    assert_eq!(api.get("/templates", &john).await.json()[0], expected);
    let path = format!("/templates/{id}");
    assert_eq!(api.delete(&path, &john).await.status, 200);
    api.delete(&path, &john).await.problem(404);
    put(&api, &john, &id, &json!({"name": "x", "content": "y"}))
        .await
        .problem(404);
    assert_eq!(
        api.get("/templates", &john)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn faults_are_told_with_their_fields() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for (template, fields) in [
        (json!({}), vec!["name", "content"]),
        (
            json!({"name": "a".repeat(65), "content": "x"}),
            vec!["name"],
        ),
        (
            json!({"name": "x", "content": "a".repeat(1601)}),
            vec!["content"],
        ),
        (json!({"name": "x", "content": "{{a b}}"}), vec!["content"]),
        (json!({"name": "x", "content": "a\u{0}"}), vec!["content"]),
    ] {
        let answer = api.post("/templates", Some(&john), &template).await;
        assert_eq!(answer.problem(400), fields);
    }
}

#[tokio::test]
async fn what_is_made_of_a_template_is_what_is_sent() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}!").await;
    let sent = send(&api, &john, &id, json!({"name": "{{Anna}}"})).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let stored = api.get("/messages", &john).await.json();
    assert_eq!(stored[0]["content"], "Hi {{Anna}}!");
    let plain = make(&api, &john, "no fields").await;
    let message = json!({"recipient": ANNA, "template": plain});
    assert_eq!(
        api.post("/messages", Some(&john), &message).await.status,
        200
    );
}

#[tokio::test]
async fn a_missing_or_unknown_field_refuses_and_is_named() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}} {{code}}").await;
    let long = make(&api, &john, "{{text}}{{text}}").await;
    let message = |rest: Value| {
        let mut message = json!({"recipient": ANNA});
        message
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        message
    };
    let unknown = "019b76da-a878-7000-8000-0000000000ff";
    for (rest, expected) in [
        (json!({"template": id}), vec!["fields.name", "fields.code"]),
        (
            json!({"template": id, "fields": {"name": "a"}}),
            vec!["fields.code"],
        ),
        (
            json!({"template": id, "fields": {"name": "a", "code": "b", "more": "c"}}),
            vec!["fields.more"],
        ),
        (
            json!({"template": id, "fields": {"name": 7, "code": "b"}}),
            vec!["fields.name"],
        ),
        (
            json!({"template": id, "fields": {"name": "a", "code": "b", "a b": ""}}),
            vec!["fields"],
        ),
        (json!({"template": id, "fields": []}), vec!["fields"]),
        (
            json!({"template": unknown, "fields": {"name": "a"}}),
            vec!["template"],
        ),
        (json!({"template": "x"}), vec!["template"]),
        (json!({"fields": {"name": "a"}}), vec!["template"]),
        (
            json!({"fields": {"name": "a"}, "content": "x"}),
            vec!["fields"],
        ),
        (
            json!({"template": null, "fields": {"name": "a"}, "content": "x"}),
            vec!["fields"],
        ),
        (
            json!({"template": id, "fields": {"name": "", "code": " \n"}}),
            vec!["fields.code", "fields.name"],
        ),
        (
            json!({"template": id, "fields": {"name": "a\u{0}", "code": null}}),
            vec!["fields.code", "fields.name"],
        ),
        (
            json!({"template": id, "content": "x"}),
            vec!["template", "fields.name", "fields.code"],
        ),
        (
            json!({"template": long, "fields": {"text": "a".repeat(801)}}),
            vec!["template"],
        ),
        (
            json!({"template": long, "fields": {"text": " "}}),
            vec!["fields.text"],
        ),
    ] {
        let message = message(rest);
        let answer = api.post("/messages", Some(&john), &message).await;
        assert_eq!(answer.problem(400), expected, "{message}");
        let preview = api.post("/messages/preview", Some(&john), &message).await;
        assert_eq!(preview.status, 200);
        let preview = preview.json();
        let told = preview["errors"].as_array().unwrap().iter();
        let told: Vec<_> = told.map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(told, expected, "{message}");
        assert_eq!(preview["acceptable"], false);
    }
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
}

#[tokio::test]
async fn a_value_that_is_given_twice_is_none() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}").await;
    for twice in [
        r#""name": "Anna", "name": "Bert""#,
        r#""name": 7, "name": "Bert""#,
    ] {
        let body =
            format!(r#"{{"recipient": "{ANNA}", "template": "{id}", "fields": {{{twice}}}}}"#);
        let answer = api
            .call(request(Method::POST, "/messages", Some(&john), body))
            .await;
        assert!(answer.text().contains("fields.name is given twice"));
        assert!(answer.problem(400).contains(&"fields.name".to_owned()));
    }
}

#[tokio::test]
async fn a_preview_judges_the_text_that_would_be_sent() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}").await;
    let message = json!({"recipient": ANNA, "template": id, "fields": {"name": "жжж"}});
    let preview = api
        .post("/messages/preview", Some(&john), &message)
        .await
        .json();
    assert_eq!(
        (&preview["acceptable"], &preview["units"]),
        (&json!(true), &json!(6))
    );
    assert_eq!(preview["encoding"], "UCS-2");
}

#[tokio::test]
async fn a_key_stands_for_what_the_request_said() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}").await;
    let send = async |message: &Value| keyed(&api, &john, "/messages", message).await;
    let made = json!({"recipient": ANNA, "template": id, "fields": {"name": "Anna"}});
    let first = send(&made).await;
    assert_eq!(first.status, 200);
    let others = [
        json!({"recipient": ANNA, "template": id, "fields": {"name": "Bert"}}),
        json!({"recipient": BERT, "template": id, "fields": {"name": "Anna"}}),
        json!({"recipient": ANNA, "content": "Hi Anna"}),
    ];
    let path = format!("/templates/{id}");
    for content in [
        "Hi {{name}}",
        "Hello {{name}}",
        "Hi {{name}} {{more}}",
        "deleted",
    ] {
        match content {
            "deleted" => assert_eq!(api.delete(&path, &john).await.status, 200),
            content => {
                let template = json!({"name": "x", "content": content});
                put(&api, &john, &id, &template).await;
            }
        }
        let again = send(&made).await;
        assert_eq!(again.header("idempotent-replayed"), "true", "{content}");
        assert_eq!(again.json(), first.json(), "{content}");
        let preview = keyed(&api, &john, "/messages/preview", &made).await;
        assert_eq!(preview.json()["acceptable"], true, "{content}");
        for other in &others {
            send(other).await.problem(422);
        }
    }
    assert_eq!(
        api.post("/messages", Some(&john), &made).await.problem(400),
        ["template"],
        "without a key it is a new message"
    );
}

#[tokio::test]
async fn a_repeated_batch_is_answered_again_though_its_template_is_gone() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}").await;
    let message = |name: &str| json!({"recipient": ANNA, "template": id, "fields": {"name": name}});
    let batch = json!({"messages": [message("Anna"), message("Bert")]});
    let first = keyed(&api, &john, "/messages/batch", &batch).await.json();
    assert_eq!(first["accepted"], 2);
    let path = format!("/templates/{id}");
    assert_eq!(api.delete(&path, &john).await.status, 200);
    let more = json!({"messages": [message("Anna"), message("Carl"), message("Dora")]});
    let again = keyed(&api, &john, "/messages/batch", &more).await.json();
    let status = |at: usize| &again["results"][at]["status"];
    assert_eq!([status(0), status(1), status(2)], [200, 422, 400]);
    assert_eq!(again["results"][0]["replayed"], true);
    assert_eq!(
        again["results"][0]["accepted"],
        first["results"][0]["accepted"]
    );
}

#[tokio::test]
async fn a_message_that_was_deleted_with_its_template_is_known_by_its_key() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = make(&api, &john, "Hi {{name}}").await;
    let made = json!({"recipient": ANNA, "template": id, "fields": {"name": "Anna"}});
    let first = keyed(&api, &john, "/messages", &made).await.json();
    let message = first["id"].as_str().unwrap();
    for path in [
        format!("/messages/{}/{message}", john.hash),
        format!("/templates/{id}"),
    ] {
        assert_eq!(api.delete(&path, &john).await.status, 200);
    }
    let again = keyed(&api, &john, "/messages", &made).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.json();
    assert_eq!(
        (&again["id"], &again["content"]),
        (&json!(message), &Value::Null)
    );
}

#[tokio::test]
async fn each_message_of_a_batch_may_have_a_template() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let id = make(&api, &john, "Hi {{name}}").await;
    let body = json!({"messages": [
        {"recipient": ANNA, "template": id, "fields": {"name": "Anna"}},
        {"recipient": BERT, "template": id},
        {"recipient": BERT, "content": "Hi there"},
    ]});
    let answer = api.post("/messages/batch", Some(&john), &body).await.json();
    assert_eq!(
        (&answer["accepted"], &answer["refused"]),
        (&json!(2), &json!(1))
    );
    let faults = &answer["results"][1]["problem"]["errors"];
    assert_eq!(faults[0]["field"], "fields.name");
    let stored = api.get("/messages", &john).await.json();
    let stored = stored.as_array().unwrap().iter();
    let mut contents: Vec<_> = stored
        .map(|it| it["content"].as_str().unwrap().to_owned())
        .collect();
    contents.sort_unstable();
    assert_eq!(contents, ["Hi Anna", "Hi there"]);
    let of_another = api.post("/messages/batch", Some(&jane), &body).await.json();
    assert_eq!(of_another["accepted"], 1, "the template is not hers");
    for common in [json!({"recipients": [ANNA]}), json!({"messages": [{}]})] {
        let mut body = common;
        body["template"] = json!(id);
        let answer = api.post("/messages/batch", Some(&john), &body).await;
        assert!(answer.problem(400).contains(&"template".to_owned()));
    }
}

#[tokio::test]
async fn nobody_sees_changes_or_sends_the_templates_of_another() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let id = make(&api, &john, "secret").await;
    assert_eq!(api.get("/templates", &jane).await.json(), json!([]));
    put(&api, &jane, &id, &json!({"name": "x", "content": "y"}))
        .await
        .problem(404);
    api.delete(&format!("/templates/{id}"), &jane)
        .await
        .problem(404);
    assert_eq!(
        send(&api, &jane, &id, json!({})).await.problem(400),
        ["template"]
    );
}

#[tokio::test]
async fn there_are_only_so_many_and_they_go_with_their_user() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for number in 0..MOST_TEMPLATES {
        make(&api, &john, &number.to_string()).await;
    }
    let template = json!({"name": "x", "content": "y"});
    let answer = api.post("/templates", Some(&john), &template).await;
    assert_eq!(answer.problem(400), ["name"]);
    super::forget_all(&api.state, john.id).await.unwrap();
    assert_eq!(
        api.stores.records.records(Kind::Template).await.unwrap(),
        []
    );
}
