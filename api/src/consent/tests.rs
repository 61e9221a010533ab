use http::Method;
use mysms_core::domain::{Consent, Right, Sender};
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const PATH: &str = "/opt-outs/%2B14155550123";
const SHARED: &str = "+15005550006";
const OWN: &str = "+15005550007";

/// Of the senders one is everybody's and one John's; an operator lets Jane look after the former.
async fn scene() -> (TestApi, TestUser, TestUser) {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let own = Sender {
        owner: Some(john.id),
        ..api.sender(OWN)
    };
    api.register(&[own]).await;
    api.grant(jane.id, Right::Consent, true).await;
    (api, john, jane)
}

async fn put(api: &TestApi, user: &TestUser, body: Value) -> Answer {
    let body = body.to_string();
    api.call(request(Method::PUT, PATH, Some(user), body)).await
}

async fn lift(api: &TestApi, user: &TestUser, query: &str) -> Answer {
    api.delete(&format!("{PATH}{query}"), user).await
}

/// What the answer says of a sender, or of all.
fn state(answer: &Value, sender: Option<&str>) -> (Value, bool, bool) {
    let states = answer["states"].as_array().unwrap();
    let state = states.iter().find(|it| it["sender"].as_str() == sender);
    let state = state.unwrap();
    let flag = |name: &str| state[name].as_bool().unwrap();
    (state["state"].clone(), flag("refused"), flag("changeable"))
}

async fn send(api: &TestApi, user: &TestUser, from: &str) -> u16 {
    let text = json!({"recipient": ANNA, "content": "hi", "from": from});
    let sent = api.post("/messages", Some(user), &text).await;
    sent.status.as_u16()
}

