//! Other people's things.

use http::Method;
use mysms_core::domain::MessageId;
use serde_json::json;

use crate::testing::{START, TestApi, request};

#[tokio::test]
async fn anothers_ids_are_as_good_as_none_everywhere() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let (johns, janes) = (api.send(&john, "mine").await, api.send(&jane, "hers").await);
    let nobody = "0".repeat(64);
    let unknown = MessageId::generate(START);
    let before = api.stores.ledger.read(&[johns, janes]).await.unwrap();

    let mut paths = Vec::new();
    // Her hash and her user id, with her message, with mine and with none that exists.
    for user in [jane.hash.clone(), jane.id.to_string(), nobody.clone()] {
        paths.push((
            vec![Method::GET, Method::DELETE],
            format!("/messages/{user}"),
        ));
        for id in [johns, janes, unknown] {
            let one = format!("/messages/{user}/{id}");
            paths.push((vec![Method::POST], format!("{one}/cancel")));
            paths.push((vec![Method::GET, Method::DELETE], one));
        }
    }
    // Her message under my own hash.
    let one = format!("/messages/{}/{janes}", john.hash);
    paths.push((vec![Method::POST], format!("{one}/cancel")));
    paths.push((vec![Method::GET, Method::DELETE], one));

    let mut answers = Vec::new();
    for (methods, path) in paths {
        for method in methods {
            let answer = api.call(request(method, &path, Some(&john), "")).await;
            answer.problem(404);
            let mut json = answer.json();
            json["request_id"] = json!(null);
            answers.push(json);
        }
    }
    // What exists and what does not cannot be told apart.
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(
        api.stores.ledger.read(&[johns, janes]).await.unwrap(),
        before
    );
}

#[tokio::test]
async fn anothers_id_as_a_cursor_shows_nothing_of_theirs() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let (first, hers) = (
        api.send(&john, "first").await,
        api.send(&jane, "hers").await,
    );
    let last = api.send(&john, "last").await;
    for (order, expected) in [("asc", last), ("desc", first)] {
        let path = format!("/messages?limit=9&order={order}&cursor={hers}");
        let page = api.get(&path, &john).await.json();
        let ids: Vec<_> = page.as_array().unwrap().iter().map(|m| &m["id"]).collect();
        assert_eq!(ids, [&json!(expected)]);
    }
}

/// The key is the owner's: who guesses another's learns nothing and takes nothing.
#[tokio::test]
async fn anothers_idempotency_key_is_free() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let body = json!({"recipient": "+14155550123", "content": "hello"}).to_string();
    let mut ids = Vec::new();
    for user in [&john, &jane] {
        let mut request = request(Method::POST, "/messages", Some(user), body.clone());
        let key = "order-1".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        let answer = api.call(request).await;
        assert_eq!(answer.header("idempotent-replayed"), "");
        ids.push(answer.json()["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn no_path_leads_out_of_the_api() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let paths = [
        "/../etc/passwd",
        "/messages/../../etc/passwd",
        "/messages/..%2f..%2fetc%2fpasswd",
        "/messages/%2e%2e/%2e%2e/etc/passwd",
        "/messages/..%5c..%5cwindows",
        "/messages/%00",
        "/messages/%ff%fe",
        "/messages/%0d%0aX-Injected:%20yes",
        "/docs/../../Cargo.toml",
        "/docs/..%2f..%2fCargo.toml",
        "//messages",
        "/messages//",
    ];
    for path in paths {
        let answer = api.get(path, &john).await;
        answer.problem(404);
        assert_eq!(answer.header("x-injected"), "", "{path}");
        assert!(!answer.text().contains("root:"), "{path}");
    }
}
