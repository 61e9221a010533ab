mod access;
mod holding;
mod sandbox;
mod sending;

use http::StatusCode;
use mysms_core::domain::{Scope, UserId};
use serde_json::{Value, json};

use crate::testing::{Answer, START, TestApi, TestUser};

/// Signs up, so that there is a password.
async fn sign_up(api: &TestApi, name: &str) -> TestUser {
    let json = json!({"username": name, "password": "password123"});
    let signed_up = api.post("/signup", None, &json).await.json();
    let token = signed_up["token"].as_str().unwrap().to_owned();
    TestUser {
        id: api.state.tokens.verify(&token, START).unwrap().user,
        hash: signed_up["username_hash"].as_str().unwrap().to_owned(),
        token,
    }
}

async fn create(api: &TestApi, user: &TestUser, key: &Value) -> Answer {
    api.post("/keys", Some(user), key).await
}

/// A program with a key of the user's.
struct Program {
    id: String,
    as_user: TestUser,
}

async fn program(api: &TestApi, user: &TestUser, key: &Value) -> Program {
    let answer = create(api, user, key).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let json = answer.json();
    Program {
        id: json["id"].as_str().unwrap().to_owned(),
        as_user: TestUser {
            id: user.id,
            hash: user.hash.clone(),
            token: json["key"].as_str().unwrap().to_owned(),
        },
    }
}

/// With every scope.
async fn able(api: &TestApi, user: &TestUser) -> Program {
    api.let_see_inbox(user.id, true).await;
    let scopes = Scope::ALL.map(Scope::as_str);
    program(api, user, &json!({"name": "able", "scopes": scopes})).await
}

fn stranger(token: String) -> TestUser {
    TestUser {
        id: UserId::NOBODY,
        hash: String::new(),
        token,
    }
}
