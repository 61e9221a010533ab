//! Making keys, seeing them, and their end.

use std::time::Duration;

use http::Method;
use mysms_core::domain::{KeyToken, Mode};
use serde_json::json;

use super::{able, create, program, sign_up, stranger};
use crate::testing::{START, TestApi, TestUser, request};

#[tokio::test]
async fn a_key_is_shown_once_and_its_secret_nowhere() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let wanted = json!({
        "name": " staging ", "scopes": ["messages:send", "events:read", "messages:send"],
        "mode": "team", "recipients": ["+1 (415) 555-0123"], "senders": ["+15005550006"],
        "expires_at": "2026-02-01T00:00:00+01:00",
    });
    let made = create(&api, &john, &wanted).await.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("mk_team_"), "{key}");
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("key");
    let listed = api.get("/keys", &john).await;
    assert_eq!(listed.json(), json!([expected]));
    assert_eq!(expected["name"], "staging");
    assert_eq!(expected["scopes"], json!(["messages:send", "events:read"]));
    assert_eq!(expected["recipients"], json!(["+14155550123"]));
    assert_eq!(expected["expires_at"], "2026-01-31T23:00:00.000Z");
    assert_eq!(expected["last_used"], json!(null));
    assert_eq!(expected["active"], true);
    let secret = key.rsplit('_').next().unwrap();
    assert!(!listed.text().contains(secret));
}

#[tokio::test]
async fn a_key_says_by_what_one_is_logged_in() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let by_token = api.get("/me", &john).await.json();
    assert_eq!(by_token["logged_in_by"]["kind"], "token");
    let key = program(
        &api,
        &john,
        &json!({"name": "CI", "scopes": ["messages:read"]}),
    )
    .await;
    let me = api.get("/me", &key.as_user).await.json();
    assert_eq!(me["username"], "john_doe");
    let expected = json!({
        "kind": "key", "expires_at": null,
        "key": {
            "id": key.id, "name": "CI",
            "grant": {
                "mode": "live", "scopes": ["messages:read"], "senders": null, "recipients": [],
            },
        },
    });
    assert_eq!(me["logged_in_by"], expected);
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_told_field_by_field() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let send = json!(["messages:send"]);
    for (key, fields) in [
        (json!({}), vec!["name", "scopes"]),
        (
            json!({"name": "a\nb", "scopes": []}),
            vec!["name", "scopes"],
        ),
        (
            json!({"name": "a", "scopes": "messages:send"}),
            vec!["scopes"],
        ),
        (
            json!({"name": "a", "scopes": ["everything"]}),
            vec!["scopes"],
        ),
        (
            json!({"name": "a", "scopes": send, "mode": "all"}),
            vec!["mode"],
        ),
        (
            json!({"name": "a", "scopes": send, "mode": "team"}),
            vec!["recipients"],
        ),
        (
            json!({"name": "a", "scopes": send, "recipients": ["+14155550123"]}),
            vec!["recipients"],
        ),
        (
            json!({"name": "a", "scopes": send, "mode": "team", "recipients": ["1"]}),
            vec!["recipients"],
        ),
        (
            json!({"name": "a", "scopes": send, "senders": ["+14155550199"]}),
            vec!["senders"],
        ),
        (
            json!({"name": "a", "scopes": send, "senders": []}),
            vec!["senders"],
        ),
        (
            json!({"name": "a", "scopes": send, "expires_at": "2026-01-01T00:00:00Z"}),
            vec!["expires_at"],
        ),
    ] {
        assert_eq!(
            create(&api, &john, &key).await.problem(400),
            fields,
            "{key}"
        );
    }
    assert_eq!(api.get("/keys", &john).await.json(), json!([]));
}

#[tokio::test]
async fn a_deleted_key_is_refused_and_deleting_it_again_changes_nothing() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let (key, other) = (able(&api, &john).await, able(&api, &john).await);
    let path = format!("/keys/{}", key.id);
    api.delete(&path, &jane).await.problem(404);
    api.delete("/keys/aaaaaaaaaaaaaaaa", &john)
        .await
        .problem(404);
    assert_eq!(api.get("/messages", &key.as_user).await.status, 200);
    for _ in 0..2 {
        assert_eq!(api.delete(&path, &john).await.status, 200);
        api.get("/messages", &key.as_user).await.problem(401);
    }
    assert_eq!(api.get("/messages", &other.as_user).await.status, 200);
    let listed = api.get("/keys", &john).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_process_refuses_a_deleted_key_that_it_has_not_seen() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = api.user("john_doe").await;
    let key = able(&api, &john).await;
    assert_eq!(
        api.delete(&format!("/keys/{}", key.id), &john).await.status,
        200
    );
    other.get("/messages", &key.as_user).await.problem(401);
}

