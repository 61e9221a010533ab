//! Killed in the middle of everything.

use serde_json::json;

use crate::harness::{Judge, Messenger, Mode, eventually};

crate::in_every_mode!(
    kill_9_in_the_middle_loses_and_doubles_nothing,
    sigterm_finishes_what_is_in_flight_within_the_grace,
);

const MESSAGES: usize = 300;

async fn kill_9_in_the_middle_loses_and_doubles_nothing(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("survivor").await;
    // Slow answers keep many sends in flight at each kill.
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 200}}))
        .await;

    let bodies: Vec<String> = (0..MESSAGES).map(|n| format!("crash {n}")).collect();
    let mut senders = tokio::task::JoinSet::new();
    senders.spawn({
        let (client, bodies) = (client.clone(), bodies.clone());
        async move {
            for body in bodies {
                let key = body.replace(' ', "-");
                client.send_stubbornly("+14155550100", &body, &key).await;
            }
        }
    });
    for share in [1, 2] {
        let accepted = || async { judge.stats().await["accepted"].as_u64().unwrap_or(0) };
        let enough = MESSAGES as u64 * share / 4;
        eventually("part of the messages is sent", || async {
            accepted().await >= enough
        })
        .await;
        messenger.kill();
        messenger.restart().await;
    }
    senders.join_all().await;

    client.wait_for_all_delivered(MESSAGES).await;
    judge.assert_each_once(&bodies).await;
}

async fn sigterm_finishes_what_is_in_flight_within_the_grace(mode: Mode) {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("polite").await;
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 700}}))
        .await;
    let bodies: Vec<String> = (0..20).map(|n| format!("in flight {n}")).collect();
    for body in &bodies {
        client.send("+14155550100", body).await;
    }
    let accepted = || async { judge.stats().await["accepted"].as_u64().unwrap_or(0) };
    eventually("something is in flight", || async { accepted().await > 0 }).await;

    messenger.terminate().await;

    messenger.restart().await;
    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_worker_had_in_hand_is_finished_by_another() {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("orphan").await;
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 1000}}))
        .await;
    // Until its callback comes, only the provider's list tells what became of a text.
    judge
        .script(json!({"fault": {"kind": "callback_late", "ms": 9000}, "rate": 0.5}))
        .await;
    let bodies: Vec<String> = (0..40).map(|n| format!("orphan {n}")).collect();
    for body in &bodies {
        client.send("+14155550100", body).await;
    }
    let accepted = || async { judge.stats().await["accepted"].as_u64().unwrap_or(0) };
    eventually("something is in flight", || async { accepted().await > 0 }).await;

    messenger.a_worker().kill().unwrap();

    client.wait_for_all_delivered(bodies.len()).await;
    judge.assert_each_once(&bodies).await;
}

/// Frozen longer than its lease, with requests under way, while another takes over what it held.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_frozen_past_its_lease_doubles_and_overwrites_nothing() {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("sleeper").await;
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 500}}))
        .await;
    // Until its callback comes, only the provider's list tells what became of a text.
    judge
        .script(json!({"fault": {"kind": "callback_late", "ms": 9000}, "rate": 0.5}))
        .await;
    let mut bodies = Vec::new();
    for freeze in 0..3 {
        for n in 0..60 {
            bodies.push(format!("frozen {freeze}.{n}"));
            client.send("+14155550100", bodies.last().unwrap()).await;
        }
        messenger.a_worker().freeze().unwrap();
        client.wait_for_all_delivered(bodies.len()).await;
        messenger.a_worker().thaw().unwrap();
    }

    // It ends only once whatever it woke up with is over.
    messenger.terminate().await;
    judge.assert_each_once(&bodies).await;
    messenger.restart().await;
    client.wait_for_all_delivered(bodies.len()).await;
}
