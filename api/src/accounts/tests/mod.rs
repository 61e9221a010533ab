mod attempts;
mod cookies;
mod delete_account;
mod invites;
mod passwords;
mod sessions;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::future::join_all;
use http::{Method, Request};
use mysms_core::domain::Username;
use serde_json::{Value, json};

use crate::auth::Passwords;
use crate::testing::{Answer, START, TestApi, TestUser, request};

async fn post(api: &TestApi, path: &str, name: &str, password: &str) -> Answer {
    let json = json!({"username": name, "password": password});
    api.post(path, None, &json).await
}

/// Signs somebody up, with the password of everybody here.
async fn sign_up(api: &TestApi, name: &str) -> TestUser {
    let answer = post(api, "/signup", name, "password123").await;
    assert_eq!(answer.status, 201);
    with_token(&answer)
}

async fn put(api: &TestApi, path: &str, user: &TestUser, json: &Value) -> Answer {
    let body = json.to_string();
    api.call(request(Method::PUT, path, Some(user), body)).await
}

/// The caller that a token stands for.
fn with_token(answer: &Answer) -> TestUser {
    let json = answer.json();
    TestUser {
        id: mysms_core::domain::UserId::generate(START),
        hash: json["username_hash"].as_str().unwrap().to_owned(),
        token: json["token"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn whoever_signs_up_can_log_in_and_see_who_they_are() {
    let api = TestApi::start().await;
    let signed_up = post(&api, "/signup", " John_Doe ", "password123").await;
    assert_eq!(signed_up.status, 201);
    assert_eq!(signed_up.json()["message"], "User created successfully");

    let logged_in = post(&api, "/login", "john_doe", "password123").await;
    assert_eq!(logged_in.status, 200);
    assert_eq!(logged_in.json()["message"], "Login successful");

    let hash = Username::parse("john_doe").unwrap().hash();
    for answer in [&signed_up, &logged_in] {
        let me = api.get("/me", &with_token(answer)).await;
        assert_eq!(me.status, 200);
        let expected = json!({
            "username": "John_Doe",
            "username_hash": hash,
            "created_at": "2026-01-01T00:00:00.120Z",
            "inbox": false,
            "segments_today": null,
            "logged_in_by": {
                "kind": "token", "expires_at": "2026-01-02T00:00:05.000Z", "key": null,
            },
        });
        assert_eq!(me.json(), expected);
        assert_eq!(answer.json()["username_hash"], hash.as_str());
    }
}

#[tokio::test]
async fn a_name_can_be_taken_once_whatever_its_case() {
    let api = TestApi::start().await;
    let first = post(&api, "/signup", "john_doe", "password123").await;
    assert_eq!(first.status, 201);
    let second = post(&api, "/signup", "JOHN_DOE", "password456").await;
    assert_eq!(second.problem(400), ["username"]);
    let login = post(&api, "/login", "john_doe", "password123").await;
    assert_eq!(login.status, 200);
}

#[tokio::test]
async fn a_signup_names_every_field_that_is_wrong() {
    let api = TestApi::start().await;
    let long = "x".repeat(65);
    let cases: [(Value, &[&str]); 11] = [
        (json!({}), &["username", "password"]),
        (json!({"username": "john_doe"}), &["password"]),
        (json!({"password": "password123"}), &["username"]),
        (
            json!({"username": null, "password": "password123"}),
            &["username"],
        ),
        (
            json!({"username": 7, "password": ["password123"]}),
            &["username", "password"],
        ),
        (
            json!({"username": {"a": 1}, "password": true}),
            &["username", "password"],
        ),
        (
            json!({"username": "jo", "password": "short"}),
            &["username", "password"],
        ),
        (
            json!({"username": "john doe", "password": "password123"}),
            &["username"],
        ),
        (
            json!({"username": long, "password": "password123"}),
            &["username"],
        ),
        (
            json!({"username": "jöhn", "password": "x".repeat(129)}),
            &["username", "password"],
        ),
        (
            json!({"username": "", "password": ""}),
            &["username", "password"],
        ),
    ];
    for (json, fields) in cases {
        let answer = api.post("/signup", None, &json).await;
        assert_eq!(answer.problem(400), fields, "{json}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_json_asked_for_is_a_400() {
    let api = TestApi::start().await;
    let bodies: [&[u8]; 11] = [
        b"",
        b"  ",
        b"{",
        b"[]",
        b"null",
        b"\"john_doe\"",
        b"username=john_doe&password=password123",
        b"{\"username\": \"john_doe\", \"password\": \"password123\"} trailing",
        b"{\"username\": \"a\", \"username\": \"john_doe\", \"password\": \"password123\"}",
        b"{\"username\": \"\\ud800\", \"password\": \"password123\"}",
        b"{\"username\": \"\xff\", \"password\": \"password123\"}",
    ];
    for path in ["/signup", "/login"] {
        for body in bodies {
            let request = request(Method::POST, path, None, body.to_vec());
            api.call(request).await.problem(400);
        }
    }
    let twice = request(Method::POST, "/signup", None, bodies[8]);
    let detail = api.call(twice).await.json()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("`username`"), "{detail}");
}

#[tokio::test]
async fn the_content_type_does_not_matter_nor_do_unknown_fields() {
    let api = TestApi::start().await;
    for (name, kind) in [("first", "text/plain"), ("second", "application/xml")] {
        let body = json!({"username": name, "password": "password123", "more": [1]});
        let request = Request::post("/signup")
            .header("content-type", kind)
            .body(Body::from(body.to_string()));
        assert_eq!(api.call(request.unwrap()).await.status, 201, "{kind}");
    }
}

#[tokio::test]
async fn a_failed_login_does_not_tell_why() {
    let api = TestApi::start().await;
    post(&api, "/signup", "john_doe", "password123").await;
    let attempts = [
        ("john_doe", "password124"),
        ("jane_doe", "password123"),
        ("no such name!", "password123"),
        ("john_doe", ""),
    ];
    let mut answers = Vec::new();
    for (name, password) in attempts {
        let answer = post(&api, "/login", name, password).await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let mut json = answer.json();
        json["request_id"] = Value::Null;
        answers.push(json);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_login_without_a_field_is_a_400() {
    let api = TestApi::start().await;
    let answer = api.post("/login", None, &json!({"username": 1})).await;
    assert_eq!(answer.problem(400), ["username", "password"]);
}

#[tokio::test]
async fn a_request_without_a_sound_token_is_a_401() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let good = format!("Bearer {}", john.token);
    let me = |headers: &[&str]| {
        let mut request = Request::get("/me");
        for header in headers {
            request = request.header("authorization", *header);
        }
        api.call(request.body(Body::empty()).unwrap())
    };
    assert_eq!(me(&[&good]).await.status, 200);
    assert_eq!(me(&[&good.replace("Bearer", "bearer")]).await.status, 200);
    let long = format!("Bearer {}", "x".repeat(10_000));
    let bad: [&[&str]; 8] = [
        &[],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &[&john.token],
        &[&good.replace("Bearer", "Basic")],
        &[&good, &good],
        &[&long],
    ];
    for headers in bad {
        let answer = me(headers).await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    api.clock.advance(std::time::Duration::from_hours(25));
    me(&[&good]).await.problem(401);
}

#[tokio::test]
async fn attempts_are_limited_per_client_address() {
    let api = TestApi::with(|settings| {
        settings.http.limits.attempts_per_address = 2;
        settings.http.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let attempt = |path: &str, peer: &str, forwarded: &str| {
        let mut request = request(Method::POST, path, None, "{}");
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let headers = request.headers_mut();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        api.call(request)
    };
    let client = "203.0.113.7:4711";
    attempt("/login", client, "1.1.1.1").await.problem(400);
    attempt("/signup", client, "2.2.2.2").await.problem(400);
    let refused = attempt("/login", client, "3.3.3.3").await;
    refused.problem(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // The same client behind a proxy of ours is the same client.
    attempt("/login", "10.0.0.1:80", "203.0.113.7")
        .await
        .problem(429);

    let john = api.user("john_doe").await;
    assert_eq!(api.get("/me", &john).await.status, 200);
    // Another client is only ever limited by sharing a bucket, which eight of them do not.
    let mut free = 0;
    for last in 1..=8 {
        let other = format!("198.51.100.{last}");
        let answer = attempt("/login", "10.0.0.1:80", &other).await;
        free += u32::from(answer.status == 400);
    }
    assert!(free >= 7);
}

#[tokio::test]
async fn logins_that_have_no_place_to_wait_are_turned_away() {
    let mut api = TestApi::start().await;
    api.replace(|parts| parts.passwords = Arc::new(Passwords::with_threads(1, 1).unwrap()));
    let attempts = (0..10).map(|number| {
        let api = &api;
        async move { post(api, "/signup", &format!("user{number}"), "password123").await }
    });
    let answers = join_all(attempts).await;
    let (created, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 201);
    assert!(!created.is_empty() && !refused.is_empty());
    for answer in refused {
        answer.problem(503);
        assert!(!answer.header("retry-after").is_empty());
    }
}

/// Otherwise the time of the answer would tell which names there are.
#[tokio::test]
async fn a_login_with_an_unknown_name_costs_a_hash_too() {
    let mut api = TestApi::start().await;
    api.replace(|parts| parts.passwords = Arc::new(Passwords::with_threads(1, 1).unwrap()));
    let attempts = (0..10).map(|_| post(&api, "/login", "nobody", "password123"));
    let answers = join_all(attempts).await;
    let has = |status: u16| answers.iter().any(|answer| answer.status == status);
    assert!(has(401) && has(503));
}

#[tokio::test]
async fn a_store_that_is_away_is_a_503() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.store.close().await;
    api.get("/me", &john).await.problem(503);
    for path in ["/signup", "/login"] {
        let answer = post(&api, path, "john_doe", "password123").await;
        answer.problem(503);
        assert!(!answer.text().contains("pool"), "{}", answer.text());
    }
}
