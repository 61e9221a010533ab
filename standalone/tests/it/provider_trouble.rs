//! The provider refuses, and mends.

use lab::Proxy;
use reqwest::Method;
use serde_json::json;
use twilio_sim::{Options, Settings};

use crate::harness::{Judge, Messenger, Mode, begun, eventually};

crate::in_every_mode!(
    an_unverified_number_on_a_trial_account_fails_alone,
    wrong_credentials_pause_sending_and_mend_by_themselves,
    a_lost_answer_is_resolved_without_a_second_text,
    throttling_delays_and_fails_nothing,
    an_unreachable_provider_is_found_again_and_costs_few_attempts,
);

async fn an_unverified_number_on_a_trial_account_fails_alone(mode: Mode) {
    let trial = Settings {
        trial: true,
        verified: ["+14155550100".to_owned()].into(),
        ..Settings::default()
    };
    let judge = Judge::with(Options {
        settings: trial,
        ..Options::default()
    })
    .await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("newcomer").await;

    let refused = client.send("+14155550199", "to a stranger").await;
    let taken = client.send("+14155550100", "to myself").await;

    let refused = client.wait_for(&refused, "failed").await;
    assert_eq!(refused["error_code"], "21608");
    assert!(
        refused["error_message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    client.wait_for(&taken, "delivered").await;
    let ready = client.request(Method::GET, "/readyz", None).await;
    assert!(
        !ready.text().await.unwrap().contains("21608"),
        "one message's fault paused the sender"
    );
}

async fn wrong_credentials_pause_sending_and_mend_by_themselves(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("patient").await;
    judge.set(json!({"auth_token": "changed"})).await;

    let mut bodies = Vec::new();
    for n in 0..5 {
        bodies.push(format!("patience {n}"));
        client.send("+14155550100", &bodies[n]).await;
    }
    eventually("the pause shows in /readyz", || async {
        let ready = client.request(Method::GET, "/readyz", None).await;
        ready.status().is_success() && ready.text().await.unwrap().contains("20003")
    })
    .await;
    let waiting = client.history().await;
    assert!(
        waiting.iter().all(|message| message["status"] != "failed"),
        "a wrong password of ours failed somebody's message: {waiting:?}"
    );

    judge
        .set(json!({"auth_token": twilio_sim::TEST_AUTH_TOKEN}))
        .await;
    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
    eventually("the pause is over in /readyz", || async {
        let ready = client.request(Method::GET, "/readyz", None).await;
        !ready.text().await.unwrap().contains("20003")
    })
    .await;
}

async fn a_lost_answer_is_resolved_without_a_second_text(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("doubter").await;
    // Accepted, but neither the answer nor a callback arrives: only the list can tell.
    judge
        .script(json!({"fault": {"kind": "reset_after"}, "to": "+14155550100", "times": 1}))
        .await;
    judge
        .script(json!({"fault": {"kind": "callback_lost"}, "to": "+14155550100"}))
        .await;
    // Never accepted: the list shows that it is not there, so it is sent again.
    judge
        .script(json!({"fault": {"kind": "reset_before"}, "to": "+14155550101", "times": 1}))
        .await;

    let taken = client.send("+14155550100", "taken").await;
    let lost = client.send("+14155550101", "lost").await;

    let lost = client.wait_for(&lost, "delivered").await;
    assert_eq!(begun(&lost), 2);
    let taken = client.wait_for(&taken, "delivered").await;
    assert_eq!(begun(&taken), 1);
    let events = taken["timeline"].to_string();
    assert!(
        events.contains("outcome unknown") && events.contains("adopted SM"),
        "{events}"
    );
    judge
        .assert_each_once(&["taken".to_owned(), "lost".to_owned()])
        .await;
}

async fn throttling_delays_and_fails_nothing(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("throttled").await;
    judge
        .script(json!({"fault": {"kind": "throttle"}, "times": 20}))
        .await;

    let bodies: Vec<String> = (0..30).map(|n| format!("slowly {n}")).collect();
    for body in &bodies {
        client.send("+14155550100", body).await;
    }

    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
}

async fn an_unreachable_provider_is_found_again_and_costs_few_attempts(mode: Mode) {
    const MESSAGES: usize = 100;
    let judge = Judge::start().await;
    let mut line = Proxy::to(judge.url()).await.unwrap();
    let settings = [("TWILIO_API_BASE_URL", &*line.url())];
    let messenger = Messenger::start_with(mode, &judge, &settings).await;
    let client = messenger.client("waiting").await;
    line.cut().await;

    let mut bodies = Vec::new();
    let mut last = String::new();
    for n in 0..MESSAGES {
        bodies.push(format!("waiting {n}"));
        last = client.send("+14155550100", &bodies[n]).await;
    }
    // Whose turn it is to ask whether the provider is back is for the worker to say.
    eventually("the trouble shows in a timeline", || async {
        let history = client.history().await;
        let mut tried = history.iter().filter(|text| text["attempts"] != 0);
        let Some(text) = tried.next() else {
            return false;
        };
        let text = client.message(text["id"].as_str().unwrap()).await;
        text["timeline"]
            .to_string()
            .contains("could not be reached")
    })
    .await;
    // It may be the one that is tried just now.
    eventually("the last one waits", async || {
        client.message(&last).await["status"] == "queued"
    })
    .await;
    line.mend().await.unwrap();

    client.wait_for_all_delivered(MESSAGES).await;
    judge.assert_each_once(&bodies).await;
    let attempts = |message: &serde_json::Value| message["attempts"].as_u64().unwrap();
    let attempts: u64 = client.history().await.iter().map(attempts).sum();
    assert!(
        attempts < 2 * MESSAGES as u64,
        "{attempts} attempts, as if nobody had noticed that the provider is away"
    );
}
