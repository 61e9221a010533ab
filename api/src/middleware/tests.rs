use axum::body::Body;
use axum::routing::{MethodRouter, get};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use runtime::config::CorsOrigins;
use runtime::metrics::{Service, text};
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::testing::{TestApi, request};

#[tokio::test]
async fn what_is_not_there_is_a_404_and_a_wrong_method_a_405_with_allow() {
    let api = TestApi::start().await;
    for path in ["/nowhere", "/messages/a/b/c", "/signup/"] {
        let answer = api.call(request(Method::GET, path, None, "")).await;
        assert!(answer.problem(404).is_empty(), "{path}");
    }
    let cases = [
        (Method::GET, "/signup", "POST"),
        (Method::PUT, "/messages", "POST"),
        (Method::PATCH, "/messages/x", "DELETE"),
        (Method::POST, "/healthz", "GET"),
    ];
    for (method, path, allowed) in cases {
        let answer = api.call(request(method, path, None, "")).await;
        answer.problem(405);
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let post = |size: usize| {
        let body = "x".repeat(size);
        api.call(request(Method::POST, "/messages", Some(&john), body))
    };
    post(BODY_LIMIT).await.problem(400);
    post(BODY_LIMIT + 1).await.problem(413);
    // Without a length in advance.
    let body = Body::from_stream(futures_util::stream::repeat_with(|| {
        Ok::<_, std::io::Error>("x".repeat(1024))
    }));
    let endless = request(Method::POST, "/messages", Some(&john), body);
    api.call(endless).await.problem(413);
}

/// The answer of a route of ours within all that is around the real ones.
#[expect(
    clippy::disallowed_methods,
    reason = "it stands in for a route of the API"
)]
async fn wrapped(route: MethodRouter) -> (StatusCode, serde_json::Value) {
    let routes = Router::new().route("/", route);
    let api = TestApi::start().await;
    let mut request = request(Method::GET, "/", None, "");
    let host = http::HeaderValue::from_static("localhost");
    request.headers_mut().insert("host", host);
    tokio::time::pause();
    let response = wrap(routes, &api.state).oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    #[expect(clippy::panic, unreachable_code, reason = "it is what is tested")]
    async fn broken() -> &'static str {
        panic!("the secret is 42");
        "never"
    }
    let (status, problem) = wrapped(get(broken)).await;
    assert_eq!(status, 500);
    assert_eq!(problem["status"], 500);
    assert!(!problem.to_string().contains("secret"), "{problem}");
}

#[tokio::test]
async fn a_handler_that_never_ends_is_a_503() {
    let endless = get(async || std::future::pending::<StatusCode>().await);
    let (status, problem) = wrapped(endless).await;
    assert_eq!(status, 503);
    assert_eq!(problem["type"], "urn:mysms:problem:timed-out");
}

#[tokio::test]
async fn an_error_that_a_library_made_becomes_a_problem_too() {
    let bare = get(async || (StatusCode::GONE, "plain text"));
    let (status, problem) = wrapped(bare).await;
    assert_eq!((status.as_u16(), &problem["title"]), (410, &"Gone".into()));
}

#[tokio::test]
async fn a_sane_request_id_is_echoed_and_an_insane_one_replaced() {
    let api = TestApi::start().await;
    let call = |id: &str| {
        let mut request = request(Method::GET, "/nowhere", None, "");
        request
            .headers_mut()
            .insert(X_REQUEST_ID, id.parse().unwrap());
        api.call(request)
    };
    let answer = call("my-request-1").await;
    assert_eq!(answer.header("x-request-id"), "my-request-1");
    answer.problem(404);
    let answer = call("not sane").await;
    assert_eq!(answer.header("x-request-id").len(), 36);
    answer.problem(404);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let api = TestApi::start().await;
    for path in ["/healthz", "/nowhere"] {
        let answer = api.call(request(Method::GET, path, None, "")).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn the_simulator_is_admitted_on_every_answer() {
    for simulated in [true, false] {
        let api = TestApi::with(|settings| settings.provider.simulated = simulated).await;
        for path in ["/healthz", "/nowhere"] {
            let answer = api.call(request(Method::GET, path, None, "")).await;
            let expected = if simulated { "true" } else { "" };
            assert_eq!(answer.header("x-mysms-simulated"), expected);
        }
    }
}

async fn preflight(api: &TestApi, origin: &str) -> crate::testing::Answer {
    let mut request = request(Method::OPTIONS, "/messages", None, "");
    for (name, value) in [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,idempotency-key",
        ),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    api.call(request).await
}

#[tokio::test]
async fn pages_of_the_allowed_origins_may_call() {
    let list = CorsOrigins::List(vec!["https://app.example.com".to_owned()]);
    let cases = [
        (CorsOrigins::Loopback, "http://localhost:5173", true),
        (CorsOrigins::Loopback, "https://app.example.com", false),
        (list.clone(), "https://app.example.com", true),
        (list, "http://localhost:5173", false),
        (CorsOrigins::None, "http://localhost:5173", false),
    ];
    for (origins, origin, allowed) in cases {
        let api = TestApi::with(|settings| settings.http.cors = origins).await;
        let expected = if allowed { origin } else { "" };
        let answer = preflight(&api, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        if allowed {
            assert_eq!(answer.status, 200);
            let headers = answer.header("access-control-allow-headers");
            for name in ["authorization", "content-type", "idempotency-key"] {
                assert!(headers.contains(name), "{headers}");
            }
            let methods = answer.header("access-control-allow-methods");
            for method in ["GET", "POST", "PUT", "DELETE"] {
                assert!(methods.contains(method), "{methods}");
            }
        }
        // A page must be able to read errors too.
        let mut wrong = request(Method::GET, "/nowhere", None, "");
        wrong
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        let answer = api.call(wrong).await;
        answer.problem(404);
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        if allowed {
            let exposed = answer.header("access-control-expose-headers");
            assert!(exposed.contains("link") && exposed.contains("retry-after"));
        }
    }
}

/// The lines that Prometheus would be shown.
fn metrics_of(api: &TestApi) -> Vec<String> {
    let shown = text(&api.state.metrics.registry(Service::Api)).unwrap();
    shown.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_part_counts_in_the_metrics_of_its_own_process() {
    let change = |settings: &mut crate::Settings| settings.caps.user = Some(1);
    let api = TestApi::with(change).await;
    let other = api.beside_with(change);
    let before = metrics_of(&other);
    let john = api.user("john_doe").await;
    let hello = json!({"recipient": "+14155550123", "content": "hello"});
    for status in [200, 429] {
        let answer = api.post("/messages", Some(&john), &hello).await;
        assert_eq!(answer.status, status);
    }
    for path in ["/webhooks/twilio/status", "/webhooks/twilio/inbound"] {
        let unsigned = request(Method::POST, path, None, "");
        api.call(unsigned).await.problem(403);
    }
    let shown = metrics_of(&api);
    for line in [
        "mysms_messages_accepted_total 1",
        "mysms_texts_refused_total{cap=\"user\"} 1",
        "mysms_callbacks_total{outcome=\"bad_signature\"} 1",
        "mysms_inbound_total{outcome=\"bad_signature\"} 1",
        "mysms_security_events_total{event=\"signature\",outcome=\"refused\"} 2",
        "mysms_requests_total{method=\"POST\",route=\"/messages\",status=\"429\"} 1",
    ] {
        assert!(
            shown.iter().any(|shown| shown == line),
            "{line}\n{shown:#?}"
        );
    }
    assert_eq!(metrics_of(&other), before);
}
