use std::time::Duration;

use http::Method;
use mysms_core::clock::Clock;
use mysms_core::domain::{Origin, Session};
use mysms_core::store::Kind;
use runtime::config::SIMULATOR_AUTH_TOKEN;
use serde_json::{Value, json};

use crate::auth::Tokens;
use crate::testing::{ANNA, Answer, START, TestApi, TestUser, form, receiver, request, tell};

/// The keys of the example in RFC 8291, section 5.
const PUBLIC: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn browser(url: &str) -> Value {
    json!({"endpoint": url, "keys": {"p256dh": PUBLIC, "auth": AUTH}, "with_text": true})
}

async fn put(api: &TestApi, user: &TestUser, wanted: &Value) -> Answer {
    let body = wanted.to_string();
    api.call(request(Method::PUT, "/push", Some(user), body))
        .await
}

async fn is_subscribed(api: &TestApi, user: &TestUser) -> bool {
    let shown = api.get("/push", user).await.json();
    shown["subscribed"].as_bool().unwrap()
}

/// A user whose login has been noted, as each that began with a password is.
async fn logged_in(api: &TestApi, name: &str) -> TestUser {
    let user = api.user(name).await;
    let now = api.clock.now();
    let holder = api.state.tokens.verify(&user.token, now).unwrap();
    let session = Session {
        id: holder.token.session,
        user: user.id,
        generation: 0,
        token: holder.token.id,
        begun_at: now,
        renewed_at: now,
        until: now + Tokens::longest(),
        origin: Origin::default(),
        cookie: None,
    };
    api.stores.sessions.begin(&session).await.unwrap();
    user
}

