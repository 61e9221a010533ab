use std::time::Duration;

use http::Method;
use mysms_core::domain::{MessageId, Receiver, Username};
use runtime::config::InboxConfig;
use serde_json::{Value, json};

use crate::shelf::Kept;
use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";

/// John may see what belongs to nobody.
async fn scene() -> (TestApi, TestUser, TestUser) {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.let_see_inbox(john.id, true).await;
    (api, john, jane)
}

async fn unassigned(api: &TestApi, user: &TestUser) -> Vec<String> {
    let answer = api.get("/inbox/unassigned", user).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text["content"].as_str().unwrap().to_owned())
        .collect()
}

async fn claim(api: &TestApi, user: &TestUser, id: MessageId) -> Answer {
    let path = format!("/inbox/unassigned/{id}/claim");
    api.call(request(Method::POST, &path, Some(user), "")).await
}

async fn assign(api: &TestApi, user: &TestUser, id: MessageId, body: &Value) -> Answer {
    let path = format!("/inbox/unassigned/{id}/assign");
    api.post(&path, Some(user), body).await
}

fn medium(id: MessageId, index: &str) -> String {
    format!("/inbox/unassigned/{id}/media/{index}")
}

async fn conversations(api: &TestApi, user: &TestUser) -> Vec<Value> {
    let list = api.get("/conversations", user).await.json();
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn what_belongs_to_nobody_is_listed_in_pages_until_somebody_has_it() {
    let (api, john, jane) = scene().await;
    assert_eq!(unassigned(&api, &john).await, [] as [&str; 0]);
    let mut received = Vec::new();
    for (author, content) in [(ANNA, "one"), ("384387", "two"), (BERT, "three")] {
        received.push(api.receive_from(author, content).await.id);
        api.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(unassigned(&api, &john).await, ["one", "two", "three"]);
    let page = api.get("/inbox/unassigned?limit=2&order=desc", &john).await;
    assert_eq!(page.json()[1]["content"], "two");
    let next = page.header("link").to_owned();
    let next = &next[1..next.find('>').unwrap()];
    let rest = api.get(&format!("/inbox/unassigned{next}"), &john).await;
    assert_eq!(rest.json()[0]["content"], "one");

    let claimed = claim(&api, &john, received[1]).await;
    assert_eq!(claimed.status, 200, "{}", claimed.text());
    assert_eq!(claimed.json()["counterpart"], "384387");
    assert_eq!(unassigned(&api, &john).await, ["one", "three"]);
    assert_eq!(conversations(&api, &john).await[0]["unread"], 1);

    let to_jane = json!({"username": "Jane_Doe"});
    assert_eq!(assign(&api, &john, received[0], &to_jane).await.status, 204);
    assert_eq!(unassigned(&api, &john).await, ["three"]);
    let janes = conversations(&api, &jane).await;
    assert_eq!(janes[0]["last_message"]["content"], "one");
    assert_eq!(conversations(&api, &john).await.len(), 1);
}

#[tokio::test]
async fn one_of_several_who_claim_at_once_gets_it() {
    let (api, john, jane) = scene().await;
    api.let_see_inbox(jane.id, true).await;
    let id = api.receive_from(ANNA, "hello").await.id;
    let (first, second) = tokio::join!(claim(&api, &john, id), claim(&api, &jane, id));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let (winner, loser) = if first.status == 200 {
        (&john, &jane)
    } else {
        (&jane, &john)
    };
    assert_eq!(conversations(&api, winner).await.len(), 1);
    assert_eq!(conversations(&api, loser).await.len(), 0);
    let again = claim(&api, loser, id).await;
    assert_eq!(again.problem(409), [] as [&str; 0]);
    assert_eq!(again.json()["type"], "urn:mysms:problem:already-assigned");
    // Who has it may not have heard so.
    assert_eq!(claim(&api, winner, id).await.status, 200);
    // Nor can it be given away.
    let to_loser = json!({"username": if first.status == 200 { "jane_doe" } else { "john_doe" }});
    assert_eq!(assign(&api, winner, id, &to_loser).await.status, 409);
}

#[tokio::test]
async fn who_was_given_a_text_gets_what_its_author_writes_next() {
    let (api, john, jane) = scene().await;
    let id = api.receive_from(ANNA, "one").await.id;
    let to_jane = json!({"username": "jane_doe"});
    assert_eq!(assign(&api, &john, id, &to_jane).await.status, 204);
    api.clock.advance(Duration::from_hours(24));
    let next = api.receive_from(ANNA, "two").await;
    assert_eq!(next.owner, jane.id);
    let thread = api.get("/conversations/%2B14155550123", &jane).await.json();
    assert_eq!(
        (&thread[0]["content"], &thread[1]["content"]),
        (&json!("one"), &json!("two"))
    );
}

#[tokio::test]
async fn whoever_may_not_see_it_learns_nothing() {
    let (api, _, jane) = scene().await;
    let id = api.receive_from(ANNA, "hello").await.id;
    let own = api.send(&jane, "mine").await;
    let nothing = MessageId::generate(api.state.clock.now());
    for id in [id, own, nothing] {
        let to_jane = json!({"username": "jane_doe"});
        let to_nobody = json!({"username": "nobody_at_all"});
        for answer in [
            claim(&api, &jane, id).await,
            assign(&api, &jane, id, &to_jane).await,
            assign(&api, &jane, id, &to_nobody).await,
        ] {
            assert_eq!(answer.problem(403), [] as [&str; 0]);
            assert_eq!(answer.json()["type"], "urn:mysms:problem:inbox-closed");
        }
    }
    let list = api.get("/inbox/unassigned?limit=0", &jane).await;
    list.problem(403);
    let stranger = request(Method::GET, "/inbox/unassigned", None, "");
    api.call(stranger).await.problem(401);
}

#[tokio::test]
async fn its_pictures_are_seen_by_who_may_see_it_until_somebody_has_it() {
    let (api, john, jane) = scene().await;
    let picture = Kept::File("image/png", "picture");
    let picture = api.shelf.put("https://api.twilio.com/file", picture);
    let text = api.receive_files_for(Receiver::Holder, [picture]).await;
    let path = medium(text.id, "0");
    let answer = api.get(&path, &john).await;
    assert_eq!((answer.status.as_u16(), &*answer.text()), (200, "picture"));
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=\"media-0.png\""
    );
    assert_eq!(
        answer.header("content-security-policy"),
        "sandbox; default-src 'none'"
    );
    // What it is is noted.
    api.state.lifecycle.tracker().close();
    api.state.lifecycle.tracker().wait().await;
    let listed = api.get("/inbox/unassigned", &john).await.json();
    let known = json!([{"index": 0, "content_type": "image/png", "size": 7, "url": null}]);
    assert_eq!(listed[0]["media"], known);
    for index in ["1", "-1", "x", "99999999999999999999999"] {
        let nothing = api.get(&medium(text.id, index), &john).await;
        nothing.problem(404);
    }
    let to_jane = json!({"username": "jane_doe"});
    assert_eq!(assign(&api, &john, text.id, &to_jane).await.status, 204);
    api.get(&path, &john).await.problem(404);
    let own = format!("/messages/{}/{}/media/0", jane.hash, text.id);
    assert_eq!(api.get(&own, &jane).await.text(), "picture");
}

#[tokio::test]
async fn nobody_else_sees_its_pictures_nor_anybody_those_of_others_there() {
    let (api, john, jane) = scene().await;
    let picture = Kept::File("image/png", "picture");
    let picture = api.shelf.put("https://api.twilio.com/file", picture);
    let files = [picture.clone()];
    let text = api.receive_files_for(Receiver::Holder, files).await;
    let janes = api.receive_files(jane.id, [picture]).await;
    let nothing = MessageId::generate(api.state.clock.now());
    // What is there and what is not is the same to whoever may not see it.
    for (id, index) in [(text.id, "0"), (text.id, "x"), (nothing, "0")] {
        let closed = api.get(&medium(id, index), &jane).await;
        closed.problem(403);
        assert_eq!(closed.json()["type"], "urn:mysms:problem:inbox-closed");
    }
    api.get(&medium(janes.id, "0"), &john).await.problem(404);
    let own = format!("/messages/{}/{}/media/0", john.hash, text.id);
    api.get(&own, &john).await.problem(404);
    let stranger = request(Method::GET, &medium(text.id, "0"), None, "");
    api.call(stranger).await.problem(401);
    api.let_see_inbox(john.id, false).await;
    api.get(&medium(text.id, "0"), &john).await.problem(403);
}

#[tokio::test]
async fn who_reads_its_pictures_has_no_more_files_open_than_anybody_else() {
    let (api, john, _) = scene().await;
    let picture = Kept::File("image/png", "picture");
    let picture = api.shelf.put("https://api.twilio.com/file", picture);
    let text = api.receive_files_for(Receiver::Holder, [picture]).await;
    let mut held = Vec::new();
    while let Ok(place) = api.state.files.take(john.id, 1) {
        held.push(place);
    }
    let path = medium(text.id, "0");
    let refused = api.get(&path, &john).await;
    assert_eq!(refused.json()["type"], "urn:mysms:problem:too-many-files");
    held.pop();
    assert_eq!(api.get(&path, &john).await.status, 200);
}

#[tokio::test]
async fn what_is_not_in_the_inbox_is_not_found_whoever_has_it() {
    let (api, john, jane) = scene().await;
    let janes = api.send(&jane, "hers").await;
    api.take(janes).await;
    let answer = api.receive_from(ANNA, "for Jane").await;
    assert_eq!(answer.owner, jane.id);
    let nothing = MessageId::generate(api.state.clock.now());
    for id in [janes, answer.id, nothing] {
        claim(&api, &john, id).await.problem(404);
        let to_jane = json!({"username": "jane_doe"});
        assign(&api, &john, id, &to_jane).await.problem(404);
    }
    let path = "/inbox/unassigned/none/claim";
    let bad = api.call(request(Method::POST, path, Some(&john), "")).await;
    bad.problem(404);
}

#[tokio::test]
async fn bad_values_are_named() {
    let (api, john, _) = scene().await;
    let id = api.receive_from(ANNA, "hello").await.id;
    for body in [
        json!({}),
        json!({"username": 7}),
        json!({"username": "x"}),
        json!({"username": "nobody_at_all"}),
    ] {
        let answer = assign(&api, &john, id, &body).await;
        assert_eq!(answer.problem(400), ["username"], "{body}");
    }
    let list = api.get("/inbox/unassigned?limit=0", &john).await;
    assert_eq!(list.problem(400), ["limit"]);
    assert_eq!(unassigned(&api, &john).await, ["hello"]);
}

#[tokio::test]
async fn the_right_is_shown_to_its_user_and_ends_when_it_is_taken_back() {
    let (api, john, jane) = scene().await;
    assert_eq!(api.get("/me", &john).await.json()["inbox"], true);
    assert_eq!(api.get("/me", &jane).await.json()["inbox"], false);
    // Nobody gives it to themselves.
    let settings = json!({"inbox": true, "smart_encoding": true});
    let put = request(
        Method::PUT,
        "/me/settings",
        Some(&jane),
        settings.to_string(),
    );
    assert_eq!(api.call(put).await.status, 200);
    assert_eq!(api.get("/me", &jane).await.json()["inbox"], false);
    let put = request(Method::PUT, "/me/settings", Some(&john), "{}");
    assert_eq!(api.call(put).await.status, 200);
    assert_eq!(
        api.get("/me", &john).await.json()["inbox"],
        true,
        "it stays"
    );

    api.let_see_inbox(john.id, false).await;
    api.get("/inbox/unassigned", &john).await.problem(403);
}

#[tokio::test]
async fn a_key_has_the_scopes_of_the_inbox_only_while_its_user_has_the_right() {
    let (api, john, jane) = scene().await;
    let key = json!({"name": "desk", "scopes": ["inbox:read"]});
    let refused = api.post("/keys", Some(&jane), &key).await;
    assert_eq!(refused.problem(400), ["scopes"]);
    let made = api.post("/keys", Some(&john), &key).await.json();
    let reader = TestUser {
        id: john.id,
        hash: john.hash.clone(),
        token: made["key"].as_str().unwrap().to_owned(),
    };
    let id = api.receive_from(ANNA, "hello").await.id;
    assert_eq!(unassigned(&api, &reader).await, ["hello"]);
    let answer = claim(&api, &reader, id).await;
    answer.problem(403);
    assert_eq!(answer.json()["type"], "urn:mysms:problem:scope-missing");
    // It may look at a file, but this text has none.
    api.get(&medium(id, "0"), &reader).await.problem(404);
    let writer = json!({"name": "desk", "scopes": ["inbox:write", "messages:read"]});
    let made = api.post("/keys", Some(&john), &writer).await.json();
    let writer = TestUser {
        id: john.id,
        hash: john.hash.clone(),
        token: made["key"].as_str().unwrap().to_owned(),
    };
    let answer = api.get(&medium(id, "0"), &writer).await;
    answer.problem(403);
    assert_eq!(answer.json()["type"], "urn:mysms:problem:scope-missing");
    api.let_see_inbox(john.id, false).await;
    api.get("/inbox/unassigned", &reader).await.problem(403);
}

async fn with_default_user(name: &str) -> TestApi {
    let default_user = Username::parse(name).ok();
    TestApi::with(|settings| settings.inbox = InboxConfig { default_user }).await
}

async fn inbox_check(api: &TestApi) -> Value {
    let ready = request(Method::GET, "/readyz", None, "");
    let answer = api.call(ready).await;
    assert_eq!(answer.status, 200);
    answer.json()["checks"]["inbox"].clone()
}

#[tokio::test]
async fn a_default_user_is_told_by_readyz_if_there_is_none_of_the_name() {
    let api = with_default_user("front_desk").await;
    assert_eq!(inbox_check(&api).await["status"], "misconfigured");
    let desk = api.user("Front_Desk").await;
    assert_eq!(inbox_check(&api).await, json!({"status": "up"}));
    assert_eq!(api.state.default_owner.user().await.unwrap(), desk.id);
}

#[tokio::test]
async fn nobody_signs_up_as_the_user_who_gets_what_belongs_to_nobody() {
    let api = with_default_user("front_desk").await;
    for name in ["front_desk", "Front_Desk"] {
        let json = json!({"username": name, "password": "password123"});
        let refused = api.post("/signup", None, &json).await;
        assert_eq!(refused.problem(400), ["username"]);
    }
    let other = json!({"username": "back_desk", "password": "password123"});
    assert_eq!(api.post("/signup", None, &other).await.status, 201);
}
