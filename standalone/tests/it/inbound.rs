//! What people write to us.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode};

crate::in_every_mode!(
    an_answer_arrives_live_in_the_conversation_of_who_wrote_first,
    a_text_from_a_stranger_is_nobodys,
);

const ANNA: &str = "+14155550100";

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.request(Method::GET, path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

async fn an_answer_arrives_live_in_the_conversation_of_who_wrote_first(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let (john, jane) = (
        messenger.client("john_doe").await,
        messenger.client("jane_doe").await,
    );
    let sent = john.send(ANNA, "Hello from John").await;
    john.wait_for(&sent, "delivered").await;
    let sent = jane.send(ANNA, "Hello from Jane").await;
    jane.wait_for(&sent, "delivered").await;
    let mut streams = Vec::new();
    for base in messenger.apis() {
        streams.push(john.on(&base).events(None).await);
    }

    judge.write(ANNA, "Hello John").await;

    let mut told = Value::Null;
    for stream in &mut streams {
        let event = stream.wait_for(|told| told.data["direction"] == "inbound");
        told = event.await.data;
        assert_eq!(told["content"], "Hello John");
        assert_eq!(told["unread"], true);
    }
    let conversations = get(&john, "/conversations").await;
    assert_eq!(conversations.as_array().unwrap().len(), 1);
    assert_eq!(conversations[0]["last_message"], told);
    assert_eq!(conversations[0]["unread"], 1);
    let path = format!("/conversations/{ANNA}/read");
    let read = john.request(Method::PUT, &path, None).await;
    assert_eq!(read.status(), StatusCode::NO_CONTENT);
    for stream in &mut streams {
        let read = stream.wait_for(|event| event.data["up_to"] == told["id"]);
        assert_eq!(read.await.data["counterpart"], ANNA);
    }
    let thread = get(&john, &format!("/conversations/{ANNA}")).await;
    let contents = thread.as_array().unwrap().iter();
    let contents: Vec<_> = contents.map(|one| one["content"].clone()).collect();
    assert_eq!(contents, ["Hello from John", "Hello John"]);
    assert_eq!(john.history().await.len(), 1);
    let janes = get(&jane, "/conversations").await;
    assert_eq!(janes[0]["last_message"]["content"], "Hello from Jane");
}

async fn a_text_from_a_stranger_is_nobodys(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let john = messenger.client("john_doe").await;
    let stranger = judge.write(ANNA, "Who are you?").await;
    judge.wait_until_taken(ANNA, &stranger).await;
    let sent = john.send(ANNA, "Hello").await;
    john.wait_for(&sent, "delivered").await;
    let thread = get(&john, &format!("/conversations/{ANNA}")).await;
    assert_eq!(thread.as_array().unwrap().len(), 1);
    assert_eq!(get(&john, "/conversations").await[0]["unread"], json!(0));
}
