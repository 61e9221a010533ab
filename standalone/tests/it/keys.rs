//! Keys for programs, where several processes have to agree.

use lab::PATIENCE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    a_key_sends_and_when_it_is_deleted_every_process_refuses_it,
    who_made_and_who_deleted_a_key_is_in_the_security_log,
    operators_see_keys_and_end_them,
);

/// A program with a key of the user's, and the key's id.
async fn program(user: &Client, scopes: &[&str]) -> (Client, String) {
    let wanted = json!({"name": "a program", "scopes": scopes});
    let made = user.request(Method::POST, "/keys", Some(wanted)).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    let key = user.with_token(made["key"].as_str().unwrap());
    (key, made["id"].as_str().unwrap().to_owned())
}

async fn reads(client: &Client) -> StatusCode {
    let answer = client.request(Method::GET, "/messages", None).await;
    answer.status()
}

/// Waits until every API refuses a key.
async fn ends_everywhere(messenger: &Messenger, key: &Client) {
    for base in messenger.apis() {
        let there = key.on(&base);
        eventually("the key is refused", || async {
            reads(&there).await == StatusCode::UNAUTHORIZED
        })
        .await;
    }
}

async fn a_key_sends_and_when_it_is_deleted_every_process_refuses_it(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let user = messenger.client("john_doe").await;
    let (key, id) = program(&user, &["messages:send", "messages:read", "events:read"]).await;
    for base in messenger.apis() {
        assert_eq!(reads(&key.on(&base)).await, StatusCode::OK);
        let other_route = key.on(&base).request(Method::GET, "/senders", None).await;
        assert_eq!(other_route.status(), StatusCode::FORBIDDEN);
    }
    let events = key.events(None).await;
    let text = key.send("+14155550123", "sent by a program").await;
    key.wait_for(&text, "delivered").await;
    judge
        .assert_each_once(&["sent by a program".to_owned()])
        .await;
    assert_eq!(user.history().await.len(), 1, "it is its user's");

    let path = format!("/keys/{id}");
    for _ in 0..2 {
        let deleted = user.request(Method::DELETE, &path, None).await;
        assert_eq!(deleted.status(), StatusCode::OK);
    }
    assert_eq!(reads(&key).await, StatusCode::UNAUTHORIZED, "here at once");
    ends_everywhere(&messenger, &key).await;
    assert!(events.ends_within(PATIENCE).await, "its stream ends");
    assert_eq!(reads(&user).await, StatusCode::OK);
}

async fn who_made_and_who_deleted_a_key_is_in_the_security_log(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[("RUST_LOG", "error")]).await;
    let user = messenger.client("investigated").await;
    let (key, id) = program(&user, &["messages:read"]).await;
    let path = format!("/keys/{id}");
    let deleted = user.request(Method::DELETE, &path, None).await;
    assert_eq!(deleted.status(), StatusCode::OK);
    assert_eq!(reads(&key).await, StatusCode::UNAUTHORIZED);

    let log = messenger.logged_by("mysms") + &messenger.logged_by("mysms-api");
    let named = format!("key.id={id}");
    for event in ["create_key", "end_key"] {
        let event = format!("event=\"{event}\"");
        let told = log.lines().find(|line| line.contains(&event));
        let told = told.unwrap_or_else(|| panic!("{event}\n{log}"));
        for part in [
            "user.id=",
            &named,
            "client.address=127.0.0.1",
            "outcome=\"done\"",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    let refused = "there is no such key, or not any more";
    assert!(log.contains(refused), "{log}");
    let secret = key.token().rsplit('_').next().unwrap();
    assert!(!log.contains(secret), "{log}");
}

async fn operators_see_keys_and_end_them(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let user = messenger.client("john_doe").await;
    let (key, id) = program(&user, &["messages:read"]).await;
    assert_eq!(reads(&key).await, StatusCode::OK);
    let sessions = messenger
        .operate_admin(mode, &["end-sessions", "john_doe"])
        .await;
    assert!(
        sessions.said.contains("1 API keys stay good"),
        "{sessions:?}"
    );
    let listed = messenger
        .operate_admin(mode, &["keys", "list", "John_Doe"])
        .await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    for part in ["1 keys", &id, "live", "messages:read", "a program", "used"] {
        assert!(listed.said.contains(part), "{part}: {listed:?}");
    }
    let secret = key.token().rsplit('_').next().unwrap();
    assert!(!listed.said.contains(secret), "{listed:?}");

    let revoked = messenger
        .operate_admin(mode, &["keys", "revoke", &id])
        .await;
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    ends_everywhere(&messenger, &key).await;
    let again = messenger
        .operate_admin(mode, &["keys", "revoke", &id])
        .await;
    assert_eq!(again.code, Some(1), "{again:?}");
    let nobody = messenger
        .operate_admin(mode, &["keys", "list", "nobody"])
        .await;
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    let wrong = messenger
        .operate_admin(mode, &["keys", "revoke", key.token()])
        .await;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let acts = messenger.operate_admin(mode, &["acts"]).await;
    let revoked = acts.said.lines().find(|line| line.contains("keys revoke"));
    assert!(revoked.is_some_and(|line| line.contains(&id)), "{acts:?}");
}