#[tokio::test]
async fn a_key_expires() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let end = START + Duration::from_hours(1);
    let wanted = json!({"name": "a", "scopes": ["messages:read"], "expires_at": end});
    let key = program(&api, &john, &wanted).await;
    assert_eq!(api.get("/messages", &key.as_user).await.status, 200);
    api.clock.advance(Duration::from_hours(1));
    api.get("/messages", &key.as_user).await.problem(401);
    assert_eq!(api.get("/keys", &john).await.json()[0]["active"], false);
}

#[tokio::test]
async fn a_user_has_fifty_keys_at_most() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 1000).await;
    let john = api.user("john_doe").await;
    let wanted = json!({"name": "a", "scopes": ["messages:read"]});
    let mut last = None;
    for _ in 0..50 {
        last = Some(program(&api, &john, &wanted).await);
    }
    create(&api, &john, &wanted).await.problem(409);
    let path = format!("/keys/{}", last.unwrap().id);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    assert_eq!(create(&api, &john, &wanted).await.status, 201);
}

#[tokio::test]
async fn keys_cannot_be_made_without_end() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 2).await;
    let john = api.user("john_doe").await;
    let wanted = json!({"name": "a", "scopes": ["messages:read"]});
    for _ in 0..2 {
        assert_eq!(create(&api, &john, &wanted).await.status, 201);
    }
    create(&api, &john, &wanted).await.problem(429);
}

#[tokio::test]
async fn keys_stay_when_sessions_end_unless_it_is_asked_for() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let key = able(&api, &john).await;
    let body = json!({"old_password": "password123", "new_password": "password456"});
    let change = request(Method::PUT, "/me/password", Some(&john), body.to_string());
    let changed = api.call(change).await.json();
    assert_eq!(changed["active_keys"], 1);
    assert_eq!(api.get("/messages", &key.as_user).await.status, 200);
    let mut john = TestUser {
        token: changed["token"].as_str().unwrap().to_owned(),
        ..john
    };
    let log_out = async |path: &str, john: &TestUser| {
        api.call(request(Method::POST, path, Some(john), "")).await
    };
    log_out("/logout?keys=true", &john).await.problem(400);
    let out = log_out("/logout?everywhere=true", &john).await.json();
    assert_eq!(out["active_keys"], 1);
    assert_eq!(api.get("/messages", &key.as_user).await.status, 200);

    let login = json!({"username": "john_doe", "password": "password456"});
    let login = api.post("/login", None, &login).await.json();
    john.token = login["token"].as_str().unwrap().to_owned();
    let out = log_out("/logout?everywhere=true&keys=true", &john)
        .await
        .json();
    assert_eq!(out["active_keys"], 0);
    api.get("/messages", &key.as_user).await.problem(401);
}

#[tokio::test]
async fn a_key_dies_with_its_account() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let key = able(&api, &john).await;
    let body = json!({"password": "password123"}).to_string();
    let gone = api
        .call(request(Method::DELETE, "/me", Some(&john), body))
        .await;
    assert_eq!(gone.status, 200);
    // In a process that has not seen it; what one has seen it knows for 4 seconds.
    api.beside()
        .get("/messages", &key.as_user)
        .await
        .problem(401);
    api.clock.advance(Duration::from_hours(1));
    crate::accounts::erase_due(&api.state).await.unwrap();
    let left = api.stores.keys.keys_of(john.id).await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_use_is_noted_to_the_minute() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let key = able(&api, &john).await;
    for _ in 0..3 {
        assert_eq!(api.get("/messages", &key.as_user).await.status, 200);
    }
    api.state.lifecycle.tracker().close();
    api.state.lifecycle.tracker().wait().await;
    let listed = api.get("/keys", &john).await.json();
    assert_eq!(listed[0]["last_used"], "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn every_wrong_key_is_refused_in_the_same_way_and_counts_as_an_attempt() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_address = 6).await;
    let john = api.user("john_doe").await;
    let key = able(&api, &john).await;
    assert_eq!(api.get("/me", &key.as_user).await.status, 200);
    let right = KeyToken::parse(&key.as_user.token).unwrap();
    let other = KeyToken::generate(Mode::Live);
    let (whole, last) = key.as_user.token.split_at(key.as_user.token.len() - 1);
    let other_check = if last == "x" { "y" } else { "x" };
    let mut answers = Vec::new();
    for wrong in [
        other.reveal(),
        other.with_id(right.id()).reveal(),
        right.with_mode(Mode::Team).reveal(),
        format!("{whole}{other_check}"),
        "mk_".to_owned(),
        "mk_live_".to_owned() + &"-".repeat(40),
    ] {
        let answer = api.get("/me", &stranger(wrong)).await;
        answer.problem(401);
        let mut json = answer.json();
        json["request_id"] = json!(null);
        answers.push(json);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let again = KeyToken::generate(Mode::Live).reveal();
    api.get("/me", &stranger(again)).await.problem(429);
    // Nobody shuts a program out whose key is right.
    assert_eq!(api.get("/me", &key.as_user).await.status, 200);
}
