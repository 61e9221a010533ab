use mysms_core::domain::Country;
use runtime::config::Recipients;
use serde_json::json;

use crate::testing::{Answer, TestApi, TestUser};

const HOME: &str = "+14155550123";
const JAMAICA: &str = "+18765550123";
const SATELLITE: &str = "+979123456789";

async fn at_home() -> TestApi {
    TestApi::with(|settings| {
        settings.recipients.allowed = Recipients::Only {
            countries: vec![Country::parse("US").unwrap()],
            prefixes: vec!["+4479".to_owned()],
        };
    })
    .await
}

async fn send(api: &TestApi, user: &TestUser, path: &str, recipient: &str) -> Answer {
    let text = json!({"recipient": recipient, "content": "hello"});
    api.post(path, Some(user), &text).await
}

#[tokio::test]
async fn a_text_to_a_country_that_is_not_allowed_is_refused_with_its_name() {
    let api = at_home().await;
    let john = api.user("john_doe").await;
    for allowed in [HOME, "+447911123456"] {
        assert_eq!(send(&api, &john, "/messages", allowed).await.status, 200);
    }
    for (number, place) in [(JAMAICA, "in JM,"), (SATELLITE, "in an unknown country,")] {
        let refused = send(&api, &john, "/messages", number).await;
        assert_eq!(refused.problem(403), ["recipient"]);
        let problem = refused.json();
        assert_eq!(problem["type"], "urn:mysms:problem:recipient-not-allowed");
        assert!(
            problem["detail"].as_str().unwrap().contains(place),
            "{problem}"
        );
    }
    let batch = json!({"recipients": [HOME, JAMAICA], "content": "hello"});
    let answer = api
        .post("/messages/batch", Some(&john), &batch)
        .await
        .json();
    assert_eq!(answer["accepted"], 1);
    assert_eq!(answer["results"][1]["status"], 403);
    let list = api.get("/messages", &john).await.json();
    assert_eq!(list.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_dry_run_tells_it() {
    let api = at_home().await;
    let john = api.user("john_doe").await;
    let path = "/messages?dry_run=true";
    let told = send(&api, &john, path, JAMAICA).await.json();
    assert_eq!(told["acceptable"], false);
    assert_eq!(told["errors"][0]["field"], "recipient");
    assert_eq!(told["limits"][0]["code"], "recipient-not-allowed");
    let told = send(&api, &john, path, HOME).await.json();
    assert_eq!(told["acceptable"], true, "{told}");
}

/// The first answer may have been lost, and to give it again costs nothing.
#[tokio::test]
async fn what_was_accepted_before_is_answered_as_before() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let key = |path: &str| {
        let text = json!({"recipient": JAMAICA, "content": "hello"});
        let method = http::Method::POST;
        let mut request = crate::testing::request(method, path, Some(&john), text.to_string());
        let headers = request.headers_mut();
        headers.insert("idempotency-key", "order-1".parse().unwrap());
        request
    };
    let first = api.call(key("/messages")).await;
    assert_eq!(first.status, 200);
    let beside = api.beside_with(|settings| {
        settings.recipients.allowed = Recipients::Only {
            countries: Vec::new(),
            prefixes: Vec::new(),
        };
    });
    let again = beside.call(key("/messages")).await;
    assert_eq!(again.json(), first.json());
}
