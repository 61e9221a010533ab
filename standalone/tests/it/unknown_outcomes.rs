//! The provider took a text, or not, and its answer never came. Only its own list can tell, because
//! the provider knows no idempotency key.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use twilio_sim::{
    Options, Settings, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_MESSAGING_SERVICE_SID,
};

use crate::harness::{Client, Judge, Messenger, Mode, begun, eventually};

crate::in_every_mode!(
    a_text_that_was_taken_is_adopted_whatever_became_of_the_answer,
    a_text_that_was_not_taken_is_sent_again_whatever_became_of_the_answer,
    a_doubt_waits_until_the_list_can_be_read_completely,
    a_text_that_shows_late_in_the_list_is_not_sent_again,
    a_trial_accounts_prefix_hides_no_text,
    a_messaging_service_needs_no_sender_in_the_list,
    a_text_in_doubt_is_found_though_the_sender_was_replaced,
    earlier_texts_of_others_are_not_adopted,
    a_text_that_may_be_listed_with_another_body_is_not_sent_again,
    a_provider_clock_two_minutes_off_changes_nothing,
    three_identical_texts_in_doubt_become_three,
    what_cannot_be_found_out_in_time_is_said_and_not_sent_again,
);

const RECIPIENT: &str = "+14155550100";

/// Settings with which texts are sent by a Messaging Service. A provider that is said to be simulated
/// has one number and no service.
const BY_A_SERVICE: [(&str, &str); 6] = [
    ("SMS_PROVIDER", "twilio"),
    ("TWILIO_ACCOUNT_SID", TEST_ACCOUNT_SID),
    ("TWILIO_AUTH_TOKEN", TEST_AUTH_TOKEN),
    ("TWILIO_MESSAGING_SERVICE_SID", TEST_MESSAGING_SERVICE_SID),
    ("SIGNUP", "open"),
    ("RECIPIENT_COUNTRIES", "any"),
];

/// A messenger that soon asks for the status of what no callback tells about, and a user of it.
async fn start(mode: Mode, judge: &Judge, settings: &[(&str, &str)]) -> (Messenger, Client) {
    let polls = [("STATUS_POLL_SECONDS", "1,2,4,8,16,32,64")];
    let messenger = Messenger::start_with(mode, judge, &[&polls, settings].concat()).await;
    let client = messenger.client("doubter").await;
    (messenger, client)
}

/// Lets the next request for a recipient meet a fault; no callback tells of what it sends.
async fn lose(judge: &Judge, recipient: &str, fault: Value) {
    judge
        .script(json!({"fault": fault, "to": recipient, "times": 1}))
        .await;
    judge
        .script(json!({"fault": {"kind": "callback_lost"}, "to": recipient}))
        .await;
}

/// Sends one text per fault, each to a number of its own, and waits until all are delivered.
async fn send_into(judge: &Judge, client: &Client, faults: &[Value]) -> Vec<Value> {
    let mut ids = Vec::new();
    let mut bodies = Vec::new();
    for (n, fault) in faults.iter().enumerate() {
        let recipient = format!("+141555501{n:02}");
        lose(judge, &recipient, fault.clone()).await;
        bodies.push(format!("doubtful {n}"));
        ids.push(client.send(&recipient, &bodies[n]).await);
    }
    let mut messages = Vec::new();
    for id in ids {
        messages.push(client.wait_for(&id, "delivered").await);
    }
    judge.assert_each_once(&bodies).await;
    messages
}

fn events(message: &Value) -> Vec<&str> {
    let timeline = message["timeline"].as_array().unwrap();
    let events = timeline.iter().map(|entry| entry["event"].as_str());
    events.map(Option::unwrap).collect()
}

/// Requires that these events are in the timeline in this order, others in between aside.
fn assert_in_order(message: &Value, expected: &[&str]) {
    let events = events(message);
    let mut rest = events.iter();
    for event in expected {
        let found = rest.any(|seen| seen.starts_with(event));
        assert!(found, "no {event:?} at its place in {events:?}");
    }
}

