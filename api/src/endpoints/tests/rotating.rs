use std::time::Duration;

use super::*;

/// The secrets that sign now.
async fn signing(api: &TestApi, user: &TestUser, webhook: &Value) -> Vec<String> {
    use mysms_core::clock::Clock;
    let known = stored(api, Kind::Endpoint, &key(webhook, user)).await;
    let endpoint: Endpoint = known.unwrap().read().unwrap();
    let secrets = endpoint.secrets.signing(api.clock.now());
    secrets.map(mysms_core::domain::Secret::reveal).collect()
}

async fn rotate(api: &TestApi, user: &TestUser, webhook: &Value, body: &str) -> Answer {
    let path = path(webhook, "/secret");
    api.call(request(Method::POST, &path, Some(user), body.to_owned()))
        .await
}

#[tokio::test]
async fn what_is_shown_is_what_signs_and_the_former_one_does_for_a_day() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let made = usual(&api, &john).await;
    let first = made["secret"].as_str().unwrap();
    assert_eq!(signing(&api, &john, &made).await, [first]);

    let answer = rotate(&api, &john, &made, "").await;
    assert_eq!(answer.status, 200);
    let rotated = answer.json();
    let second = rotated["secret"].as_str().unwrap();
    assert_ne!(second, first);
    assert_eq!(
        rotated["former_secret_until"],
        json!(START + Duration::from_hours(24))
    );
    assert_eq!(signing(&api, &john, &made).await, [second, first]);

    api.clock.advance(Duration::from_hours(24));
    assert_eq!(signing(&api, &john, &made).await, [second]);
    let shown = api.get(&path(&made, ""), &john).await.json();
    assert_eq!(shown["former_secret_until"], json!(null));
}

#[tokio::test]
async fn a_secret_of_ones_own_is_taken_and_never_shown_again() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mine = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let next = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let made = make(&api, &john, &json!({"url": URL, "secret": mine})).await;
    assert_eq!(made["secret"], mine);
    let body = json!({"secret": next}).to_string();
    let answer = rotate(&api, &john, &made, &body).await;
    assert_eq!(answer.json()["secret"], next);
    assert_eq!(signing(&api, &john, &made).await, [next, mine]);
    let short = rotate(&api, &john, &made, r#"{"secret": "whsec_c2hvcnQ="}"#).await;
    assert_eq!(short.problem(400), ["secret"]);
    for path in [
        "/webhooks".to_owned(),
        path(&made, ""),
        path(&made, "/deliveries"),
    ] {
        let text = api.get(&path, &john).await.text();
        assert!(!text.contains("whsec_"), "{text}");
    }
}
