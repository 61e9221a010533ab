//! The clock of a machine is set while the messenger runs.

use std::path::PathBuf;
use std::time::Duration;

use lab::services;
use mysms_core::clock::{Clock, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Client, Judge, Messenger, Mode, begun, eventually};

crate::in_every_mode!(
    a_clock_three_seconds_off_changes_nothing,
    a_clock_that_is_set_during_a_doubt_sends_no_text_twice,
);

const RECIPIENT: &str = "+14155550100";

/// The clock of a machine, as the processes that have its settings see it.
struct MachineClock {
    library: String,
    file: PathBuf,
    _directory: TempDir,
}

impl MachineClock {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let clock = Self {
            library: services(&["faketime"]).await.unwrap(),
            file: directory.path().join("offset"),
            _directory: directory,
        };
        clock.set(0);
        clock
    }

    /// Only the wall clock: no machine sets the other one.
    fn settings(&self) -> [(&str, &str); 5] {
        [
            ("LD_PRELOAD", &self.library),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ]
    }

    fn set(&self, seconds: i32) {
        let whole = self.file.with_extension("new");
        std::fs::write(&whole, format!("{seconds:+}")).unwrap();
        std::fs::rename(whole, &self.file).unwrap();
    }
}

async fn start(mode: Mode, judge: &Judge, clock: &MachineClock) -> (Messenger, Client) {
    let polls = [("STATUS_POLL_SECONDS", "1,2,4,8,16,32,64")];
    let settings = [&polls[..], &clock.settings()].concat();
    let messenger = Messenger::start_with(mode, judge, &settings).await;
    let client = messenger.client("john_doe").await;
    (messenger, client)
}

/// Waits until each process says that it does not trust its clock.
async fn wait_until_unfit(messenger: &Messenger) {
    eventually("every process has noticed its clock", async || {
        let answers = messenger.readiness().await;
        answers.iter().all(|answer| {
            answer["status"] == "not ready" && answer["checks"]["clock"]["status"] == "down"
        })
    })
    .await;
}

async fn wait_until_ready(messenger: &Messenger) {
    eventually("every process is ready", || messenger.is_ready()).await;
}

async fn a_clock_three_seconds_off_changes_nothing(mode: Mode) {
    let judge = Judge::start().await;
    let clock = MachineClock::new().await;
    let (messenger, client) = start(mode, &judge, &clock).await;
    let mut bodies = Vec::new();
    for offset in [3, -3] {
        clock.set(offset);
        let body = format!("{offset} seconds");
        let id = client.send(RECIPIENT, &body).await;
        client.wait_for(&id, "delivered").await;
        bodies.push(body);
        eventually("it is ready", || messenger.is_ready()).await;
    }
    judge.assert_each_once(&bodies).await;
}

/// The provider took it, and shows it in its list only after most of the lease. Whoever takes the lease
/// for over looks twice before that.
async fn a_clock_that_is_set_during_a_doubt_sends_no_text_twice(mode: Mode) {
    let judge = Judge::start().await;
    let clock = MachineClock::new().await;
    let (messenger, client) = start(mode, &judge, &clock).await;
    for fault in [
        json!({"kind": "list_late", "ms": 4500}),
        json!({"kind": "reset_after"}),
        json!({"kind": "callback_lost"}),
    ] {
        judge.script(json!({"fault": fault, "times": 1})).await;
    }
    let id = client.send(RECIPIENT, "in doubt").await;
    eventually("its outcome is unknown", async || {
        let timeline = client.message(&id).await["timeline"].take();
        let mut events = timeline.as_array().unwrap().iter();
        events.any(|entry| entry["event"] == "outcome unknown")
    })
    .await;

    clock.set(60);

    wait_until_unfit(&messenger).await;
    eventually("the provider lists it", || judge.lists("in doubt")).await;
    if mode == Mode::Servers {
        clock.set(0);
    }
    // One process alone has nothing to compare with: it believes what has stood for long enough.
    wait_until_ready(&messenger).await;
    let message = client.wait_for(&id, "delivered").await;
    assert_eq!(begun(&message), 1);
    judge.assert_each_once(&["in doubt".to_owned()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_ten_minutes_off_ends_no_text_and_sends_none_early() {
    let judge = Judge::start().await;
    let clock = MachineClock::new().await;
    let (messenger, client) = start(Mode::Servers, &judge, &clock).await;
    let mut bodies = Vec::new();
    let mut waiting = Vec::new();
    for offset in [600, -600] {
        let later = json!({
            "recipient": RECIPIENT, "content": format!("later {offset}"),
            "send_at": in_five_minutes(),
        });
        waiting.push(accepted(&client, later).await);
        clock.set(offset);
        wait_until_unfit(&messenger).await;
        for metrics in messenger.metrics().await {
            assert!(metrics.contains("mysms_clock_right 0"), "{metrics}");
        }

        // It is accepted all the same, by the time that the processes went by before.
        let body = format!("meanwhile {offset}");
        let text = json!({"recipient": RECIPIENT, "content": body, "validity_seconds": 60});
        let id = accepted(&client, text).await;
        assert_eq!(client.message(&id).await["status"], "queued");

        clock.set(0);
        wait_until_ready(&messenger).await;
        client.wait_for(&id, "delivered").await;
        bodies.push(body);
    }
    for id in waiting {
        assert_eq!(client.message(&id).await["status"], "queued");
    }
    judge.assert_each_once(&bodies).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_clock_is_set_and_one_whose_clock_is_right_send_each_text_once() {
    let judge = Judge::start().await;
    let clock = MachineClock::new().await;
    let patient = [("PROVIDER_TIMEOUT_SECONDS", "6")];
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &patient).await;
    messenger.terminate().await;
    messenger.change_a_worker(&clock.settings());
    messenger.restart().await;
    let client = messenger.client("john_doe").await;
    // Whoever takes the lease of another for over looks twice before the provider has the text.
    judge
        .script(json!({"fault": {"kind": "delay_accept", "ms": 4000}}))
        .await;
    let mut bodies = Vec::new();
    for (round, offset) in [600, -600].into_iter().enumerate() {
        let mut ids = Vec::new();
        for n in 0..40 {
            if n == 20 {
                clock.set(offset);
            }
            bodies.push(format!("text {n} of round {round}"));
            ids.push(client.send(RECIPIENT, bodies.last().unwrap()).await);
        }
        for id in ids {
            client.wait_for(&id, "delivered").await;
        }
        clock.set(0);
        wait_until_ready(&messenger).await;
    }
    judge.assert_each_once(&bodies).await;
}

/// Sends what a request says; tells the text's id.
async fn accepted(client: &Client, text: Value) -> String {
    let answer = client.request(Method::POST, "/messages", Some(text)).await;
    assert_eq!(answer.status(), 200);
    let message: Value = answer.json().await.unwrap();
    message["id"].as_str().unwrap().to_owned()
}

fn in_five_minutes() -> String {
    (SystemClock.now() + Duration::from_mins(5)).to_string()
}
