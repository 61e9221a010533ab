//! That a conversation was read.

use http::Method;
use mysms_core::domain::{Address, Body, Inbound, Media, MessageId, ProviderId, Receiver, UserId};
use serde_json::json;

use super::*;
use crate::testing::START;

const ANNA: &str = "+14155550123";

async fn receive(api: &TestApi, user: &TestUser, number: u32) -> MessageId {
    let at = api.state.clock.now();
    let inbound = Inbound {
        id: MessageId::generate(at),
        sid: ProviderId::parse(&format!("SM{number:032x}")).unwrap(),
        account: api.state.provider.account.clone(),
        from: Address::of_author(ANNA),
        to: Address::of_author(api.state.provider.sender.as_str()),
        service: None,
        receiver: Receiver::User(user.id),
        otherwise: UserId::NOBODY,
        body: Some(Body::parse("hello".to_owned()).unwrap()),
        media: Media::default(),
        at,
        recovered_at: None,
        left: Vec::new(),
    };
    let received = api.stores.conversations.receive(&inbound).await.unwrap();
    received.message.id
}

async fn mark_read(api: &TestApi, user: &TestUser) {
    let path = format!("/conversations/{ANNA}/read");
    let asked = request(Method::PUT, &path, Some(user), "");
    assert_eq!(api.call(asked).await.status, 204);
}

#[tokio::test]
async fn that_a_conversation_was_read_is_told_once() {
    let api = TestApi::start().await;
    let _passing = pass_changes_on(&api);
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let mut last = None;
    for number in 0..3 {
        last = Some(receive(&api, &john, number).await);
    }
    api.state.announce(john.id, START);
    for _ in 0..3 {
        assert_eq!(stream.expect("message").await["unread"], true);
    }
    mark_read(&api, &john).await;
    let told = stream.expect("conversation.read").await;
    assert_eq!(told, json!({ "counterpart": ANNA, "up_to": last }));
    let id = api.send(&john, "and then").await;
    assert_eq!(stream.expect("message").await["id"], json!(id));
}

#[tokio::test]
async fn what_is_read_before_it_was_told_is_told_as_a_message() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let id = receive(&api, &john, 1).await;
    mark_read(&api, &john).await;
    let _passing = pass_changes_on(&api);
    let told = stream.expect("message").await;
    assert_eq!((&told["id"], &told["unread"]), (&json!(id), &json!(false)));
}

#[tokio::test]
async fn who_comes_back_is_told_which_conversations_were_read() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ids = [receive(&api, &john, 1).await, receive(&api, &john, 2).await];
    api.clock.advance(Duration::from_mins(30));
    let mut stream = Stream::open(&api, &john).await;
    stream.expect("ready").await;
    let away = receive(&api, &john, 3).await;
    mark_read(&api, &john).await;
    let mut stream = Stream::go_on(&api, &john, Some(&stream.last)).await;
    let told = stream.expect("conversation.read").await;
    assert_eq!(told["up_to"], json!(ids.iter().max()));
    // That it is there is news.
    assert_eq!(stream.expect("message").await["id"], json!(away));
}
