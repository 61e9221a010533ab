//! Accounts and limits where several processes have to agree.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, eventually, http};

crate::in_every_mode!(
    a_token_that_ended_has_ended_everywhere,
    who_tried_what_from_where_is_in_the_security_log,
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

/// Asks without a token.
async fn post(messenger: &Messenger, path: &str, body: &Value) -> StatusCode {
    let url = format!("{}{path}", messenger.apis()[0]);
    let answer = http().post(url).json(body).send().await.unwrap();
    answer.status()
}

async fn who_tried_what_from_where_is_in_the_security_log(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start_with(mode, &judge, &[("RUST_LOG", "error")]).await;
    let client = messenger.client("investigated").await;
    let login = |name, password| json!({"username": name, "password": password});
    let guess = login("investigated", "password124");
    assert_eq!(post(&messenger, "/login", &guess).await, 401);
    let stranger = login("nobody_at_all", "password124");
    assert_eq!(post(&messenger, "/login", &stranger).await, 401);
    let right = login("investigated", "password123");
    assert_eq!(post(&messenger, "/login", &right).await, 200);
    let forged = client.with_token("not.a.token");
    assert_eq!(me(&forged).await, 401);
    // `{"alg":"+14155550199"}`, which is what is wrong with it.
    let quoted = client.with_token("eyJhbGciOiIrMTQxNTU1NTAxOTkifQ.e30.e30");
    assert_eq!(me(&quoted).await, 401);
    assert_eq!(
        post(&messenger, "/webhooks/twilio/inbound", &json!({})).await,
        403
    );
    let left = client.request(Method::POST, "/logout", None).await;
    assert_eq!(left.status(), 200);
    assert_eq!(me(&client.on(&messenger.apis()[0])).await, 401);

    let log = messenger.logged_by("mysms") + &messenger.logged_by("mysms-api");
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains(" audit: "))
        .collect();
    let signed_up = lines.iter().find(|line| line.contains("sign_up"));
    let mut words = signed_up.expect("it is told").split(' ');
    let who = words.find(|word| word.starts_with("user.id=")).unwrap();
    for told in [
        [r#"event="sign_up""#, r#"outcome="done""#, who],
        [r#"event="log_in""#, r#"outcome="done""#, who],
        [r#"event="log_in""#, r#"reason="wrong-credentials""#, who],
        [
            r#"event="token""#,
            r#"outcome="refused""#,
            "not one of ours",
        ],
        [r#"event="token""#, r#"outcome="refused""#, "has ended"],
        [
            r#"event="signature""#,
            r#"outcome="refused""#,
            "client.address=127.0.0.1",
        ],
        [r#"event="log_out""#, r#"outcome="done""#, "request.id="],
    ] {
        let is_told = |line: &&&str| told.iter().all(|part| line.contains(part));
        assert!(
            lines.iter().any(|line| is_told(&line)),
            "{told:?}\n{lines:#?}"
        );
    }
    let strangers = lines
        .iter()
        .filter(|line| line.contains("wrong-credentials"));
    assert_eq!(
        strangers.filter(|line| !line.contains("user.id")).count(),
        1
    );
    for word in [
        "investigated",
        "nobody_at_all",
        "password12",
        "not.a.token",
        "4155550199",
    ] {
        assert!(!lines.concat().contains(word), "{word}\n{log}");
    }
    let counted = r#"mysms_security_events_total{event="log_in",outcome="refused"} 2"#;
    let metrics = messenger.metrics().await.concat();
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
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
