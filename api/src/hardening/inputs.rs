//! Input that is made to mean something else than it says.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::testing::{Answer, START, TestApi, TestUser, request};

/// Every route that takes JSON, with the fields that it reads.
const ROUTES: [(Method, &str, &[&str]); 7] = [
    (Method::POST, "/signup", &["username", "password"]),
    (Method::POST, "/login", &["username", "password"]),
    (Method::POST, "/messages", &["recipient", "content"]),
    (
        Method::PUT,
        "/me/password",
        &["old_password", "new_password"],
    ),
    (Method::DELETE, "/me", &["password"]),
    (
        Method::PUT,
        "/me/settings",
        &["quiet_hours", "smart_encoding"],
    ),
    (Method::POST, "/keys", &["name", "scopes"]),
];

async fn call(
    api: &TestApi,
    user: &TestUser,
    (method, path): (&Method, &str),
    body: impl Into<Body>,
) -> Answer {
    api.call(request(method.clone(), path, Some(user), body))
        .await
}

/// Not limited, because the tests here try again and again.
async fn api() -> (TestApi, TestUser) {
    let api = TestApi::with(|settings| {
        settings.http.limits.attempts_per_address = 10_000;
        settings.http.limits.attempts_per_account = 10_000;
    })
    .await;
    let json = json!({"username": "john_doe", "password": "password123"});
    let signed_up = api.post("/signup", None, &json).await.json();
    let john = TestUser {
        id: mysms_core::domain::UserId::generate(START),
        hash: signed_up["username_hash"].as_str().unwrap().to_owned(),
        token: signed_up["token"].as_str().unwrap().to_owned(),
    };
    (api, john)
}

#[tokio::test]
async fn an_operator_is_no_string_in_any_field() {
    let (api, john) = api().await;
    let operators = [
        json!({"$gt": ""}),
        json!({"$ne": null}),
        json!({"$where": "sleep(1000)"}),
        json!([{"$gt": ""}]),
        json!({"$regex": ".*", "$options": "i"}),
        json!({"$numberLong": "1"}),
    ];
    for (method, path, fields) in ROUTES {
        for operator in &operators {
            let all: Value = fields
                .iter()
                .map(|name| (*name, operator.clone()))
                .collect();
            let answer = call(&api, &john, (&method, path), all.to_string()).await;
            assert_eq!(answer.problem(400), fields, "{path} {operator}");
        }
    }
}

/// What serde derives reads the elements of an array as the fields in their order.
#[tokio::test]
async fn an_array_is_no_object_anywhere() {
    let (api, john) = api().await;
    let conversation = format!("/conversations/{}/read", "+14155550123");
    let read = [(Method::PUT, conversation.as_str(), ["up_to"].as_slice())];
    let batch = [(Method::POST, "/messages/batch", ["recipients"].as_slice())];
    for (method, path, fields) in ROUTES.into_iter().chain(read).chain(batch) {
        let values: Vec<_> = fields
            .iter()
            .map(|name| match *name {
                "username" => json!("jane_doe"),
                "recipient" => json!("+14155550123"),
                "recipients" => json!(["+14155550123"]),
                "up_to" => json!(crate::openapi::schema::MESSAGE_ID),
                _ => json!("password123"),
            })
            .collect();
        for body in [
            json!(values),
            json!([values]),
            json!("text"),
            json!(1),
            json!(true),
        ] {
            let answer = call(&api, &john, (&method, path), body.to_string()).await;
            answer.problem(400);
            assert_eq!(
                answer.json()["type"],
                "urn:mysms:problem:malformed-body",
                "{path} {body}"
            );
        }
    }
    let texts = json!({"messages": [["+14155550123", "hello"]]});
    let answer = api
        .post("/messages/batch", Some(&john), &texts)
        .await
        .json();
    assert_eq!(answer["results"][0]["status"], 400, "{answer}");
    assert_eq!(api.get("/messages", &john).await.json(), json!([]));
    assert_eq!(api.get("/me", &john).await.status, 200);
}

