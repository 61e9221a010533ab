//! What people write to us.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, Receiver, eventually};

crate::in_every_mode!(
    an_answer_arrives_live_in_the_conversation_of_who_wrote_first,
    a_text_from_a_stranger_is_nobodys,
    a_browser_is_told_of_an_answer_until_its_login_ends,
    an_answer_goes_to_who_wrote_though_it_was_deleted,
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

/// Has the browser of this login told by its push service.
async fn subscribe(client: &Client, service: &Receiver) {
    let wanted = json!({
        "endpoint": service.url(),
        // Those of the example in RFC 8291.
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
        "with_text": true,
    });
    let answer = client.request(Method::PUT, "/push", Some(wanted)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn a_browser_is_told_of_an_answer_until_its_login_ends(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let john = messenger.client("john_doe").await;
    let sent = john.send(ANNA, "Hello").await;
    john.wait_for(&sent, "delivered").await;
    let (service, other) = (Receiver::start().await, Receiver::start().await);
    subscribe(&john, &service).await;
    judge.write(ANNA, "Hello John").await;
    eventually("the browser is told", || async {
        service.heard().len() == 1
    })
    .await;
    let heard = service.heard().remove(0);
    assert_eq!(heard.headers["content-encoding"], "aes128gcm");
    assert!(!heard.text.contains("Hello"), "{}", heard.text);

    // Another browser of the same user shows that all who are to be told are.
    let known = json!({"username": "john_doe", "password": "password123"});
    let login = john.request(Method::POST, "/login", Some(known)).await;
    let login: Value = login.json().await.unwrap();
    let again = john.with_token(login["token"].as_str().unwrap());
    subscribe(&again, &other).await;
    let left = john.request(Method::POST, "/logout", None).await;
    assert_eq!(left.status(), StatusCode::OK);
    judge.write(ANNA, "Are you there?").await;
    eventually("the other one is told", || async {
        other.heard().len() == 1
    })
    .await;
    assert_eq!(service.heard().len(), 1);
}

async fn an_answer_goes_to_who_wrote_though_it_was_deleted(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let (john, jane) = (
        messenger.client("john_doe").await,
        messenger.client("jane_doe").await,
    );
    for client in [&john, &jane] {
        let sent = client.send(ANNA, "Hello").await;
        client.wait_for(&sent, "delivered").await;
    }
    let path = format!("/conversations/{ANNA}");
    let deleted = john.request(Method::DELETE, &path, None).await;
    assert_eq!(deleted.status(), StatusCode::OK);
    judge.write(ANNA, "Hello John").await;
    eventually("the answer is there", || async {
        let conversations = get(&john, "/conversations").await;
        conversations[0]["last_message"]["content"] == "Hello John"
    })
    .await;
    assert_eq!(get(&jane, &path).await.as_array().unwrap().len(), 1);
}
