//! Accounts and limits where several processes have to agree.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    a_token_that_ended_has_ended_everywhere,
    the_segments_of_a_day_are_counted_once_for_all,
);

async fn me(client: &Client) -> StatusCode {
    let answer = client.request(Method::GET, "/me", None).await;
    answer.status()
}

/// What is in the files of a directory, as it is there.
fn found_in(directory: &std::path::Path, words: &[String]) -> Vec<String> {
    let files = std::fs::read_dir(directory).unwrap();
    let contents: Vec<_> = files
        .filter_map(|file| std::fs::read(file.unwrap().path()).ok())
        .collect();
    let is_there = |word: &&String| {
        let word = word.as_bytes();
        contents
            .iter()
            .any(|content| content.windows(word.len()).any(|part| part == word))
    };
    words.iter().filter(is_there).cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_deleted_account_nothing_is_left_in_any_file() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Embedded, &judge).await;
    let client = messenger.client("disappearing").await;
    let number = "+14155550188";
    for part in 0..30 {
        client
            .send(number, &format!("a secret of theirs, part {part}"))
            .await;
    }
    client.wait_for_all_delivered(30).await;
    let words = ["a secret of theirs", number, "disappearing", "$argon2"].map(str::to_owned);
    assert_eq!(
        found_in(&messenger.data(), &words),
        words,
        "as long as it is there"
    );
    let password = json!({"password": "password123"});
    let deleted = client.request(Method::DELETE, "/me", Some(password)).await;
    assert_eq!(deleted.status(), StatusCode::OK);
    eventually("nothing of it is left", || async {
        found_in(&messenger.data(), &words).is_empty()
    })
    .await;
}

/// The same user with the same token, on every API.
async fn logged_in_everywhere(messenger: &Messenger) -> Vec<Client> {
    let first = messenger.client("john_doe").await;
    messenger.apis().iter().map(|base| first.on(base)).collect()
}

async fn a_token_that_ended_has_ended_everywhere(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let clients = logged_in_everywhere(&messenger).await;
    for client in &clients {
        assert_eq!(me(client).await, StatusCode::OK);
    }
    let passwords = json!({"old_password": "password123", "new_password": "password456"});
    let changed = clients[0]
        .request(Method::PUT, "/me/password", Some(passwords))
        .await;
    assert_eq!(changed.status(), StatusCode::OK);
    let answer: Value = changed.json().await.unwrap();
    let fresh = clients[0].with_token(answer["token"].as_str().unwrap());
    for client in &clients {
        eventually("the old token has ended", || async {
            me(client).await == StatusCode::UNAUTHORIZED
        })
        .await;
    }
    let fresh: Vec<_> = messenger.apis().iter().map(|base| fresh.on(base)).collect();
    for client in &fresh {
        assert_eq!(me(client).await, StatusCode::OK);
    }
    let left = fresh[0].request(Method::POST, "/logout", None).await;
    assert_eq!(left.status(), StatusCode::OK);
    for client in &fresh {
        eventually("the token was logged out", || async {
            me(client).await == StatusCode::UNAUTHORIZED
        })
        .await;
    }
}

async fn the_segments_of_a_day_are_counted_once_for_all(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("SEGMENTS_PER_DAY", "10")];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let clients = logged_in_everywhere(&messenger).await;
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..30 {
        let client = clients[number % clients.len()].clone();
        requests.spawn(async move {
            let text = json!({"recipient": "+14155550123", "content": format!("text {number}")});
            let answer = client.request(Method::POST, "/messages", Some(text)).await;
            answer.status()
        });
    }
    let answers = requests.join_all().await;
    let count = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!(count(StatusCode::OK), 10, "{answers:?}");
    assert_eq!(count(StatusCode::TOO_MANY_REQUESTS), 20, "{answers:?}");
}
