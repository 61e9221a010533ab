use http::{Method, StatusCode};
use mysms_core::domain::{Address, Body, Inbound, Media, MessageId, ProviderId, Receiver, UserId};
use serde_json::{Value, json};

use crate::testing::{START, TestApi, TestUser, request};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";

async fn send(api: &TestApi, user: &TestUser, recipient: &str, content: &str) {
    let text = json!({"recipient": recipient, "content": content});
    let answer = api.post("/messages", Some(user), &text).await;
    assert_eq!(answer.status, 200);
    api.take(answer.json()["id"].as_str().unwrap().parse().unwrap())
        .await;
}

async fn receive(api: &TestApi, number: u32, from: &str, content: &str) -> MessageId {
    let inbound = Inbound {
        id: MessageId::generate(START),
        sid: ProviderId::parse(&format!("SM{number:032x}")).unwrap(),
        account: api.state.provider.account.clone(),
        from: Address::of_author(from),
        to: Address::of_author(api.state.provider.sender.as_str()),
        service: None,
        receiver: Receiver::Holder,
        otherwise: UserId::NOBODY,
        body: Some(Body::parse(content.to_owned()).unwrap()),
        media: Media::default(),
        at: START,
        recovered_at: None,
        left: Vec::new(),
    };
    api.stores
        .conversations
        .receive(&inbound)
        .await
        .unwrap()
        .message
        .id
}

async fn list(api: &TestApi, user: &TestUser, query: &str) -> Vec<Value> {
    let answer = api.get(&format!("/conversations{query}"), user).await;
    assert_eq!(answer.status, 200);
    answer.json().as_array().unwrap().clone()
}

async fn mark(api: &TestApi, user: &TestUser, number: &str, body: &str) -> StatusCode {
    let path = format!("/conversations/{number}/read");
    let request = request(Method::PUT, &path, Some(user), body.to_owned());
    api.call(request).await.status
}

#[tokio::test]
async fn the_newest_conversation_comes_first_with_what_is_unread() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    assert_eq!(list(&api, &john, "").await, [] as [Value; 0]);
    send(&api, &john, ANNA, "hello Anna").await;
    send(&api, &john, BERT, "hello Bert").await;
    let answer = receive(&api, 1, ANNA, "hello John").await;
    let shown = list(&api, &john, "").await;
    let brief = |one: &Value| {
        json!([
            one["counterpart"],
            one["unread"],
            one["last_message"]["content"]
        ])
    };
    assert_eq!(
        shown.iter().map(brief).collect::<Vec<_>>(),
        [
            json!([ANNA, 1, "hello John"]),
            json!([BERT, 0, "hello Bert"])
        ]
    );
    let body = json!({ "up_to": answer }).to_string();
    assert_eq!(mark(&api, &john, ANNA, &body).await, 204);
    assert_eq!(list(&api, &john, "").await[0]["unread"], 0);
    assert_eq!(mark(&api, &john, "%2B14155550123", "").await, 204);
}

#[tokio::test]
async fn pages_lead_to_the_next_one() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for last in 0..5 {
        send(&api, &john, &format!("+1415555010{last}"), "hello").await;
    }
    let all = list(&api, &john, "").await;
    let (mut path, mut shown) = ("/conversations?limit=2".to_owned(), Vec::new());
    loop {
        let answer = api.get(&path, &john).await;
        shown.extend(answer.json().as_array().unwrap().clone());
        let Some(link) = answer.headers.get("link") else {
            break;
        };
        let link = link.to_str().unwrap();
        path = format!("/conversations{}", &link[1..link.find('>').unwrap()]);
    }
    assert_eq!(shown, all);
}

#[tokio::test]
async fn a_thread_shows_both_ways_and_is_paged_like_a_history() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    send(&api, &john, ANNA, "one").await;
    receive(&api, 1, ANNA, "two").await;
    send(&api, &john, BERT, "not here").await;
    send(&api, &john, ANNA, "three").await;
    let contents = |json: Value| -> Vec<String> {
        let messages = json.as_array().unwrap().iter();
        messages
            .map(|one| one["content"].as_str().unwrap().to_owned())
            .collect()
    };
    let thread = api.get("/conversations/+14155550123", &john).await;
    assert_eq!(contents(thread.json()), ["one", "two", "three"]);
    let newest = "/conversations/%2B14155550123?order=desc&limit=2";
    let newest = api.get(newest, &john).await;
    assert_eq!(contents(newest.json()), ["three", "two"]);
    assert!(newest.header("link").contains("order=desc"));
    let stranger = api.get("/conversations/+14155550100", &john).await;
    assert_eq!(contents(stranger.json()), [] as [String; 0]);
}

#[tokio::test]
async fn nobody_sees_or_marks_anothers_conversations() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    send(&api, &john, ANNA, "hello").await;
    receive(&api, 1, ANNA, "for John").await;
    assert_eq!(list(&api, &jane, "").await, [] as [Value; 0]);
    let thread = api.get("/conversations/+14155550123", &jane).await;
    assert_eq!(thread.json(), json!([]));
    assert_eq!(mark(&api, &jane, ANNA, "").await, 204);
    assert_eq!(list(&api, &john, "").await[0]["unread"], 1);
}

#[tokio::test]
async fn bad_values_are_named() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for (path, field) in [
        ("/conversations/***", "number"),
        ("/conversations/a%00b", "number"),
        ("/conversations/%E2%80%AEabc", "number"),
        ("/conversations/+14155550123?order=up", "order"),
        ("/conversations?limit=0", "limit"),
        ("/conversations?cursor=x", "cursor"),
    ] {
        assert_eq!(api.get(path, &john).await.problem(400), [field], "{path}");
    }
    assert_eq!(mark(&api, &john, "+", "").await, 400);
    assert_eq!(mark(&api, &john, ANNA, "{\"up_to\": 7}").await, 400);
    assert_eq!(mark(&api, &john, ANNA, "{").await, 400);
}