/// Anna answers what the user has sent her.
async fn answers(api: &TestApi, sid: u8, words: &str) {
    let sid = format!("SM{sid:032x}");
    let told = tell(api, &form(&sid, words), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(told.status, 200, "{}", told.text());
}

async fn conversation(api: &TestApi, user: &TestUser) {
    let id = api.send(user, "hello").await;
    api.take(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_once_of_a_text_that_only_it_can_read() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    conversation(&api, &john).await;
    let (url, told) = receiver(201);
    assert_eq!(put(&api, &john, &browser(&url)).await.status, 200);
    answers(&api, 1, "Thanks!").await;
    answers(&api, 1, "Thanks!").await;
    let request = told.next();
    assert_eq!(request.header("content-encoding"), "aes128gcm");
    assert_eq!(request.header("urgency"), "high");
    assert_eq!(request.header("ttl"), "86400");
    assert!(request.header("topic").len() <= 32);
    let proof = request.header("authorization");
    let shown = api.get("/push", &john).await.json();
    let key = shown["public_key"].as_str().unwrap();
    assert!(
        proof.starts_with("vapid t=ey") && proof.ends_with(&format!(", k={key}")),
        "{proof}"
    );
    let body = String::from_utf8_lossy(&request.body);
    assert!(
        !body.contains("Thanks") && !body.contains("4155550123"),
        "{body}"
    );
    // Had it been told twice, that would have come before this.
    answers(&api, 2, "See you").await;
    told.next();
    assert!(!told.has_more());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_gone_is_told_nothing_more() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    conversation(&api, &john).await;
    let (url, told) = receiver(410);
    put(&api, &john, &browser(&url)).await;
    answers(&api, 1, "Thanks!").await;
    told.next();
    forgotten(&api, &john).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_logged_out_is_told_nothing_more() {
    for path in ["/logout", "/logout?everywhere=true"] {
        let api = TestApi::start().await;
        let john = logged_in(&api, "john_doe").await;
        conversation(&api, &john).await;
        let (url, told) = receiver(201);
        put(&api, &john, &browser(&url)).await;
        assert_eq!(api.post(path, Some(&john), &json!({})).await.status, 200);
        answers(&api, 1, "Thanks!").await;
        forgotten(&api, &john).await;
        assert!(!told.has_more(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_whose_login_has_run_out_is_told_nothing_more() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    conversation(&api, &john).await;
    let (url, told) = receiver(201);
    put(&api, &john, &browser(&url)).await;
    api.clock.advance(Tokens::longest());
    answers(&api, 1, "Thanks!").await;
    forgotten(&api, &john).await;
    assert!(!told.has_more());
}

/// One browser, in which somebody logs in after somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_used_a_browser_before_is_told_nothing_more_there() {
    let api = TestApi::start().await;
    let (john, jane) = (
        logged_in(&api, "john_doe").await,
        logged_in(&api, "jane_doe").await,
    );
    conversation(&api, &john).await;
    let (url, told) = receiver(201);
    put(&api, &john, &browser(&url)).await;
    put(&api, &jane, &browser(&url)).await;
    answers(&api, 1, "Thanks, John!").await;
    forgotten(&api, &john).await;
    assert!(!told.has_more());
    assert!(is_subscribed(&api, &jane).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_meanwhile_is_not_told_once_the_push_service_takes_it() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    conversation(&api, &john).await;
    let (url, told) = receiver(503);
    put(&api, &john, &browser(&url)).await;
    answers(&api, 1, "Thanks!").await;
    told.next();
    let path = format!("/conversations/{ANNA}");
    assert_eq!(api.delete(&path, &john).await.status, 200);
    conversation(&api, &john).await;
    answers(&api, 2, "Still there?").await;
    // The next one is of the other text, and then of nothing more.
    told.next();
    told.next();
    assert!(!told.has_more());
}

/// Waits until a user has no browser that is told.
async fn forgotten(api: &TestApi, user: &TestUser) {
    let key = user.id.to_string();
    let is_empty = async || {
        let reading = api.stores.records.record(Kind::Browsers, &key, START).await;
        reading.unwrap().record.unwrap().value == "[]"
    };
    let looking = async {
        while !is_empty().await {
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(30), looking).await;
    found.expect("no browser is told");
}

#[tokio::test]
async fn a_login_has_one_browser_and_turns_it_off_for_itself() {
    let api = TestApi::start().await;
    let (john, jane) = (
        logged_in(&api, "john_doe").await,
        logged_in(&api, "jane_doe").await,
    );
    let (url, _told) = receiver(201);
    for user in [&john, &jane] {
        assert!(!is_subscribed(&api, user).await);
        assert_eq!(put(&api, user, &browser(&url)).await.status, 200);
        put(&api, user, &browser(&format!("{url}/moved"))).await;
    }
    let shown = api.get("/push", &john).await.json();
    assert_eq!(shown["with_text"], json!(true));
    assert_eq!(api.delete("/push", &john).await.status, 200);
    assert!(!is_subscribed(&api, &john).await);
    assert!(is_subscribed(&api, &jane).await);
    assert_eq!(
        api.delete("/push", &john).await.status,
        200,
        "it is off already"
    );
}

/// Whoever asks again and again, each time with another address, fills no store.
#[tokio::test]
async fn of_addresses_that_are_told_no_more_nothing_stays() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    let addresses = async || {
        let stored = api.stores.records.records(Kind::PushAddress).await;
        stored.unwrap().len()
    };
    for number in 0..30 {
        let url = format!("https://1.1.1.1/{number}");
        assert_eq!(put(&api, &john, &browser(&url)).await.status, 200);
        assert_eq!(addresses().await, 1);
    }
    assert_eq!(api.delete("/push", &john).await.status, 200);
    assert_eq!(addresses().await, 0);
}

#[tokio::test]
async fn all_processes_have_one_key() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    let other = api.beside();
    let (one, two) = tokio::join!(api.get("/push", &john), other.get("/push", &john));
    let key = one.json()["public_key"].clone();
    assert_eq!(key, two.json()["public_key"]);
    assert_eq!(
        key,
        api.beside().get("/push", &john).await.json()["public_key"]
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    let keys = json!({"p256dh": PUBLIC, "auth": AUTH});
    for (wanted, field) in [
        (json!({"keys": keys}), "endpoint"),
        (
            json!({"endpoint": "http://10.0.0.1/", "keys": keys}),
            "endpoint",
        ),
        (
            json!({"endpoint": "https://1.1.1.1/a b", "keys": keys}),
            "endpoint",
        ),
        (
            json!({"endpoint": "https://1.1.1.1/", "keys": {"auth": AUTH}}),
            "keys.p256dh",
        ),
        (
            json!({"endpoint": "https://1.1.1.1/", "keys": {"p256dh": PUBLIC, "auth": "x"}}),
            "keys.auth",
        ),
        (
            json!({"endpoint": "https://1.1.1.1/", "keys": keys, "with_text": "yes"}),
            "with_text",
        ),
    ] {
        let answer = put(&api, &john, &wanted).await;
        assert_eq!(answer.problem(400), [field], "{wanted}");
    }
    assert!(!is_subscribed(&api, &john).await);
    let missing = api.call(request(
        Method::PUT,
        "/push",
        None,
        browser("https://1.1.1.1/").to_string(),
    ));
    assert_eq!(missing.await.status, 401);
}

#[tokio::test]
async fn nothing_is_left_of_somebody_who_has_left() {
    let api = TestApi::start().await;
    let john = logged_in(&api, "john_doe").await;
    put(&api, &john, &browser("https://1.1.1.1/")).await;
    super::forget_all(&api.state, john.id).await.unwrap();
    let key = john.id.to_string();
    let reading = api.stores.records.record(Kind::Browsers, &key, START).await;
    assert_eq!(reading.unwrap().record, None);
}