#[tokio::test]
async fn what_is_no_json_is_told_what_to_send() {
    let (api, john) = api().await;
    let json = r#"{"recipient":"+14155550123","content":"hello"}"#;
    let zipped = "\u{1f}\u{8b}".to_owned();
    let form = "recipient=%2B14155550123&content=hello".to_owned();
    let form_type = "application/x-www-form-urlencoded";
    for (body, header, value, expected) in [
        (zipped, "content-encoding", "gzip", 415),
        (json.to_owned(), "content-encoding", "identity", 200),
        (form.clone(), "content-type", form_type, 415),
        (form, "content-type", "text/plain", 400),
        (
            "--x\r\n".to_owned(),
            "content-type",
            "multipart/form-data; boundary=x",
            415,
        ),
        // As `curl -d` sends it.
        (json.to_owned(), "content-type", form_type, 200),
        (
            format!("\u{feff} {json}"),
            "content-type",
            "application/json",
            200,
        ),
    ] {
        let mut request = request(Method::POST, "/messages", Some(&john), body.clone());
        request.headers_mut().insert(header, value.parse().unwrap());
        let answer = api.call(request).await;
        assert_eq!(answer.status, expected, "{header}: {value}");
        if expected == 415 {
            answer.problem(415);
            assert!(
                answer.json()["detail"].as_str().unwrap().contains("Send")
                    || answer.json()["detail"].as_str().unwrap().contains("send")
            );
        }
    }
}

