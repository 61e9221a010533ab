//! How often somebody may try.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Method;
use serde_json::json;

use super::{put, sign_up, with_token};
use crate::testing::{Answer, TestApi, request};

const RIGHT: &str = "password123";
const WRONG: &str = "password124";

/// From an address, or from where nobody has a peer.
async fn call(api: &TestApi, path: &str, name: &str, password: &str, address: &str) -> Answer {
    let body = json!({"username": name, "password": password});
    let mut request = request(Method::POST, path, None, body.to_string());
    let peer = SocketAddr::new(address.parse().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    api.call(request).await
}

async fn log_in(api: &TestApi, name: &str, password: &str, address: &str) -> u16 {
    let answer = call(api, "/login", name, password, address).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn wrong_passwords_of_an_account_are_limited_per_client_address() {
    let api = TestApi::with(|settings| settings.http.limits.attempts_per_account = 2).await;
    let john = sign_up(&api, "john_doe").await;
    let evil = "203.0.113.7";
    for name in ["john_doe", " John_Doe "] {
        assert_eq!(log_in(&api, name, WRONG, evil).await, 401);
    }
    let refused = call(&api, "/login", "john_doe", RIGHT, evil).await;
    refused.problem(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // Who knows the name cannot keep its owner out, who may log in as often as they like.
    for _ in 0..5 {
        assert_eq!(log_in(&api, "john_doe", RIGHT, "198.51.100.1").await, 200);
    }

    // Whatever else needs the password is counted together with the logins.
    let password = json!({"password": "wrong password"});
    let leave = || {
        let body = password.to_string();
        api.call(request(Method::DELETE, "/me", Some(&john), body))
    };
    leave().await.problem(403);
    let change = json!({"old_password": "wrong", "new_password": "password456"});
    let changed = put(&api, "/me/password", &john, &change).await;
    // The sign-up was from there, too.
    changed.problem(429);
    leave().await.problem(429);
    // Whoever is logged in goes on: that guesses nothing, and has a count of its own.
    let renew = async |user| api.post("/me/token", Some(user), &json!({})).await;
    let john = with_token(&renew(&john).await);
    let john = with_token(&renew(&john).await);
    renew(&john).await.problem(429);
    assert_eq!(api.get("/me", &john).await.status, 200);
}

#[tokio::test]
async fn wrong_passwords_from_everywhere_lock_out_nobody_who_was_there_before() {
    let fewer = |settings: &mut crate::Settings| settings.http.limits.failures_per_account = 3;
    let api = TestApi::with(fewer).await;
    let home = "2001:db8:1:1::1";
    let made = call(&api, "/signup", "john_doe", RIGHT, home).await;
    assert_eq!(made.status, 201);
    let office = "198.51.100.1";
    assert_eq!(log_in(&api, "john_doe", RIGHT, office).await, 200);

    // The ledger knows where the user was, so every process does.
    let other = api.beside_with(fewer);
    for api in [&api, &other] {
        for number in 0..3 {
            let address = format!("203.0.113.{number}");
            assert_eq!(log_in(api, "john_doe", WRONG, &address).await, 401);
        }
        for password in [WRONG, RIGHT] {
            let refused = call(api, "/login", "john_doe", password, "192.0.2.1").await;
            refused.problem(429);
            let wait: u64 = refused.header("retry-after").parse().unwrap();
            assert!(
                wait > 60,
                "an hour has three, so one in twenty minutes: {wait}"
            );
        }
        for known in [home, "2001:db8:1:1::2", office] {
            assert_eq!(log_in(api, "john_doe", RIGHT, known).await, 200, "{known}");
            assert_eq!(log_in(api, "john_doe", WRONG, known).await, 401, "{known}");
        }
        // Another account is another matter.
        assert_eq!(log_in(api, "jane_doe", WRONG, "192.0.2.1").await, 401);
    }
}

#[tokio::test]
async fn parallel_guesses_do_not_slip_through() {
    let api = TestApi::with(|settings| settings.http.limits.failures_per_account = 3).await;
    sign_up(&api, "john_doe").await;
    let guesses = (0..12).map(|number| {
        let (api, address) = (&api, format!("203.0.113.{number}"));
        async move { log_in(api, "john_doe", WRONG, &address).await }
    });
    let answers = futures_util::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|status| **status == 401);
    assert_eq!(looked_at.count(), 3, "{answers:?}");
}

#[tokio::test]
async fn what_was_not_looked_at_costs_nothing() {
    let mut api = TestApi::with(|settings| settings.http.limits.failures_per_account = 1).await;
    sign_up(&api, "john_doe").await;
    // No place to wait, so each is turned away.
    let passwords = crate::auth::Passwords::with_threads(1, 0).unwrap();
    let working = std::sync::Arc::clone(&api.state.passwords);
    api.replace(|parts| parts.passwords = std::sync::Arc::new(passwords));
    for _ in 0..3 {
        assert_eq!(log_in(&api, "john_doe", WRONG, "192.0.2.1").await, 503);
    }
    api.replace(|parts| parts.passwords = working);
    assert_eq!(log_in(&api, "john_doe", WRONG, "192.0.2.1").await, 401);
    assert_eq!(log_in(&api, "john_doe", WRONG, "192.0.2.2").await, 429);
}

#[tokio::test]
async fn so_many_users_are_made_from_one_network_in_an_hour() {
    let api = TestApi::with(|settings| settings.http.limits.sign_ups_per_address = Some(2)).await;
    let sign_up = async |name: &str, address: &str| {
        let answer = call(&api, "/signup", name, RIGHT, address).await;
        answer.status.as_u16()
    };
    let home = "203.0.113.7";
    assert_eq!(sign_up("user1", home).await, 201);
    for _ in 0..3 {
        assert_eq!(sign_up("user1", home).await, 400, "it is taken");
        assert_eq!(sign_up("x", home).await, 400, "it is none");
    }
    assert_eq!(sign_up("user2", home).await, 201);
    assert_eq!(sign_up("user3", home).await, 429);
    assert_eq!(sign_up("user3", "198.51.100.1").await, 201);
    // Those who are there log in.
    assert_eq!(log_in(&api, "user1", RIGHT, home).await, 200);
}

#[tokio::test]
async fn a_ledger_knows_networks_by_marks_that_tell_nobody_which() {
    use mysms_core::store::Accounts as _;
    let api = TestApi::start().await;
    let made = call(&api, "/signup", "john_doe", RIGHT, "203.0.113.7").await;
    let john = with_token(&made);
    for _ in 0..2 {
        assert_eq!(log_in(&api, "john_doe", RIGHT, "203.0.113.7").await, 200);
    }
    let name = mysms_core::domain::Username::parse("john_doe").unwrap();
    let user = api.store.by_name(&name).await.unwrap().unwrap();
    let marks: Vec<_> = user.known_networks.iter().collect();
    assert_eq!(marks.len(), 1);
    assert_eq!(marks[0].as_str().len(), 32, "{marks:?}");
    assert_eq!(api.get("/me", &john).await.status, 200);
}
