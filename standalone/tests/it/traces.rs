//! The way of one message, told by the logs of all processes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Judge, Messenger, Mode, eventually};
use crate::in_every_mode;

in_every_mode!(a_message_is_followed_from_its_post_to_its_callback);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A log line that is about a message.
fn line(log: &str, id: &str, says: &str) -> Option<Value> {
    let lines = log.lines().filter(|line| line.contains(id));
    let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.find(|line| line["message"] == says)
}

async fn a_message_is_followed_from_its_post_to_its_callback(mode: Mode) {
    let judge = Judge::start().await;
    let json_logs = [("LOG_FORMAT", "json")];
    let messenger = Messenger::start_with(mode, &judge, &json_logs).await;
    let client = messenger.client("traced").await;
    let text = json!({"recipient": "+14155550187", "content": "follow me"});
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let headers = [("traceparent", parent.as_str())];
    let answer = client
        .request_with(Method::POST, "/messages", &headers, Some(text))
        .await;
    let answer: Value = answer.json().await.unwrap();
    let id = answer["id"].as_str().unwrap();
    client.wait_for(id, "delivered").await;

    let (api, worker) = match mode {
        Mode::Embedded => ("mysms", "mysms"),
        Mode::Servers => ("mysms-api", "mysms-worker"),
    };
    let steps = [
        (api, "accepted"),
        (worker, "the provider took the message"),
        (api, "the callback raised the status"),
    ];
    for (program, says) in steps {
        eventually(&format!("{program} logs `{says}`"), || async {
            line(&messenger.logged_by(program), id, says).is_some()
        })
        .await;
    }
    // The trace of the client goes as far as the job; the message's own id goes all the way.
    for (program, says) in &steps[..2] {
        let line = line(&messenger.logged_by(program), id, says).unwrap();
        let spans = line["spans"].as_array().unwrap();
        let traced = spans.iter().any(|span| span["trace.id"] == TRACE);
        assert!(traced, "{line:#}");
    }
    for program in [api, worker] {
        let log = messenger.logged_by(program);
        assert!(
            !log.contains("follow me"),
            "the text is logged by {program}"
        );
        assert!(
            !log.contains("4155550187"),
            "the number is logged by {program}"
        );
    }
}
