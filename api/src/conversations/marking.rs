//! What users note on conversations, lists by that, and the end of one.

use http::Method;
use mysms_core::clock::Clock;
use mysms_core::domain::{Fact, MOST_PINNED, MessageId, ProviderId, ProviderStatus};
use serde_json::{Value, json};

use crate::testing::{Answer, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";

async fn send(api: &TestApi, user: &TestUser, recipient: &str) -> MessageId {
    let text = json!({"recipient": recipient, "content": "hello"});
    let answer = api.post("/messages", Some(user), &text).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn note(api: &TestApi, user: &TestUser, number: &str, notes: Value) -> Answer {
    let path = format!("/conversations/{number}");
    api.call(request(Method::PATCH, &path, Some(user), notes.to_string()))
        .await
}

async fn read(api: &TestApi, user: &TestUser, number: &str) {
    let path = format!("/conversations/{number}/read");
    let answer = api.call(request(Method::PUT, &path, Some(user), "")).await;
    assert_eq!(answer.status, 204);
}

async fn shown(api: &TestApi, user: &TestUser, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/conversations{query}"), user).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["counterpart"].as_str().unwrap().to_owned())
        .collect()
}

async fn marks(api: &TestApi, user: &TestUser, place: usize) -> Value {
    let list = api.get("/conversations", user).await.json();
    let one = &list[place];
    json!([one["pinned"], one["archived"], one["marked_unread"]])
}

const NONE: [&str; 0] = [];

#[tokio::test]
async fn what_is_put_aside_comes_back_with_the_next_text() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let first = send(&api, &john, ANNA).await;
    api.take(first).await;
    send(&api, &john, BERT).await;
    let noted = note(&api, &john, ANNA, json!({"archived": true})).await;
    assert_eq!(noted.status, 200, "{}", noted.text());
    let expected =
        json!({"counterpart": ANNA, "pinned": false, "archived": true, "marked_unread": false});
    assert_eq!(noted.json(), expected);
    assert_eq!(shown(&api, &john, "?show=inbox").await, [BERT]);
    assert_eq!(shown(&api, &john, "?show=archived").await, [ANNA]);
    assert_eq!(shown(&api, &john, "").await, [BERT, ANNA]);
    assert_eq!(marks(&api, &john, 1).await, json!([false, true, false]));
    api.clock.advance(std::time::Duration::from_secs(1));
    api.receive_from(ANNA, "hello John").await;
    assert_eq!(shown(&api, &john, "?show=inbox").await, [ANNA, BERT]);
    assert_eq!(shown(&api, &john, "?show=archived").await, NONE);
    assert_eq!(marks(&api, &john, 0).await, json!([false, false, false]));
    note(&api, &john, ANNA, json!({"archived": true})).await;
    let back = note(&api, &john, ANNA, json!({"archived": false})).await;
    assert_eq!(back.json()["archived"], false);
    assert_eq!(shown(&api, &john, "?show=archived").await, NONE);
}

#[tokio::test]
async fn pages_of_a_list_are_right_whatever_is_left_out() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let numbers: Vec<_> = (0..9)
        .map(|number| format!("+141555501{number:02}"))
        .collect();
    for number in &numbers {
        send(&api, &john, number).await;
    }
    for number in numbers.iter().step_by(2) {
        note(&api, &john, number, json!({"archived": true})).await;
    }
    for (show, expected) in [
        ("inbox", vec![7, 5, 3, 1]),
        ("archived", vec![8, 6, 4, 2, 0]),
    ] {
        let mut found = Vec::new();
        let mut path = format!("/conversations?show={show}&limit=2");
        loop {
            let page = api.get(&path, &john).await;
            let list = page.json();
            let list = list.as_array().unwrap().iter();
            found.extend(list.map(|one| one["counterpart"].as_str().unwrap().to_owned()));
            let link = page.header("link");
            let Some((query, _)) = link.trim_start_matches('<').split_once('>') else {
                break;
            };
            assert!(query.contains(&format!("show={show}")), "{query}");
            path = format!("/conversations{query}");
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|place: &usize| numbers[*place].clone())
            .collect();
        assert_eq!(found, expected, "{show}");
    }
}

#[tokio::test]
async fn a_note_to_look_again_is_dropped_by_reading() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, ANNA).await;
    send(&api, &john, BERT).await;
    assert_eq!(shown(&api, &john, "?show=unread").await, NONE);
    note(&api, &john, ANNA, json!({"unread": true, "pinned": true})).await;
    assert_eq!(shown(&api, &john, "?show=unread").await, [ANNA]);
    assert_eq!(shown(&api, &john, "?show=pinned").await, [ANNA]);
    assert_eq!(marks(&api, &john, 1).await, json!([true, false, true]));
    read(&api, &john, ANNA).await;
    assert_eq!(shown(&api, &john, "?show=unread").await, NONE);
    assert_eq!(marks(&api, &john, 1).await, json!([true, false, false]));
    note(&api, &john, ANNA, json!({"pinned": false})).await;
    assert_eq!(shown(&api, &john, "?show=pinned").await, NONE);
}

#[tokio::test]
async fn what_waits_and_what_failed_is_found() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let to_anna = send(&api, &john, ANNA).await;
    assert_eq!(shown(&api, &john, "?show=waiting").await, [ANNA]);
    assert_eq!(shown(&api, &john, "?show=failed").await, NONE);
    api.take(to_anna).await;
    assert_eq!(shown(&api, &john, "?show=waiting").await, NONE);
    let fact = Fact {
        message: Some(to_anna),
        sid: ProviderId::parse(&format!("SM{}", to_anna.as_uuid().simple())).unwrap(),
        account: api.state.provider.account.clone(),
        status: ProviderStatus::UNDELIVERED,
        code: None,
        detail: None,
        at: api.clock.now(),
        poll_at: None,
    };
    api.stores.ledger.apply_fact(&fact).await.unwrap();
    assert_eq!(shown(&api, &john, "?show=failed").await, [ANNA]);
    let answer = api.get("/conversations?show=nothing", &john).await;
    assert_eq!(answer.problem(400), ["show"]);
}