#[tokio::test]
async fn an_operator_in_a_string_is_just_text() {
    let (api, john) = api().await;
    for text in [
        r#"{"$gt":""}"#,
        "$where",
        "' OR '1'='1",
        "\"; DROP TABLE users; --",
    ] {
        let login = json!({"username": text, "password": text});
        api.post("/login", None, &login).await.problem(401);
        api.post("/signup", None, &login).await.problem(400);
        let message = json!({"recipient": "+14155550123", "content": text});
        let answer = api.post("/messages", Some(&john), &message).await;
        assert_eq!(answer.json()["content"], text);
        let mut keyed = request(Method::POST, "/messages", Some(&john), message.to_string());
        let key = text.replace(' ', "").parse().unwrap();
        keyed.headers_mut().insert("idempotency-key", key);
        assert_eq!(api.call(keyed).await.status, 200);
    }
    let list = api.get("/messages", &john).await.json();
    assert_eq!(list.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn an_operator_in_a_query_selects_nothing() {
    let (api, john) = api().await;
    let jane = api.user("jane_doe").await;
    let own = api.send(&john, "mine").await;
    api.send(&jane, "hers").await;
    // Parameters of other names, such as `order[$ne]`, are none of ours.
    for query in [
        "order[$ne]=asc",
        "limit[$gt]=1",
        "cursor[$gt]=",
        "owner[$ne]=x",
        "$where=1",
    ] {
        let query = query
            .replace('$', "%24")
            .replace('[', "%5B")
            .replace(']', "%5D");
        let answer = api.get(&format!("/messages?{query}"), &john).await;
        assert_eq!(answer.status, 200, "{query}");
        let list = answer.json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|m| &m["id"]).collect();
        assert_eq!(ids, [&json!(own)], "{query}");
    }
    let values = [
        "%7B%22%24gt%22%3A%22%22%7D",
        "%24ne",
        "1;drop",
        "%0d%0aX:1",
        "%00",
        "%ff",
    ];
    for name in ["order", "limit", "cursor"] {
        for value in values {
            let answer = api.get(&format!("/messages?{name}={value}"), &john).await;
            assert_eq!(answer.problem(400), [name], "{value}");
        }
    }
}

#[tokio::test]
async fn a_field_given_twice_is_refused_and_not_guessed_at() {
    let (api, john) = api().await;
    for (method, path, fields) in ROUTES {
        for name in fields {
            let once = fields
                .iter()
                .map(|name| format!(r#""{name}":"password123""#));
            let once = once.collect::<Vec<_>>().join(",");
            let body = format!(r#"{{{once},"{name}":"password456"}}"#);
            let answer = call(&api, &john, (&method, path), body).await;
            answer.problem(400);
            let detail = answer.json()["detail"].take();
            assert!(detail.as_str().unwrap().contains(name), "{path}: {detail}");
        }
    }
}

#[tokio::test]
async fn deep_json_is_refused_before_it_fills_the_stack() {
    let (api, john) = api().await;
    let depth = 30_000;
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    for (method, path, fields) in ROUTES {
        // In a field of ours, in an unknown one, without an end, and as objects.
        let bodies = [
            format!(r#"{{"{}":{open}{close}}}"#, fields[0]),
            format!(r#"{{"more":{open}{close}}}"#),
            format!("{open}{open}"),
            r#"{"a":"#.repeat(10_000),
        ];
        for (place, body) in bodies.into_iter().enumerate() {
            let answer = call(&api, &john, (&method, path), body).await;
            // Where nothing is required, what is unknown is skipped, however deep it is.
            if (path, place) != ("/me/settings", 1) {
                answer.problem(400);
            }
        }
    }
}

#[tokio::test]
async fn a_username_is_not_what_only_looks_like_one() {
    let (api, _) = api().await;
    let names = [
        "jоhn_doe",              // a Cyrillic о
        "ｊｏｈｎ_ｄｏｅ",       // full width
        "john\u{200b}_doe",      // zero width space
        "john_doe\u{202e}",      // right-to-left override
        "john\u{301}_doe",       // a combining accent
        "john_doe\u{0}",         // a NUL
        "john\u{ad}_doe",        // a soft hyphen
        "\u{212a}ate_doe",       // the Kelvin sign, whose lower case is an ASCII k
        "jo\u{130}n_doe",        // an İ, whose lower case is two characters
        "john_doe\u{e0041}",     // a tag character
        "john\r\nSet-Cookie: x", // a header of its own
        "john\tdoe",
    ];
    for name in names {
        let json = json!({"username": name, "password": "password123"});
        let answer = api.post("/signup", None, &json).await;
        assert_eq!(answer.problem(400), ["username"], "{name:?}");
        api.post("/login", None, &json).await.problem(401);
    }
    // White space around a name is dropped, also that of other scripts.
    for (number, space) in ["\u{a0}", "\u{3000}", "\r\n"].into_iter().enumerate() {
        let name = format!("{space}jane{number}{space}");
        let json = json!({"username": name, "password": "password123"});
        let answer = api.post("/signup", None, &json).await;
        let hash = mysms_core::domain::Username::parse(&format!("JANE{number}")).unwrap();
        assert_eq!(answer.json()["username_hash"], hash.hash().as_str());
    }
}

#[tokio::test]
async fn line_breaks_make_no_headers_and_no_log_lines() {
    let (api, john) = api().await;
    let evil = "x\r\nX-Injected: yes\r\n\r\n<script>";
    for (method, path, fields) in ROUTES {
        let all: Value = fields.iter().map(|name| (*name, json!(evil))).collect();
        let answer = call(&api, &john, (&method, path), all.to_string()).await;
        assert!(answer.status.is_client_error(), "{path}");
        assert_eq!(answer.header("x-injected"), "");
    }
    // A text may have lines; it stays where it is.
    let message = json!({"recipient": "+14155550123", "content": evil});
    let answer = api.post("/messages", Some(&john), &message).await;
    assert_eq!(answer.json()["content"], evil);
    assert_eq!(answer.header("x-injected"), "");
    // The only header that is given back is one of visible ASCII, so it cannot forge a line either.
    for id in ["a b", "a\tb", "a\u{e9}"] {
        let request = Request::get("/healthz").header("x-request-id", id.as_bytes());
        let answer = api.call(request.body(Body::empty()).unwrap()).await;
        assert_ne!(answer.header("x-request-id"), id);
    }
    let page = format!(
        "/messages?limit=1&order=asc%0d%0aX-Injected:%20yes&cursor={}",
        john.id
    );
    let answer = api.get(&page, &john).await;
    answer.problem(400);
    assert_eq!(answer.header("x-injected"), "");
}

/// The token is what its signature covers, not what stands beside it.
#[tokio::test]
async fn a_token_is_taken_from_nowhere_but_its_header() {
    let (api, john) = api().await;
    let requests = [
        Request::get(format!("/me?access_token={0}&token={0}", john.token)),
        Request::get("/me").header("cookie", format!("token={}", john.token)),
        Request::get("/me").header("x-authorization", format!("Bearer {}", john.token)),
        Request::get("/me").header("proxy-authorization", format!("Bearer {}", john.token)),
        Request::get("/me").header("authorization", format!("Bearer {0} {0}", john.token)),
        Request::get("/me").header("authorization", format!("Bearer {0},{0}", john.token)),
    ];
    for request in requests {
        api.call(request.body(Body::empty()).unwrap())
            .await
            .problem(401);
    }
    let stranger = TestUser {
        id: mysms_core::domain::UserId::generate(START),
        hash: john.hash.clone(),
        token: john.token.replace('.', ""),
    };
    api.get("/me", &stranger).await.problem(401);
}