async fn a_text_that_was_taken_is_adopted_whatever_became_of_the_answer(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    let faults = [
        json!({"kind": "delay_answer", "ms": 5000}),
        json!({"kind": "hang_after"}),
        json!({"kind": "reset_after"}),
        json!({"kind": "error_after", "status": 500}),
        json!({"kind": "error_after", "status": 503}),
        json!({"kind": "unreadable"}),
    ];
    for message in send_into(&judge, &client, &faults).await {
        assert_in_order(&message, &["attempt 1", "outcome unknown", "adopted SM"]);
        assert_eq!(begun(&message), 1);
    }
}

async fn a_text_that_was_not_taken_is_sent_again_whatever_became_of_the_answer(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    let faults = [
        json!({"kind": "hang_before"}),
        json!({"kind": "reset_before"}),
        json!({"kind": "error_before", "status": 500}),
        json!({"kind": "error_before", "status": 502}),
    ];
    for message in send_into(&judge, &client, &faults).await {
        let absent = "not in the provider's list";
        assert_in_order(
            &message,
            &[
                "attempt 1",
                "outcome unknown",
                absent,
                "sent again",
                "attempt",
            ],
        );
        assert_eq!(begun(&message), 2);
    }
}

async fn a_doubt_waits_until_the_list_can_be_read_completely(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    // A page that fails counts as nothing read, though what was read does not show the text.
    for fault in [
        json!({"kind": "list_refused", "status": 503}),
        json!({"kind": "list_incomplete"}),
        json!({"kind": "list_delay", "ms": 60_000}),
    ] {
        // Other lists, of what was received, are none of it.
        let fault = json!({"fault": fault, "to": RECIPIENT, "times": 1});
        judge.script(fault).await;
    }
    lose(&judge, RECIPIENT, json!({"kind": "reset_after"})).await;

    let id = client.send(RECIPIENT, "patient").await;

    let message = client.wait_for(&id, "delivered").await;
    let unclear = "the provider's list was unclear";
    assert_in_order(
        &message,
        &["outcome unknown", unclear, unclear, "adopted SM"],
    );
    judge.assert_each_once(&["patient".to_owned()]).await;
}

async fn a_text_that_shows_late_in_the_list_is_not_sent_again(mode: Mode) {
    let judge = Judge::start().await;
    let looks = [("RESOLVE_INTERVAL_SECONDS", "4")];
    let (_messenger, client) = start(mode, &judge, &looks).await;
    // Later than the first look at the end of the 5 s lease, and before the second, however long within the
    // start window the worker took to begin.
    judge
        .script(json!({"fault": {"kind": "list_late", "ms": 7000}, "times": 1}))
        .await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_after"})).await;

    let id = client.send(RECIPIENT, "late").await;

    let message = client.wait_for(&id, "delivered").await;
    assert_in_order(&message, &["outcome unknown", "adopted SM"]);
    judge.assert_each_once(&["late".to_owned()]).await;
}

async fn a_trial_accounts_prefix_hides_no_text(mode: Mode) {
    let trial = Settings {
        trial: true,
        verified: [RECIPIENT.to_owned()].into(),
        ..Settings::default()
    };
    let options = Options {
        settings: trial,
        ..Options::default()
    };
    let judge = Judge::with(options).await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_after"})).await;

    let id = client.send(RECIPIENT, "on trial").await;

    let message = client.wait_for(&id, "delivered").await;
    assert_in_order(&message, &["outcome unknown", "adopted SM"]);
    assert_eq!(judge.accepted().await.len(), 1);
}

async fn a_messaging_service_needs_no_sender_in_the_list(mode: Mode) {
    let judge = Judge::start().await;
    // What the service has not sent yet has no sender in the list.
    judge.set(json!({"step_ms": 8000})).await;
    let (_messenger, client) = start(mode, &judge, &BY_A_SERVICE).await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_after"})).await;

    let id = client.send(RECIPIENT, "by the service").await;

    let message = client.wait_for(&id, "delivered").await;
    assert_in_order(&message, &["outcome unknown", "adopted SM"]);
    judge.assert_each_once(&["by the service".to_owned()]).await;
}

