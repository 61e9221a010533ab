//! What a key for tests does, and what it does not touch.

use http::Method;
use mysms_core::domain::{Country, Lane, SANDBOX_ACCOUNT, SANDBOX_SENDER, Scope};
use mysms_core::store::{Filter, Order, Page};
use runtime::config::Recipients;
use serde_json::{Value, json};

use super::{Program, create, program, sign_up};
use crate::testing::{START, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";

/// A program with a key for tests, with every scope.
async fn tester(api: &TestApi, user: &TestUser) -> TestUser {
    let scopes = Scope::ALL
        .into_iter()
        .filter(|scope| !scope.is_of_people())
        .map(Scope::as_str);
    let scopes: Vec<_> = scopes.collect();
    let wanted = json!({"name": "a test", "scopes": scopes, "mode": "test"});
    let Program { as_user, .. } = program(api, user, &wanted).await;
    TestUser {
        id: user.id.in_sandbox(),
        ..as_user
    }
}

fn hello() -> Value {
    json!({"recipient": ANNA, "content": "hello", "reference": "order-1"})
}

#[tokio::test]
async fn neither_world_sees_anything_of_the_other() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    let tried = api.post("/messages", Some(&tester), &hello()).await;
    assert_eq!(tried.status, 200, "{}", tried.text());
    assert_eq!(tried.header("x-mysms-simulated"), "true");
    let tried = tried.json();
    assert_eq!(tried["simulated"], true);
    assert_eq!(tried["sender"], SANDBOX_SENDER);
    let sent = api.post("/messages", Some(&john), &hello()).await.json();
    assert_ne!(sent["sender"], SANDBOX_SENDER);

    for (user, own, other) in [(&tester, &tried, &sent), (&john, &sent, &tried)] {
        let seen = api.get("/messages?reference=order-1", user).await.json();
        assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
        assert_eq!(seen[0]["id"], own["id"]);
        let talks = api.get("/conversations", user).await.json();
        assert_eq!(talks.as_array().unwrap().len(), 1, "{talks}");
        assert_eq!(talks[0]["last_message"]["id"], own["id"], "{talks}");
        let id = other["id"].as_str().unwrap();
        let path = format!("/messages/{}/{id}", user.hash);
        for method in [Method::GET, Method::DELETE] {
            let answer = api.call(request(method, &path, Some(user), "")).await;
            answer.problem(404);
        }
        let path = format!("{path}/cancel");
        let canceled = api.post(&path, Some(user), &json!({})).await;
        canceled.problem(404);
    }
}

#[tokio::test]
async fn settings_and_webhooks_are_those_of_one_world() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    let change = json!({"smart_encoding": true}).to_string();
    let changed = api
        .call(request(Method::PUT, "/me/settings", Some(&tester), change))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let hook = json!({"url": "https://example.com/hook"});
    let made = api.post("/webhooks", Some(&tester), &hook).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let smart = async |user| api.get("/me/settings", user).await.json()["smart_encoding"].clone();
    assert_eq!(smart(&tester).await, true);
    assert_eq!(smart(&john).await, false);
    let hooks = async |user| api.get("/webhooks", user).await.json();
    assert_eq!(hooks(&tester).await.as_array().unwrap().len(), 1);
    assert_eq!(hooks(&john).await, json!([]));
}

#[tokio::test]
async fn what_is_tried_leaves_from_the_sender_of_the_sandbox_alone() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    let real = "+14155552671";
    api.register(&[api.sender(real)]).await;
    let listed = api.get("/senders", &tester).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["address"], SANDBOX_SENDER);
    let from = |sender: &str| {
        let mut text = hello();
        text["from"] = json!(sender);
        text
    };
    let refused = api.post("/messages", Some(&tester), &from(real)).await;
    assert_eq!(refused.problem(400), ["from"]);
    let sandboxed = from(SANDBOX_SENDER);
    let refused = api.post("/messages", Some(&john), &sandboxed).await;
    assert_eq!(refused.problem(400), ["from"]);
    let own = api.post("/messages", Some(&tester), &sandboxed).await;
    assert_eq!(own.status, 200);
    let wanted = json!({
        "name": "a", "scopes": ["messages:send"], "mode": "test", "senders": [real],
    });
    let refused = create(&api, &john, &wanted).await;
    assert_eq!(refused.problem(400), ["senders"]);
    // Nobody writes to the sandbox, and it shows nothing of what is real.
    api.let_see_inbox(john.id, true).await;
    let wanted = json!({"name": "a", "scopes": ["inbox:read"], "mode": "test"});
    let refused = create(&api, &john, &wanted).await;
    assert_eq!(refused.problem(400), ["scopes"]);
}

