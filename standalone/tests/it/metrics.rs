//! What Prometheus sees of a messenger at work.

use serde_json::json;

use crate::harness::{Judge, Messenger, Mode, eventually};
use crate::in_every_mode;

in_every_mode!(
    what_happens_to_messages_is_counted,
    a_pause_and_a_waiting_message_are_seen,
);

/// The sum of a series over all processes; `None` if none has it.
fn sum(shown: &[String], series: &str) -> Option<f64> {
    let values = shown.iter().flat_map(|text| text.lines());
    let values = values.filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let values = values.map(|value| value.parse::<f64>().unwrap());
    values.reduce(|sum, value| sum + value)
}

async fn reaches(messenger: &Messenger, series: &str, least: f64) {
    eventually(&format!("{series} is {least}"), || async {
        sum(&messenger.metrics().await, series).is_some_and(|found| found >= least)
    })
    .await;
}

async fn what_happens_to_messages_is_counted(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    judge
        .script(json!({"fault": {"kind": "throttle"}, "times": 1}))
        .await;
    let client = messenger.client("counted").await;
    for n in 0..3 {
        client.send("+14155550100", &format!("counted {n}")).await;
    }
    client.wait_for_all_delivered(3).await;
    reaches(
        &messenger,
        "mysms_deliveries_total{status=\"delivered\"}",
        3.0,
    )
    .await;

    let once = [
        ("mysms_messages_accepted_total", 3.0),
        ("mysms_attempts_total{outcome=\"accepted\"}", 3.0),
        ("mysms_attempts_total{outcome=\"throttled\"}", 1.0),
        ("mysms_time_to_provider_seconds_count", 3.0),
        ("mysms_time_to_delivered_seconds_count", 3.0),
        ("mysms_outcome_unknown_total", 0.0),
        ("mysms_surplus_sids_total", 0.0),
        (
            "mysms_requests_total{method=\"POST\",route=\"/messages\",status=\"200\"}",
            3.0,
        ),
        ("mysms_paused_senders{by=\"provider\"}", 0.0),
        ("mysms_breaker_open", 0.0),
    ];
    for (series, expected) in once {
        // Some appear only once a worker has looked.
        reaches(&messenger, series, expected).await;
        let found = sum(&messenger.metrics().await, series).expect(series);
        assert!((found - expected).abs() < 0.1, "{series} is {found}");
    }
    let shown = messenger.metrics().await;
    for text in &shown {
        assert!(text.ends_with("# EOF\n"), "{text}");
        assert!(!text.contains("1415555"), "a number is a label: {text}");
        assert!(!text.contains(&client.hash), "a user is a label: {text}");
    }
    // Each process looks for itself.
    let processes: f64 = shown.iter().map(|_| 1.0).sum();
    reaches(&messenger, "mysms_store_up", processes).await;
    reaches(&messenger, "mysms_queue_up", processes).await;
    reaches(&messenger, "mysms_concurrency_limit", 1.0).await;
}

async fn a_pause_and_a_waiting_message_are_seen(mode: Mode) {
    let judge = Judge::start().await;
    judge
        .script(json!({"fault": {"kind": "reject", "code": 20003}}))
        .await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("waiting").await;
    client.send("+14155550100", "not yet").await;
    reaches(
        &messenger,
        "mysms_attempts_total{outcome=\"misconfigured\"}",
        1.0,
    )
    .await;
    reaches(&messenger, "mysms_paused_senders{by=\"provider\"}", 1.0).await;
    reaches(
        &messenger,
        "mysms_ledger_oldest_due_seconds{lane=\"send\"}",
        1.0,
    )
    .await;
    judge.mend().await;
    client.wait_for_all_delivered(1).await;
    eventually("nothing is paused or due any more", || async {
        let shown = messenger.metrics().await;
        let paused = sum(&shown, "mysms_paused_senders{by=\"provider\"}");
        let due = sum(&shown, "mysms_ledger_oldest_due_seconds{lane=\"send\"}");
        matches!((paused, due), (Some(paused), Some(due)) if paused + due < 0.1)
    })
    .await;
}
