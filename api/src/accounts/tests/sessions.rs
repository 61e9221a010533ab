use std::time::Duration;

use http::Method;
use serde_json::json;

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
    assert_eq!(answer.json(), json!({"message": "Logout successful"}));
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
        (Method::POST, "/logout"),
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