#[tokio::test]
async fn what_is_tried_uses_up_no_budget_and_waits_for_no_job() {
    let api = TestApi::with(|settings| {
        settings.caps.user = Some(1);
        settings.caps.total = Some(1);
        settings.caps.recipient = Some(1);
    })
    .await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    for _ in 0..3 {
        let tried = api.post("/messages", Some(&tester), &hello()).await;
        assert_eq!(tried.status, 200, "{}", tried.text());
    }
    let ledger = &api.state.stores.ledger;
    let due = async |account: &str| {
        let due = ledger.due(account, Lane::Send, START, 10).await;
        due.unwrap().len()
    };
    assert_eq!(due(SANDBOX_ACCOUNT).await, 3);
    assert_eq!(due(&api.state.provider.account).await, 0);
    let sent = api.post("/messages", Some(&john), &hello()).await;
    assert_eq!(sent.status, 200, "the budget is whole");
    // The only job is the real text's.
    let job = api.state.queue.receive().await.job;
    assert_eq!(json!(job.ids), json!([sent.json()["id"]]));
    let refused = api.post("/messages", Some(&john), &hello()).await;
    assert_eq!(refused.status, 429);
}

/// They are American, and the installation may be anywhere.
#[tokio::test]
async fn what_fails_can_be_tried_wherever_texts_may_go() {
    let api = TestApi::with(|settings| {
        settings.recipients.allowed = Recipients::Only {
            countries: vec![Country::parse("DE").unwrap()],
            prefixes: Vec::new(),
        };
    })
    .await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    let to = |recipient: &str| {
        let mut text = hello();
        text["recipient"] = json!(recipient);
        text
    };
    for recipient in ["+15005550001", "+15005530003", "+4915187654321"] {
        let text = to(recipient);
        let checked = api.post("/messages/preview", Some(&tester), &text).await;
        assert_eq!(checked.json()["acceptable"], true, "{}", checked.text());
        let tried = api.post("/messages", Some(&tester), &text).await;
        assert_eq!(tried.status, 200, "{}", tried.text());
    }
    for (user, recipient) in [(&tester, ANNA), (&john, "+15005530003")] {
        let text = to(recipient);
        let checked = api.post("/messages/preview", Some(user), &text).await;
        assert_eq!(checked.json()["acceptable"], false, "{}", checked.text());
        api.post("/messages", Some(user), &text).await.problem(403);
    }
}

#[tokio::test]
async fn what_is_tried_is_held_to_the_limits_of_a_minute_apart_from_what_is_sent() {
    let api = TestApi::with(|settings| {
        settings.http.limits.sends_per_minute = Some(2);
        settings.http.limits.otp_per_minute = Some(1);
    })
    .await;
    let john = api.user("john_doe").await;
    let tester = tester(&api, &john).await;
    for user in [&john, &tester] {
        let code = json!({"recipient": ANNA, "content": "4071", "class": "otp"});
        assert_eq!(api.post("/messages", Some(user), &code).await.status, 200);
        let refused = api.post("/messages", Some(user), &code).await;
        assert_eq!(refused.json()["type"], "urn:mysms:problem:otp-too-fast");
        assert_eq!(
            api.post("/messages", Some(user), &hello()).await.status,
            200
        );
        let refused = api.post("/messages", Some(user), &hello()).await;
        assert_eq!(refused.json()["type"], "urn:mysms:problem:sending-too-fast");
    }
}

#[tokio::test]
async fn a_key_for_tests_says_whose_and_what_it_is() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let tester = tester(&api, &john).await;
    assert!(tester.token.starts_with("mk_test_"));
    let me = api.get("/me", &tester).await.json();
    assert_eq!(me["username"], "john_doe");
    assert_eq!(me["logged_in_by"]["key"]["grant"]["mode"], "test");
    // A token finds no way into the sandbox, and nothing that only looks like a key does.
    for token in [
        "mk_test_",
        "mk_test_x",
        &tester.token.replace("test", "live"),
    ] {
        let stranger = super::stranger(token.to_owned());
        let answer = api.get("/messages", &stranger).await;
        answer.problem(401);
    }
}

#[tokio::test]
async fn whoever_leaves_takes_their_sandbox_with_them() {
    let api = TestApi::start().await;
    let john = sign_up(&api, "john_doe").await;
    let tester = tester(&api, &john).await;
    api.post("/messages", Some(&tester), &hello()).await;
    let left = api
        .call(request(
            Method::DELETE,
            "/me",
            Some(&john),
            json!({"password": "password123"}).to_string(),
        ))
        .await;
    assert_eq!(left.status, 200, "{}", left.text());
    let page = Page {
        order: Order::NewestFirst,
        after: None,
        limit: 10,
        filter: Filter::default(),
    };
    let kept = api.state.stores.history.page(tester.id, page).await;
    assert!(kept.unwrap().messages.is_empty());
    api.get("/messages", &tester).await.problem(401);
}
