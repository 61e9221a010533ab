use std::time::Duration;

use http::Method;
use http::header::USER_AGENT;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mysms_core::domain::TokenId;
use serde_json::{Value, json};

use super::{post, sign_up, with_token};
use crate::testing::{Answer, START, TestApi, TestUser, request};

async fn log_out(api: &TestApi, user: &TestUser) -> Answer {
    api.call(request(Method::POST, "/logout", Some(user), ""))
        .await
}

async fn renew(api: &TestApi, user: &TestUser) -> Answer {
    api.call(request(Method::POST, "/me/token", Some(user), ""))
        .await
}

#[tokio::test]
async fn logging_out_ends_this_token_and_no_other() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    let phone = with_token(&post(&api, "/login", "john_doe", "password123").await);
    let answer = log_out(&api, &phone).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"message": "Logout successful", "active_keys": 0})
    );
    for api in [&api, &other] {
        api.get("/me", &phone).await.problem(401);
        renew(api, &phone).await.problem(401);
        log_out(api, &phone).await.problem(401);
        assert_eq!(api.get("/me", &john).await.status, 200);
    }
}

#[tokio::test]
async fn a_token_that_ended_is_refused_on_every_route() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let id = api.send(&john, "hello").await;
    log_out(&api, &john).await;
    let own = format!("/messages/{}", john.hash);
    let one = format!("{own}/{id}");
    let cancel = format!("{one}/cancel");
    let routes = [
        (Method::GET, "/me"),
        (Method::DELETE, "/me"),
        (Method::PUT, "/me/password"),
        (Method::POST, "/me/token"),
        (Method::GET, "/me/sessions"),
        (
            Method::DELETE,
            "/me/sessions/2f0a6a0e-4c0d-4a53-9a35-0d5e5d2c7b11",
        ),
        (Method::POST, "/logout?everywhere=true"),
        (Method::POST, "/logout"),
        (Method::GET, "/keys"),
        (Method::POST, "/keys"),
        (Method::DELETE, "/keys/k3y2a7bcd5efgh6i"),
        (Method::POST, "/messages"),
        (Method::GET, "/messages"),
        (Method::GET, "/events"),
        (Method::GET, &own),
        (Method::DELETE, &own),
        (Method::GET, &one),
        (Method::DELETE, &one),
        (Method::POST, &cancel),
    ];
    for (method, path) in routes {
        let answer = api.call(request(method, path, Some(&john), "{}")).await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_login_is_renewed_for_thirty_days_and_not_longer() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 1000).await;
    let mut john = sign_up(&api, "john_doe").await;
    let hours = 20;
    for _ in 0..(30 * 24 / hours) {
        let answer = renew(&api, &john).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["message"], "Token renewed successfully");
        assert_eq!(api.get("/me", &john).await.status, 200, "the old one holds");
        john = with_token(&answer);
        api.clock.advance(Duration::from_hours(hours));
    }
    // Clocks may differ by five seconds.
    api.clock.advance(Duration::from_secs(6));
    api.get("/me", &john).await.problem(401);
    renew(&api, &john).await.problem(401);
    let login = post(&api, "/login", "john_doe", "password123").await;
    assert_eq!(login.status, 200);
}

#[tokio::test]
async fn an_expired_token_is_not_renewed() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    api.clock.advance(Duration::from_hours(25));
    renew(&api, &john).await.problem(401);
}

/// The token of one process must not be renewed by another that has not heard of its end yet.
#[tokio::test]
async fn a_renewal_asks_the_store_itself() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    // For some seconds it goes by what it sees now.
    other.state.revoked.look(START).await.unwrap();
    assert_eq!(log_out(&api, &john).await.status, 200);
    renew(&other, &john).await.problem(401);
}

