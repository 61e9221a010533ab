//! Texts that are sent later, many at once, and the history that is kept of them.

use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode, begun};

crate::in_every_mode!(
    a_scheduled_text_waits_and_is_sent_when_it_is_due,
    a_batch_is_delivered_and_its_history_can_be_had_as_a_table,
);

fn ahead(time: Duration) -> String {
    (SystemClock.now() + time).to_string()
}

async fn schedule(client: &Client, content: &str, send_at: &str) -> Value {
    let text = json!({"recipient": "+14155550100", "content": content, "send_at": send_at});
    let answer = client.request(Method::POST, "/messages", Some(text)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let accepted: Value = answer.json().await.unwrap();
    assert_eq!(accepted["status"], "queued");
    accepted
}

async fn a_scheduled_text_waits_and_is_sent_when_it_is_due(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("punctual").await;

    let far = ahead(Duration::from_hours(24 * 30));
    let never = schedule(&client, "never", &far).await;
    let due = ahead(Duration::from_secs(6));
    let later = schedule(&client, "later", &due).await;
    // What was accepted after it is long delivered while it still waits.
    let now = client.send("+14155550100", "now").await;
    client.wait_for(&now, "delivered").await;
    let later = later["id"].as_str().unwrap();
    let delivered = client.wait_for(later, "delivered").await;

    // It may be claimed a little early, so that it does not depend on two clocks agreeing.
    let time = |text: &Value| text.as_str().unwrap().parse::<Timestamp>().unwrap();
    let events = delivered["timeline"].as_array().unwrap();
    let attempt = events.iter().find(|step| step["event"] == "attempt 1");
    let earliest = time(&delivered["send_at"]) - mysms_core::domain::CLAIM_SLACK;
    assert!(time(&attempt.unwrap()["at"]) >= earliest, "{delivered:#}");
    assert_eq!(delivered["send_at"], due);
    assert_eq!(begun(&delivered), 1);

    let never = never["id"].as_str().unwrap();
    assert_eq!(client.message(never).await["status"], "queued");
    let path = format!("/messages/{}/{never}/cancel", client.hash);
    let canceled = client.request(Method::POST, &path, None).await;
    assert_eq!(canceled.status(), StatusCode::OK);
    assert_eq!(client.message(never).await["status"], "canceled");
    let sent = ["now", "later"].map(str::to_owned);
    judge.assert_each_once(&sent).await;
}

async fn a_batch_is_delivered_and_its_history_can_be_had_as_a_table(mode: Mode) {
    const TEXTS: usize = 300;
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("bulky").await;

    let bodies: Vec<String> = (0..TEXTS).map(|number| format!("text {number}")).collect();
    let text = |body: &String| json!({"recipient": "+14155550100", "content": body, "idempotency_key": body.replace(' ', "-")});
    let batch = json!({"messages": bodies.iter().map(text).collect::<Vec<_>>()});
    // Once more, as a client does that got no answer: nothing is sent twice.
    for replayed in [false, true] {
        let answer = client
            .request(Method::POST, "/messages/batch", Some(batch.clone()))
            .await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["accepted"], TEXTS);
        let results = answer["results"].as_array().unwrap();
        for (item, body) in results.iter().zip(&bodies) {
            assert_eq!(item["accepted"]["content"], *body);
            assert_eq!(item["replayed"], replayed);
        }
    }
    client.wait_for_all_delivered(TEXTS).await;
    judge.assert_each_once(&bodies).await;

    let table = client
        .export("/messages?status=delivered", "text/csv")
        .await;
    // Spreadsheets need the mark at the beginning.
    let table = table.strip_prefix('\u{feff}').unwrap();
    let rows: Vec<&str> = table.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 1 + TEXTS);
    for column in ["id", "direction", "recipient", "content", "status"] {
        assert!(rows[0].split(',').any(|name| name == column), "{}", rows[0]);
    }
    for (row, body) in rows[1..].iter().zip(&bodies) {
        assert!(row.contains(&format!(",'+14155550100,{body},")), "{row}");
    }
    let lines = client
        .export("/messages?q=TEXT+29&order=desc", "application/x-ndjson")
        .await;
    let contents: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["content"].to_string())
        .collect();
    // Of 300 texts those from 290 to 299, and 29.
    assert_eq!(contents.len(), 11);
    assert_eq!(contents[0], "\"text 299\"");
}
