use http::Method;
use mysms_core::domain::{Invite, InviteCode};
use runtime::config::SignUpMode;
use serde_json::json;

use super::post;
use crate::testing::{Answer, START, TestApi, request};

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Gives an invite that is good for a day.
async fn invite(api: &TestApi) -> String {
    let code = InviteCode::generate();
    let invite = Invite {
        hash: code.hash(),
        note: String::new(),
        created_at: START,
        expires_at: START + DAY,
    };
    api.stores.invites.invite(&invite).await.unwrap();
    code.reveal()
}

async fn with_invite(api: &TestApi, name: &str, invite: &str) -> Answer {
    let json = json!({"username": name, "password": "password123", "invite": invite});
    api.post("/signup", None, &json).await
}

fn kind(answer: &Answer) -> String {
    let kind = answer.json()["type"].as_str().unwrap().to_owned();
    kind.replace("urn:mysms:problem:", "")
}

async fn mode(signup: SignUpMode) -> TestApi {
    TestApi::with(|settings| settings.signup = signup).await
}

#[tokio::test]
async fn who_has_no_invite_is_told_whether_one_helps() {
    for (signup, word) in [
        (SignUpMode::Invite, "invite-needed"),
        (SignUpMode::Closed, "signup-closed"),
    ] {
        let api = mode(signup).await;
        let refused = post(&api, "/signup", "john_doe", "password123").await;
        assert_eq!(refused.problem(403), ["invite"]);
        assert_eq!(kind(&refused), word);
        let login = post(&api, "/login", "john_doe", "password123").await;
        login.problem(401);
        let told = api.call(request(Method::GET, "/client.json", None, ""));
        assert_eq!(told.await.json()["signup"], signup.as_str());
    }
}

#[tokio::test]
async fn an_invite_lets_one_in_whatever_the_mode() {
    for signup in [SignUpMode::Open, SignUpMode::Invite, SignUpMode::Closed] {
        let api = mode(signup).await;
        let code = invite(&api).await;
        let taken = api.user("jane_doe").await;
        // A name that is taken, or a field that is wrong, costs no invite.
        let refused = with_invite(&api, "jane_doe", &code).await;
        assert_eq!(refused.problem(400), ["username"]);
        let json = json!({"username": "j", "password": "password123", "invite": code});
        let refused = api.post("/signup", None, &json).await;
        assert_eq!(refused.problem(400), ["username"]);
        let json = json!({"username": "john_doe", "password": "password123", "invite": 7});
        let refused = api.post("/signup", None, &json).await;
        assert_eq!(refused.problem(400), ["invite"]);

        let pasted = format!(" {} ", code.to_uppercase());
        assert_eq!(with_invite(&api, "john_doe", &pasted).await.status, 201);
        let again = with_invite(&api, "john_doe2", &code).await;
        assert_eq!(again.problem(403), ["invite"]);
        assert_eq!(kind(&again), "invite-not-good");
        let login = post(&api, "/login", "john_doe", "password123").await;
        assert_eq!(login.status, 200);
        assert_eq!(api.get("/me", &taken).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_no_invite_lets_nobody_in_not_even_where_everybody_may() {
    let api = TestApi::start().await;
    let unknown = InviteCode::generate().reveal();
    for code in ["x", "00000000000000000000000000000000", &unknown] {
        let refused = with_invite(&api, "john_doe", code).await;
        refused.problem(403);
        assert_eq!(kind(&refused), "invite-not-good", "{code}");
    }
    let code = invite(&api).await;
    api.clock.advance(DAY);
    with_invite(&api, "john_doe", &code).await.problem(403);
    // As front ends send what was left blank.
    assert_eq!(with_invite(&api, "john_doe", " ").await.status, 201);
}