async fn listed(api: &TestApi, user: &TestUser, query: &str) -> Vec<(String, Value)> {
    let answer = api.get(&format!("/opt-outs{query}"), user).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    let items = list.as_array().unwrap().iter();
    items
        .map(|it| {
            (
                it["number"].as_str().unwrap().to_owned(),
                it["sender"].clone(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_user_looks_after_a_sender_that_is_only_theirs() {
    let (api, john, _) = scene().await;
    let nothing = api.get(PATH, &john).await.json();
    assert_eq!(state(&nothing, Some(OWN)), (Value::Null, false, true));
    assert_eq!(send(&api, &john, OWN).await, 200);

    let put = put(&api, &john, json!({"sender": OWN, "note": "She called."})).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let known = put.json();
    assert_eq!(state(&known, Some(OWN)), (json!("withdrawn"), true, true));
    assert_eq!(state(&known, Some(SHARED)), (Value::Null, false, false));
    let entry = &known["journal"][0];
    assert_eq!(entry["source"], "user");
    assert_eq!(entry["by"], john.id.to_string());
    assert_eq!(
        (&entry["note"], &entry["sender"]),
        (&json!("She called."), &json!(OWN))
    );
    // What waited for her fails, and nothing more is taken.
    let waited = api.get("/messages", &john).await.json();
    assert_eq!(waited[0]["error_code"], "recipient_opted_out");
    assert_eq!(send(&api, &john, OWN).await, 409);
    assert_eq!(send(&api, &john, SHARED).await, 200);
    assert_eq!(
        listed(&api, &john, "").await,
        [(ANNA.to_owned(), json!(OWN))]
    );

    let lifted = lift(&api, &john, "?sender=%2B15005550007").await;
    let lifted = lifted.json();
    assert_eq!(state(&lifted, Some(OWN)), (json!("given"), false, true));
    assert_eq!(lifted["refused_by_provider"], false);
    assert_eq!(lifted["journal"].as_array().unwrap().len(), 2);
    assert_eq!(send(&api, &john, OWN).await, 200);
    // Once more there is nothing to lift.
    let again = lift(&api, &john, "?sender=%2B15005550007").await.json();
    assert_eq!(again["journal"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&api, &john, "").await, []);
}

#[tokio::test]
async fn what_is_not_only_theirs_is_for_those_whom_an_operator_lets() {
    let (api, john, jane) = scene().await;
    for body in [json!({}), json!({"sender": SHARED})] {
        let refused = put(&api, &john, body).await;
        assert_eq!(refused.problem(403), ["sender"]);
        assert_eq!(refused.json()["type"], "urn:mysms:problem:consent-closed");
        assert!(refused.text().contains("admin consent grant"));
    }
    lift(&api, &john, "").await.problem(403);
    api.get("/opt-outs?sender=%2B15005550006", &john)
        .await
        .problem(403);
    let known = put(&api, &jane, json!({"sender": SHARED})).await.json();
    assert_eq!(known["journal"].as_array().unwrap().len(), 1);
    // Another user's sender is none that she may use.
    assert_eq!(
        put(&api, &jane, json!({"sender": OWN})).await.problem(400),
        ["sender"]
    );
    let johns = api.get(PATH, &john).await.json();
    assert_eq!(
        state(&johns, Some(SHARED)),
        (json!("withdrawn"), true, false)
    );
    assert_eq!(johns["journal"], json!([]));
    assert_eq!(listed(&api, &john, "").await, []);
    assert_eq!(
        listed(&api, &jane, "").await,
        [(ANNA.to_owned(), json!(SHARED))]
    );
    api.grant(jane.id, Right::Consent, false).await;
    api.get("/opt-outs", &jane).await.problem(403);
    put(&api, &jane, json!({})).await.problem(403);
}

#[tokio::test]
async fn who_wants_none_from_all_senders_gets_none_from_any() {
    let (api, john, jane) = scene().await;
    assert_eq!(send(&api, &john, OWN).await, 200);
    let known = put(&api, &jane, json!({})).await.json();
    assert_eq!(state(&known, None), (json!("withdrawn"), true, true));
    assert_eq!(state(&known, Some(SHARED)), (Value::Null, true, true));
    let waited = api.get("/messages", &john).await.json();
    assert_eq!(waited[0]["error_code"], "recipient_opted_out");
    for sender in [OWN, SHARED] {
        assert_eq!(send(&api, &john, sender).await, 409);
    }
    api.clock.advance(std::time::Duration::from_secs(1));
    let start = api.hear(ANNA, "START", Consent::Given).await;
    assert_eq!(start.body.unwrap().as_str(), "START");
    assert_eq!(send(&api, &john, OWN).await, 409, "it was about one sender");
    let lifted = lift(&api, &jane, "").await.json();
    assert_eq!(state(&lifted, None), (json!("given"), false, true));
    assert_eq!(send(&api, &john, OWN).await, 200);
}

#[tokio::test]
async fn what_only_looks_like_a_stop_is_listed_until_somebody_decides() {
    let (api, _, jane) = scene().await;
    let text = api
        .hear(ANNA, "stop texting me please", Consent::Maybe)
        .await;
    let sid = text.provider.unwrap().sid;
    assert_eq!(send(&api, &jane, SHARED).await, 200, "it changes nothing");
    let open = async || listed(&api, &jane, "?state=maybe").await;
    assert_eq!(open().await, [(ANNA.to_owned(), json!(SHARED))]);
    assert_eq!(listed(&api, &jane, "").await, []);
    let known = api.get(PATH, &jane).await.json();
    assert_eq!(state(&known, Some(SHARED)), (json!("maybe"), false, true));
    assert_eq!(known["journal"][0]["reference"], sid.as_str());
    // She asked for something else.
    lift(&api, &jane, "?sender=%2B15005550006").await;
    assert_eq!(open().await, []);
    assert_eq!(listed(&api, &jane, "?state=given").await.len(), 1);
    api.clock.advance(std::time::Duration::from_secs(1));
    api.hear(ANNA, "take me off your list", Consent::Maybe)
        .await;
    assert_eq!(open().await.len(), 1);
    put(&api, &jane, json!({"sender": SHARED})).await;
    assert_eq!(open().await, []);
    assert_eq!(listed(&api, &jane, "").await.len(), 1);
}

#[tokio::test]
async fn what_is_said_of_all_senders_settles_what_is_open_with_one() {
    let (api, john, jane) = scene().await;
    let open = async |user| listed(&api, user, "?state=maybe").await;
    let doubt = async |text| {
        api.clock.advance(std::time::Duration::from_secs(1));
        api.hear(ANNA, text, Consent::Maybe).await;
        assert_eq!(open(&jane).await, [(ANNA.to_owned(), json!(SHARED))]);
    };
    doubt("please stop").await;
    let lifted = lift(&api, &jane, "").await.json();
    assert_eq!(open(&jane).await, []);
    assert_eq!(state(&lifted, Some(SHARED)), (json!("given"), false, true));
    // Nothing was said of all, so there was nothing to lift.
    assert_eq!(state(&lifted, None), (Value::Null, false, true));
    doubt("no more of this").await;
    let known = put(&api, &jane, json!({})).await.json();
    assert_eq!(open(&jane).await, []);
    for sender in [None, Some(SHARED)] {
        assert_eq!(state(&known, sender), (json!("withdrawn"), true, true));
    }
    // Of senders about which nothing was open nothing is said.
    let johns = api.get(PATH, &john).await.json();
    assert_eq!(state(&johns, Some(OWN)), (Value::Null, true, true));
}

#[tokio::test]
async fn the_answer_tells_what_lifting_a_stop_cannot_do_at_the_provider() {
    let (api, _, jane) = scene().await;
    api.hear(ANNA, "STOP", Consent::Withdrawn).await;
    api.clock.advance(std::time::Duration::from_secs(1));
    put(&api, &jane, json!({"sender": SHARED})).await;
    let lifted = lift(&api, &jane, "?sender=%2B15005550006").await.json();
    assert_eq!(lifted["refused_by_provider"], true);
    assert!(lifted["at_provider"].as_str().unwrap().contains("START"));
    api.clock.advance(std::time::Duration::from_secs(1));
    api.hear(ANNA, "START", Consent::Given).await;
    api.clock.advance(std::time::Duration::from_secs(1));
    put(&api, &jane, json!({"sender": SHARED})).await;
    let lifted = lift(&api, &jane, "?sender=%2B15005550006").await.json();
    assert_eq!(lifted["refused_by_provider"], false);
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let (api, john, jane) = scene().await;
    api.grant(john.id, Right::Consent, true).await;
    let path = |last: u32| format!("/opt-outs/%2B1415555010{last}");
    for (last, body) in [
        (0, json!({"sender": OWN})),
        (1, json!({"sender": SHARED})),
        (2, json!({"sender": SHARED})),
        (3, json!({})),
        (4, json!({"sender": OWN})),
    ] {
        let body = body.to_string();
        let put = request(Method::PUT, &path(last), Some(&john), body);
        assert_eq!(api.call(put).await.status, 200);
    }
    let all = listed(&api, &john, "").await;
    let order: Vec<_> = all.iter().map(|(number, _)| &number[11..]).collect();
    assert_eq!(order, ["3", "1", "2", "0", "4"]);
    for limit in 1..=5 {
        let mut found = Vec::new();
        let mut next = format!("?limit={limit}");
        loop {
            let part = listed(&api, &john, &next).await;
            assert!(part.len() <= limit);
            found.extend(part);
            let answer = api.get(&format!("/opt-outs{next}"), &john).await;
            let Some(link) = answer.headers.get("link") else {
                break;
            };
            let link = link.to_str().unwrap();
            next = link[1..link.find('>').unwrap()].to_owned();
        }
        assert_eq!(found, all);
    }
    let own = listed(&api, &john, "?sender=%2B15005550007").await;
    assert_eq!(own.len(), 2);
    assert_eq!(listed(&api, &jane, "").await.len(), 3);
}

#[tokio::test]
async fn bad_values_are_named() {
    let (api, _, jane) = scene().await;
    for (body, field) in [
        (json!({"sender": "!"}), "sender"),
        (json!({"sender": 7}), "sender"),
        (json!({"sender": "+15005550099"}), "sender"),
        (json!({"note": ""}), "note"),
        (json!({"note": "a\u{0}b"}), "note"),
        (json!({"note": "n".repeat(501)}), "note"),
    ] {
        assert_eq!(put(&api, &jane, body).await.problem(400), [field]);
    }
    for (query, field) in [
        ("state=none", "state"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        ("sender=!", "sender"),
        ("sender=%2B15005550006&sender=%2B15005550006", "sender"),
    ] {
        let answer = api.get(&format!("/opt-outs?{query}"), &jane).await;
        assert_eq!(answer.problem(400), [field], "{query}");
    }
    assert_eq!(
        lift(&api, &jane, "?sender=!").await.problem(400),
        ["sender"]
    );
    for bad in ["/opt-outs/..%00", "/opt-outs/%2B%2B"] {
        assert_eq!(api.get(bad, &jane).await.problem(400), ["number"]);
    }
    let stranger = request(Method::GET, PATH, None, "");
    api.call(stranger).await.problem(401);
}

#[tokio::test]
async fn a_key_for_tests_has_nobody_to_ask() {
    let (api, _, jane) = scene().await;
    for scope in ["consent:read", "consent:write"] {
        let wanted = json!({"name": "tests", "mode": "test", "scopes": [scope]});
        let refused = api.post("/keys", Some(&jane), &wanted).await;
        assert_eq!(refused.problem(400), ["scopes"], "{scope}");
    }
}

#[tokio::test]
async fn a_key_that_only_writes_sees_nothing_of_what_was_said() {
    let (api, _, jane) = scene().await;
    let wanted = json!({"name": "crm", "scopes": ["consent:write"]});
    let made = api.post("/keys", Some(&jane), &wanted).await.json();
    let key = TestUser {
        id: jane.id,
        hash: jane.hash.clone(),
        token: made["key"].as_str().unwrap().to_owned(),
    };
    assert_eq!(
        put(&api, &jane, json!({"note": "private"})).await.status,
        200
    );
    for answer in [put(&api, &key, json!({})).await, lift(&api, &key, "").await] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["journal"], json!([]));
        assert!(!answer.text().contains("private"));
    }
}

#[tokio::test]
async fn what_is_nobodys_number_is_not_stored_as_if_it_stopped_anything() {
    let (api, _, jane) = scene().await;
    for bad in ["/opt-outs/4155550123", "/opt-outs/1.41556E%2B10"] {
        let refused = api.call(request(Method::PUT, bad, Some(&jane), "{}")).await;
        assert_eq!(refused.problem(400), ["number"], "{bad}");
    }
    // In this channel of carriers a subscriber has the consent of their number.
    let rcs = request(
        Method::PUT,
        "/opt-outs/rcs%3A%2B14155550123",
        Some(&jane),
        "{}",
    );
    assert_eq!(api.call(rcs).await.status, 200);
    assert_eq!(send(&api, &jane, SHARED).await, 409);
}

#[tokio::test]
async fn lifting_what_is_wanted_of_all_tells_of_a_stop_to_one() {
    let (api, _, jane) = scene().await;
    api.hear(ANNA, "STOP", Consent::Withdrawn).await;
    assert_eq!(put(&api, &jane, json!({})).await.status, 200);
    let lifted = lift(&api, &jane, "").await.json();
    assert_eq!(lifted["refused_by_provider"], true, "{lifted}");
}
