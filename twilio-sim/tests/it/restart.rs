use std::{fs::OpenOptions, io::Write as _, path::Path};

use twilio_sim::{Options, Simulator};

use crate::support::{Endpoint, TO, all_callbacks_settled, at_once, start};

fn with_ledger(path: &Path) -> Options {
    Options {
        ledger: Some(path.to_owned()),
        ..at_once()
    }
}

#[tokio::test]
async fn a_restart_keeps_messages_and_pays_the_callbacks_it_owes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let endpoint = Endpoint::start().await;

    let harness = start(with_ledger(&path)).await;
    harness.account.send(TO, "paid", Some(&endpoint.base)).await;
    all_callbacks_settled(&harness.account).await;
    // Only `sent` is answered, then the simulator is gone.
    endpoint.answer(&[204, 0]);
    let owed = harness.account.send(TO, "owed", Some(&endpoint.base)).await;
    endpoint.wait(4).await;
    drop(harness);

    let harness = start(with_ledger(&path)).await;
    let received = endpoint.wait(5).await;
    let expected = ["sent", "delivered", "sent", "delivered", "delivered"];
    assert_eq!(endpoint.statuses(), expected);
    assert_eq!(received[4].param("MessageSid"), owed["sid"].as_str());
    assert_eq!(received[4].token, received[3].token);
    all_callbacks_settled(&harness.account).await;
    let bodies: Vec<_> = harness
        .account
        .ledger(TO)
        .await
        .iter()
        .map(|m| m["body"].clone())
        .collect();
    assert_eq!(bodies, ["paid", "owed"]);
    let (_, page) = harness.account.list("To=%2B14155550100").await;
    assert_eq!(page["messages"][0]["sid"], owed["sid"]);
}

#[tokio::test]
async fn half_a_line_is_cut_off_and_a_broken_one_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let append = |text: &str| {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let harness = start(with_ledger(&path)).await;
    harness.account.send(TO, "one", None).await;
    harness.sim.stop().await;

    append("{\"accepted\":{\"sid\":\"SM");
    let harness = start(with_ledger(&path)).await;
    harness.account.send(TO, "two", None).await;
    harness.sim.stop().await;
    let harness = start(with_ledger(&path)).await;
    assert_eq!(harness.account.ledger(TO).await.len(), 2);
    harness.sim.stop().await;

    append("nonsense\n");
    let error = Simulator::start(with_ledger(&path)).await.err().unwrap();
    assert!(format!("{error:#}").contains("line 3"), "{error:#}");
}

#[tokio::test]
async fn a_ledger_belongs_to_one_simulator() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let harness = start(with_ledger(&path)).await;
    let error = Simulator::start(with_ledger(&path)).await.err().unwrap();
    assert!(error.to_string().contains("in use"), "{error}");
    drop(harness);
    assert!(Simulator::start(with_ledger(&path)).await.is_ok());
}

#[tokio::test]
async fn a_restart_keeps_opt_outs_and_owed_texts_from_handsets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let endpoint = Endpoint::start().await;
    let harness = start(with_ledger(&path)).await;
    let account = &harness.account;
    account.write("+14155550101", "STOP").await;
    account.write("+14155550101", "START").await;
    account.deliver_to(&endpoint.base).await;
    endpoint.answer(&[0]);
    let stop = account.write(TO, "STOP").await;
    endpoint.wait(1).await;
    drop(harness);

    let harness = start(with_ledger(&path)).await;
    let posted = endpoint.wait(2).await;
    assert_eq!(posted[1].param("MessageSid"), stop["sid"].as_str());
    let account = &harness.account;
    all_callbacks_settled(account).await;
    assert_eq!(account.try_send(TO).await.1["code"], 21610);
    assert_eq!(account.try_send("+14155550101").await.0, 201);
    let phone = account.phone(TO).await;
    assert_eq!(phone["texts"].as_array().unwrap().len(), 2);
    assert_eq!(phone["texts"][0]["told"], "taken");
}
