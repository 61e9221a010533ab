//! A request that is repeated, because its answer was lost or a user was impatient, is one text.

use std::time::Duration;

use lab::Mongod;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::harness::{Judge, Messenger, Mode};

crate::in_every_mode!(
    fifty_requests_with_one_key_are_one_message_and_get_one_answer,
    a_key_outlives_its_deleted_message,
);

const RECIPIENT: &str = "+14155550100";

async fn fifty_requests_with_one_key_are_one_message_and_get_one_answer(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("impatient").await;
    let apis = messenger.apis();
    let mut requests = JoinSet::new();
    for n in 0..50 {
        let client = client.on(&apis[n % apis.len()]);
        requests.spawn(async move {
            let answer = client.send_with_key(RECIPIENT, "once", "one-key").await;
            let answer = answer.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            answer.json::<Value>().await.unwrap()
        });
    }
    let answers = requests.join_all().await;

    for answer in &answers {
        assert_eq!(answer["id"], answers[0]["id"]);
        assert_eq!(answer["sent_at"], answers[0]["sent_at"]);
    }
    client.wait_for_all_delivered(1).await;
    judge.assert_each_once(&["once".to_owned()]).await;
}

async fn a_key_outlives_its_deleted_message(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("forgetful").await;
    let send = async || -> Value {
        let answer = client.send_with_key(RECIPIENT, "once", "one-key").await;
        answer.unwrap().json().await.unwrap()
    };
    let first = send().await;
    let id = first["id"].as_str().unwrap();
    client.wait_for(id, "delivered").await;
    let path = format!("/messages/{}/{id}", client.hash);
    let deleted = client.request(Method::DELETE, &path, None).await;
    assert!(deleted.status().is_success());

    let again = send().await;

    assert_eq!(again["id"], first["id"]);
    assert!(client.history().await.is_empty());
    judge.assert_each_once(&["once".to_owned()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_used_once_though_mongod_is_killed_during_the_insert() {
    const KILLS: u64 = 5;
    let judge = Judge::start().await;
    let mut database = Mongod::start().await.unwrap();
    let settings = [("MONGO_URI", &*database.uri())];
    let messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let client = messenger.client("unlucky").await;
    let mut bodies = Vec::new();
    for kill in 0..KILLS {
        let body = format!("unlucky-{kill}");
        let (sender, text) = (client.clone(), body.clone());
        let mut request = JoinSet::new();
        request.spawn(async move { sender.send_with_key(RECIPIENT, &text, &text).await });
        // Each kill falls into another moment of the insert.
        tokio::time::sleep(Duration::from_millis(3 * kill)).await;
        database.kill().unwrap();
        let _ = request.join_all().await;
        database.bring_back().await.unwrap();
        client.send_stubbornly(RECIPIENT, &body, &body).await;
        bodies.push(body);
    }

    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
}
