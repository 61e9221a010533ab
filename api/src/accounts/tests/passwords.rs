use std::time::Duration;

use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, Params};
use mysms_core::domain::{SessionId, TokenId};
use mysms_core::store::{Accounts, PasswordChange};
use serde_json::{Value, json};

use super::{post, put, sign_up, with_token};
use crate::testing::{START, TestApi, TestUser};

fn change(old: &str, new: &str) -> Value {
    json!({"old_password": old, "new_password": new})
}

async fn status(api: &TestApi, user: &TestUser) -> u16 {
    api.get("/me", user).await.status.as_u16()
}

#[tokio::test]
async fn a_new_password_ends_every_other_token_in_every_process() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    let elsewhere = with_token(&post(&other, "/login", "john_doe", "password123").await);
    let jane = sign_up(&api, "jane_doe").await;

    let json = change("password123", "password456");
    let answer = put(&api, "/me/password", &john, &json).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["message"], "Password changed successfully");
    assert_eq!(answer.json()["username_hash"], john.hash.as_str());
    let fresh = with_token(&answer);
    for api in [&api, &other] {
        for ended in [&john, &elsewhere] {
            api.get("/me", ended).await.problem(401);
        }
        for good in [&fresh, &jane] {
            assert_eq!(status(api, good).await, 200);
        }
    }
    post(&api, "/login", "john_doe", "password123")
        .await
        .problem(401);
    let again = post(&other, "/login", "john_doe", "password456").await;
    assert_eq!(status(&api, &with_token(&again)).await, 200);
}

#[tokio::test]
async fn only_who_knows_the_old_password_sets_a_new_one() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let wrong = put(
        &api,
        "/me/password",
        &john,
        &change("password124", "password456"),
    )
    .await;
    // A 401 would tell front ends that the token is no good.
    assert_eq!(wrong.problem(403), ["old_password"]);
    assert_eq!(wrong.json()["type"], "urn:mysms:problem:wrong-password");
    let cases: [(Value, &[&str]); 4] = [
        (json!({}), &["old_password", "new_password"]),
        (change("password123", "short"), &["new_password"]),
        (
            json!({"old_password": 1, "new_password": null}),
            &["old_password", "new_password"],
        ),
        (
            json!({"password": "password456"}),
            &["old_password", "new_password"],
        ),
    ];
    for (json, fields) in cases {
        let answer = put(&api, "/me/password", &john, &json).await;
        assert_eq!(answer.problem(400), fields, "{json}");
    }
    assert_eq!(status(&api, &john).await, 200);
    let login = post(&api, "/login", "john_doe", "password123").await;
    assert_eq!(login.status, 200);
}

/// What a login or a change has read of the user may be old by the time it is done.
#[tokio::test]
async fn a_change_is_not_overtaken_by_what_began_before_it() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    let read_before = api.store.by_name(&name).await.unwrap().unwrap();

    let json = change("password123", "password456");
    let answer = put(&api, "/me/password", &john, &json).await;
    assert_eq!(answer.status, 200);

    // A login that verified the old password gets its token only now, later than the change.
    api.clock.advance(Duration::from_secs(2));
    let login = crate::auth::Login {
        user: read_before.id,
        hash: name.hash(),
        generation: read_before.generation,
        at: START + Duration::from_secs(2),
        session: SessionId::generate(),
        until: None,
    };
    let issued = api
        .state
        .tokens
        .issue(&login, TokenId::generate(), login.at);
    let token = issued.unwrap().unwrap();
    let late = TestUser { token, ..john };
    api.get("/me", &late).await.problem(401);
    api.post("/me/token", Some(&late), &json!({}))
        .await
        .problem(401);

    let overtaken = PasswordChange {
        from: read_before.password_hash,
        to: "another".to_owned(),
        now: START,
    };
    let changed = api.store.change_password(read_before.id, overtaken).await;
    assert_eq!(changed.unwrap(), None);
}

#[tokio::test]
async fn a_password_that_anybody_would_try_is_refused_where_it_matters() {
    let api = TestApi::with(|settings| settings.http.common_passwords_allowed = false).await;
    let common = post(&api, "/signup", "john_doe", "password123").await;
    assert_eq!(common.problem(400), ["password"]);
    let own = post(&api, "/signup", "john_doe", "John_Doe").await;
    assert_eq!(own.problem(400), ["password"]);
    let rare = "correct horse battery staple";
    let john = with_token(&post(&api, "/signup", "john_doe", rare).await);
    for bad in ["password123", "JOHN_doe"] {
        let answer = put(&api, "/me/password", &john, &change(rare, bad)).await;
        assert_eq!(answer.problem(400), ["new_password"], "{bad}");
    }
    assert_eq!(status(&api, &john).await, 200);
    // The name is no password anywhere.
    let api = TestApi::start().await;
    let own = post(&api, "/signup", "john_doe", "john_doe").await;
    assert_eq!(own.problem(400), ["password"]);
}

#[tokio::test]
async fn a_login_brings_an_old_hash_up_to_date_and_ends_no_token() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    let stored = async || {
        let user = api.store.by_name(&name).await.unwrap().unwrap();
        (user.id, user.password_hash)
    };
    let (id, first) = stored().await;
    let weak = Params::new(32, 1, 1, None).unwrap();
    let weak = Argon2::from(weak).hash_password(b"password123").unwrap();
    api.store
        .replace_hash(id, &first, &weak.to_string())
        .await
        .unwrap();

    post(&api, "/login", "john_doe", "password124")
        .await
        .problem(401);
    assert_eq!(stored().await.1, weak.to_string());
    assert_eq!(
        post(&api, "/login", "john_doe", "password123").await.status,
        200
    );
    let strong = stored().await.1;
    assert!(
        strong.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{strong}"
    );
    assert_eq!(
        post(&api, "/login", "john_doe", "password123").await.status,
        200
    );
    assert_eq!(stored().await.1, strong, "once is enough");
    assert_eq!(status(&api, &john).await, 200);
}

#[tokio::test]
async fn an_accent_may_be_typed_in_either_way() {
    let api = TestApi::start().await;
    let (composed, apart) = ("caf\u{e9} caf\u{e9}", "cafe\u{301} cafe\u{301}");
    assert_eq!(post(&api, "/signup", "john_doe", apart).await.status, 201);
    for typed in [composed, apart] {
        assert_eq!(post(&api, "/login", "john_doe", typed).await.status, 200);
    }
}