#[tokio::test]
async fn only_what_there_is_can_be_marked_and_nobody_sees_the_marks_of_another() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    send(&api, &john, ANNA).await;
    note(&api, &jane, ANNA, json!({"pinned": true}))
        .await
        .problem(404);
    send(&api, &jane, ANNA).await;
    note(&api, &john, ANNA, json!({"pinned": true})).await;
    assert_eq!(marks(&api, &jane, 0).await, json!([false, false, false]));
    let bad = json!({"pinned": 1, "archived": "yes", "unread": []});
    let fields = note(&api, &john, ANNA, bad).await.problem(400);
    assert_eq!(fields, ["pinned", "archived", "unread"]);
    for number in 0..MOST_PINNED {
        let number = format!("+141555502{number:02}");
        send(&api, &john, &number).await;
        let last = note(&api, &john, &number, json!({"pinned": true})).await;
        if last.status != 200 {
            assert_eq!(last.problem(400), ["pinned"]);
        }
    }
    assert_eq!(shown(&api, &john, "?show=pinned").await.len(), MOST_PINNED);
}

#[tokio::test]
async fn a_conversation_is_deleted_with_what_is_noted_on_it_and_its_contact_stays() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let first = send(&api, &john, ANNA).await;
    api.take(first).await;
    send(&api, &john, ANNA).await;
    send(&api, &john, BERT).await;
    send(&api, &jane, ANNA).await;
    let contact = json!({"name": "Anna"}).to_string();
    let path = format!("/contacts/{ANNA}");
    api.call(request(Method::PUT, &path, Some(&john), contact))
        .await;
    note(&api, &john, ANNA, json!({"pinned": true})).await;
    let conversation = format!("/conversations/{ANNA}");
    let deleted = api.delete(&conversation, &john).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(deleted.json()["deleted"], 2);
    assert_eq!(shown(&api, &john, "").await, [BERT]);
    assert_eq!(shown(&api, &jane, "").await, [ANNA]);
    assert_eq!(api.get(&conversation, &john).await.json(), json!([]));
    assert_eq!(api.get(&path, &john).await.json()["name"], "Anna");
    api.delete(&conversation, &john).await.problem(404);
    send(&api, &john, ANNA).await;
    assert_eq!(marks(&api, &john, 0).await, json!([false, false, false]));
}

#[tokio::test]
async fn what_comes_while_a_conversation_is_deleted_stays_with_what_is_noted_on_it() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let seen = send(&api, &john, ANNA).await;
    api.take(seen).await;
    note(&api, &john, ANNA, json!({"pinned": true})).await;
    api.clock.advance(std::time::Duration::from_secs(1));
    api.receive_from(ANNA, "wait").await;
    let path = format!("/conversations/{ANNA}?up_to={seen}");
    assert_eq!(api.delete(&path, &john).await.json()["deleted"], 1);
    let left = api
        .get(&format!("/conversations/{ANNA}"), &john)
        .await
        .json();
    assert_eq!(left[0]["content"], "wait");
    assert_eq!(marks(&api, &john, 0).await, json!([true, false, false]));
    let bad = format!("/conversations/{ANNA}?up_to=x");
    assert_eq!(api.delete(&bad, &john).await.problem(400), ["up_to"]);
}

#[tokio::test]
async fn nothing_is_deleted_or_read_up_to_what_the_conversation_does_not_have() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    let with_anna = send(&api, &john, ANNA).await;
    api.take(with_anna).await;
    let with_bert = send(&api, &john, BERT).await;
    let of_jane = send(&api, &jane, ANNA).await;
    let deleted = send(&api, &john, ANNA).await;
    let path = format!("/messages/{}/{deleted}", john.hash);
    assert_eq!(api.delete(&path, &john).await.status, 200);
    api.clock.advance(std::time::Duration::from_secs(1));
    api.receive_from(ANNA, "wait").await;
    let unread = async || shown(&api, &john, "?show=unread").await;
    let mark = async |id: MessageId| {
        let path = format!("/conversations/{ANNA}/read");
        let body = json!({ "up_to": id }).to_string();
        let request = crate::testing::request(http::Method::PUT, &path, Some(&john), body);
        api.call(request).await
    };
    let made_up = MessageId::generate(api.clock.now() + std::time::Duration::from_hours(1));
    for id in [with_bert, of_jane, made_up] {
        let path = format!("/conversations/{ANNA}?up_to={id}");
        assert_eq!(api.delete(&path, &john).await.problem(400), ["up_to"]);
        assert_eq!(mark(id).await.problem(400), ["up_to"]);
    }
    assert_eq!(unread().await, [ANNA]);
    // What is gone was there when whoever asks saw it.
    assert_eq!(mark(deleted).await.status, 204);
    assert_eq!(unread().await, [ANNA], "it came later");
    let path = format!("/conversations/{ANNA}?up_to={deleted}");
    assert_eq!(api.delete(&path, &john).await.json()["deleted"], 1);
}

#[tokio::test]
async fn whoever_leaves_takes_their_notes_along() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, ANNA).await;
    note(&api, &john, ANNA, json!({"pinned": true})).await;
    super::forget_all(&api.state, john.id).await.unwrap();
    assert_eq!(marks(&api, &john, 0).await, json!([false, false, false]));
}