async fn a_text_in_doubt_is_found_though_the_sender_was_replaced(mode: Mode) {
    let judge = Judge::start().await;
    let (mut messenger, client) = start(mode, &judge, &[]).await;
    lose(&judge, RECIPIENT, json!({"kind": "hang_after"})).await;
    let id = client.send(RECIPIENT, "from the number").await;
    eventually("the provider has it", async || {
        judge.accepted().await.len() == 1
    })
    .await;

    messenger.kill();
    messenger.change(&BY_A_SERVICE);
    messenger.restart().await;

    let message = client.wait_for(&id, "delivered").await;
    assert_in_order(&message, &["attempt 1", "adopted SM"]);
    judge
        .assert_each_once(&["from the number".to_owned()])
        .await;
    let next = client.send(RECIPIENT, "by the service").await;
    client.wait_for(&next, "delivered").await;
}

async fn earlier_texts_of_others_are_not_adopted(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    let foreign = ["not mine", "this one ends with mine"];
    for body in foreign {
        judge.accept_from_elsewhere(RECIPIENT, body).await;
    }
    // Clocks may differ by 5 s, and the provider cuts the seconds off: until then it may be ours.
    tokio::time::sleep(Duration::from_secs(7)).await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_before"})).await;

    let id = client.send(RECIPIENT, "mine").await;

    let message = client.wait_for(&id, "delivered").await;
    assert_in_order(&message, &["not in the provider's list", "sent again"]);
    let bodies = [&foreign[..], &["mine"]].concat();
    let bodies: Vec<_> = bodies.into_iter().map(str::to_owned).collect();
    judge.assert_each_once(&bodies).await;
}

/// The provider has taken no other text than this one, so that it may be ours, rewritten.
async fn a_text_that_may_be_listed_with_another_body_is_not_sent_again(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [
        ("MESSAGE_VALIDITY_SECONDS", "9"),
        ("RESOLVE_GIVE_UP_SECONDS", "6"),
    ];
    let (_messenger, client) = start(mode, &judge, &settings).await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_before"})).await;

    let id = client.send(RECIPIENT, "as it was sent").await;
    eventually("the provider's answer is lost", async || {
        events(&client.message(&id).await).contains(&"outcome unknown")
    })
    .await;
    judge.accept_from_elsewhere(RECIPIENT, "rewritten").await;

    let message = client.wait_for(&id, "failed").await;
    assert_eq!(message["error_code"], "outcome_unknown");
    assert_in_order(&message, &["the provider's list was unclear", "given up"]);
    assert_eq!(begun(&message), 1);
    judge.assert_each_once(&["rewritten".to_owned()]).await;
}

async fn a_provider_clock_two_minutes_off_changes_nothing(mode: Mode) {
    for offset in [-120, 120] {
        let judge = Judge::start().await;
        judge.set(json!({"clock_offset_seconds": offset})).await;
        let (_messenger, client) = start(mode, &judge, &[]).await;
        let taken = [json!({"kind": "reset_after"})];
        for message in send_into(&judge, &client, &taken).await {
            assert_in_order(&message, &["outcome unknown", "adopted SM"]);
        }
    }
}

async fn three_identical_texts_in_doubt_become_three(mode: Mode) {
    let judge = Judge::start().await;
    let (_messenger, client) = start(mode, &judge, &[]).await;
    for fault in ["reset_after", "reset_before", "reset_after"] {
        lose(&judge, RECIPIENT, json!({"kind": fault})).await;
    }

    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(client.send(RECIPIENT, "the same").await);
    }

    let mut sids = BTreeSet::new();
    for id in ids {
        let message = client.wait_for(&id, "delivered").await;
        sids.insert(message["provider_sid"].to_string());
    }
    assert_eq!(sids.len(), 3, "each has a text of its own");
    assert_eq!(judge.copies().await["the same"], 3);
}

async fn what_cannot_be_found_out_in_time_is_said_and_not_sent_again(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [
        ("MESSAGE_VALIDITY_SECONDS", "9"),
        ("RESOLVE_GIVE_UP_SECONDS", "2"),
    ];
    let (_messenger, client) = start(mode, &judge, &settings).await;
    judge
        .script(json!({"fault": {"kind": "list_refused", "status": 403}}))
        .await;
    lose(&judge, RECIPIENT, json!({"kind": "reset_after"})).await;

    let id = client.send(RECIPIENT, "nobody knows").await;

    let message = client.wait_for(&id, "failed").await;
    assert_eq!(message["error_code"], "outcome_unknown");
    assert_in_order(&message, &["outcome unknown", "given up"]);
    assert_eq!(begun(&message), 1);
    judge.assert_each_once(&["nobody knows".to_owned()]).await;
}
