//! Whatever comes in, the API answers, and never with a fault of its own.

use axum::body::Body;
use form_urlencoded::byte_serialize;
use http::{Method, Request};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::testing::{TestApi, TestUser, request};

/// Each case is a request or more, so there are fewer of them.
const CASES: u32 = 100;

/// Lets `check` call the API with everything that the strategy makes.
fn for_all<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    check: &impl AsyncFn(&TestApi, &TestUser, T),
) {
    let runtime = Runtime::new().unwrap();
    let (api, john) = runtime.block_on(async {
        let api = TestApi::with(|settings| {
            settings.http.limits.attempts_per_address = u32::MAX;
            settings.http.limits.attempts_per_account = u32::MAX;
        });
        let api = api.await;
        let john = api.user("john_doe").await;
        (api, john)
    });
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&strategy, |input| {
        runtime.block_on(check(&api, &john, input));
        Ok(())
    });
    if let Err(failure) = tried {
        panic!("{failure}");
    }
}

/// Any JSON, of which the fields often have the names of ours.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop_oneof!["recipient|content|username|message|more", any::<String>(),];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

#[test]
fn any_json_is_answered() {
    for_all(json(), &async |api, john, json| {
        for path in ["/signup", "/login", "/messages"] {
            let answer = api.post(path, Some(john), &json).await;
            assert!(
                !answer.status.is_server_error(),
                "{path}: {}",
                answer.text()
            );
        }
    });
}

#[test]
fn any_bytes_are_answered() {
    let bytes = prop::collection::vec(any::<u8>(), 0..500);
    for_all(bytes, &async |api, john, bytes| {
        for path in ["/signup", "/login", "/messages"] {
            let answer = api.call(request(Method::POST, path, Some(john), bytes.clone()));
            answer.await.problem(400);
        }
        let callback = "/webhooks/twilio/status?message=1";
        let answer = api.call(request(Method::POST, callback, None, bytes));
        answer.await.problem(403);
    });
}

#[test]
fn any_cursor_is_answered() {
    let value = prop_oneof![any::<String>(), "[0-9a-f-]{36}", "-?[0-9]{1,20}"];
    let values = [value.clone(), value.clone(), value];
    for_all(values, &async |api, john, values| {
        let encode = |text: &String| byte_serialize(text.as_bytes()).collect::<String>();
        let [cursor, limit, order] = values.each_ref().map(encode);
        for query in [
            format!("cursor={cursor}"),
            format!("limit={limit}&cursor={cursor}"),
            format!("order={order}"),
        ] {
            let answer = api.get(&format!("/messages?{query}"), john).await;
            assert!([200, 400].contains(&answer.status.as_u16()), "{query}");
        }
    });
}

#[test]
fn any_token_but_a_good_one_is_refused() {
    let token = prop_oneof![
        "[!-~]{0,200}",
        "[A-Za-z0-9_-]{1,40}\\.[A-Za-z0-9_-]{1,200}\\.[A-Za-z0-9_-]{0,43}"
    ];
    for_all(token, &async |api, _, token| {
        let request = Request::get("/me").header("authorization", format!("Bearer {token}"));
        let answer = api.call(request.body(Body::empty()).unwrap());
        answer.await.problem(401);
    });
}
