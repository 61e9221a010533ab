use serde_json::{Value, json};
use twilio_sim::TEST_SENDER;

use crate::support::{Account, Harness, TO, at_once, start};

mod account;
mod callbacks;
mod creates;
mod lists;
mod script;

const GOOD: [(&str, &str); 3] = [("To", TO), ("From", TEST_SENDER), ("Body", "hello")];

/// A simulator whose next request meets the fault.
async fn with_fault(fault: Value) -> Harness {
    let harness = start(at_once()).await;
    harness
        .account
        .fault(json!({"fault": fault, "times": 1}))
        .await;
    harness
}

async fn accepted(account: &Account) -> usize {
    account.ledger(TO).await.len()
}

/// Waits until a create request has met its fault and waits there.
async fn faults_used_up(account: &Account) {
    while account.control("GET", "/faults", Value::Null).await.1 != json!([]) {}
    while account.stats().await["concurrent_creates"] != 1 {}
}