#[tokio::test]
async fn a_session_ends_with_all_the_tokens_that_it_was_renewed_by() {
    let api = TestApi::start().await;
    let other = api.beside();
    for ends_by in [0, 1, 2] {
        let first =
            with_token(&post(&api, "/signup", &format!("user{ends_by}"), "password123").await);
        let second = with_token(&renew(&api, &first).await);
        let third = with_token(&renew(&other, &second).await);
        let elsewhere = post(&api, "/login", &format!("user{ends_by}"), "password123").await;
        let tokens = [first, second, third];
        assert_eq!(log_out(&api, &tokens[ends_by]).await.status, 200);
        for api in [&api, &other] {
            for token in &tokens {
                api.get("/me", token).await.problem(401);
                renew(api, token).await.problem(401);
            }
            let elsewhere = with_token(&elsewhere);
            assert_eq!(api.get("/me", &elsewhere).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_renewed_twice_ends_its_session_and_says_so() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    let elsewhere = with_token(&post(&api, "/login", "john_doe", "password123").await);
    let renewed = with_token(&renew(&api, &john).await);
    let again = renew(&other, &john).await;
    again.problem(401);
    assert_eq!(
        again.json()["type"],
        "urn:mysms:problem:token-renewed-before"
    );
    assert_eq!(again.header("www-authenticate"), "Bearer");
    for api in [&api, &other] {
        for ended in [&john, &renewed] {
            api.get("/me", ended).await.problem(401);
        }
        assert_eq!(api.get("/me", &elsewhere).await.status, 200);
    }
    assert_eq!(renew(&api, &elsewhere).await.status, 200);
}

#[tokio::test]
async fn logging_out_everywhere_ends_all_sessions_of_the_user() {
    let api = TestApi::start().await;
    let other = api.beside();
    let john = sign_up(&api, "john_doe").await;
    let elsewhere = with_token(&post(&other, "/login", "john_doe", "password123").await);
    let jane = sign_up(&api, "jane_doe").await;
    let everywhere = async |user: &TestUser, value: &str| {
        let path = format!("/logout?everywhere={value}");
        api.call(request(Method::POST, &path, Some(user), "")).await
    };
    assert_eq!(everywhere(&john, "yes").await.problem(400), ["everywhere"]);
    assert_eq!(everywhere(&john, "true").await.status, 200);
    for api in [&api, &other] {
        for ended in [&john, &elsewhere] {
            api.get("/me", ended).await.problem(401);
        }
        assert_eq!(api.get("/me", &jane).await.status, 200);
    }
    let login = with_token(&post(&api, "/login", "john_doe", "password123").await);
    assert_eq!(sessions(&other, &login).await.len(), 1);
    assert_eq!(everywhere(&login, "false").await.status, 200);
}

async fn sessions(api: &TestApi, user: &TestUser) -> Vec<Value> {
    let answer = api.get("/me/sessions", user).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

async fn end(api: &TestApi, user: &TestUser, session: &Value) -> Answer {
    let path = format!("/me/sessions/{}", session["id"].as_str().unwrap());
    api.delete(&path, user).await
}

#[tokio::test]
async fn users_see_their_sessions_and_end_one() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    api.clock.advance(Duration::from_secs(1));
    let credentials = json!({"username": "john_doe", "password": "password123"});
    let mut login = request(Method::POST, "/login", None, credentials.to_string());
    let agent = format!("Phone {}", "x".repeat(500)).parse().unwrap();
    login.headers_mut().insert(USER_AGENT, agent);
    let phone = with_token(&api.call(login).await);
    let shown = sessions(&api, &john).await;
    let [on_phone, here] = &shown[..] else {
        panic!("{shown:?}")
    };
    let expected = json!({
        "id": here["id"], "current": true, "network": "0.0.0.0/24", "user_agent": null,
        "created_at": "2026-01-01T00:00:00.120Z", "renewed_at": "2026-01-01T00:00:00.120Z",
        "kept": false,
    });
    assert_eq!(*here, expected);
    assert_eq!(on_phone["current"], false);
    let agent = on_phone["user_agent"].as_str().unwrap();
    assert!(agent.starts_with("Phone x") && agent.len() == 128);

    api.clock.advance(Duration::from_secs(1));
    let john = with_token(&renew(&api, &john).await);
    let renewed = sessions(&api, &john).await.remove(0);
    assert_eq!(renewed["id"], here["id"]);
    assert_eq!(renewed["renewed_at"], "2026-01-01T00:00:02.120Z");
    assert_eq!(renewed["created_at"], here["created_at"]);
    assert_eq!(renewed["current"], true);

    // Neither somebody else's nor none.
    let jane = sign_up(&api, "jane_doe").await;
    end(&api, &jane, on_phone).await.problem(404);
    end(&api, &john, &json!({"id": "rubbish"}))
        .await
        .problem(404);
    assert_eq!(api.get("/me", &phone).await.status, 200);
    let ended = end(&api, &john, on_phone).await;
    assert_eq!(
        ended.json(),
        json!({"message": "Session ended successfully"})
    );
    end(&api, &john, on_phone).await.problem(404);
    for api in [&api, &api.beside()] {
        api.get("/me", &phone).await.problem(401);
        assert_eq!(sessions(api, &john).await.len(), 1);
    }
    assert_eq!(end(&api, &john, here).await.status, 200);
    api.get("/me", &john).await.problem(401);
}

#[tokio::test]
async fn a_new_password_leaves_one_session() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    post(&api, "/login", "john_doe", "password123").await;
    let change = json!({"old_password": "password123", "new_password": "password456"});
    let changed = super::put(&api, "/me/password", &john, &change).await;
    let shown = sessions(&api, &with_token(&changed)).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["current"], true);
}

/// As a version without sessions has made it.
fn lone_token(user: &TestUser) -> TestUser {
    let now = START.as_seconds();
    let claims = json!({
        "sub": user.id, "hash": user.hash, "iat": now, "exp": now + 24 * 3600, "iss": "mysms",
        "aud": "mysms-api", "jti": TokenId::generate(), "auth_time": now, "gen": 0,
    });
    let key = EncodingKey::from_secret(b"a secret of at least thirty-two bytes");
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    TestUser {
        id: user.id,
        hash: user.hash.clone(),
        token,
    }
}

#[tokio::test]
async fn tokens_of_the_version_before_are_good_renewed_and_ended() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let (old, other) = (lone_token(&john), lone_token(&john));
    assert_eq!(api.get("/me", &old).await.status, 200);
    let renewed = with_token(&renew(&api, &old).await);
    assert_eq!(sessions(&api, &renewed).await.len(), 1);
    assert_eq!(api.get("/me", &old).await.status, 200);
    log_out(&api, &renewed).await;
    for ended in [&old, &renewed] {
        api.get("/me", ended).await.problem(401);
    }
    assert_eq!(renew(&api, &other).await.status, 200);
    assert_eq!(
        renew(&api, &other).await.json()["type"],
        "urn:mysms:problem:token-renewed-before"
    );
    api.get("/me", &other).await.problem(401);
}
