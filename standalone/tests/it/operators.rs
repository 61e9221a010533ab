//! What operators do by hand while the messenger runs.

use serde_json::{Value, json};
use twilio_sim::{Options, Settings};

use crate::harness::{Judge, Messenger, Mode};

const RETRY: [&str; 4] = ["retry", "--failed", "--since", "1h"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_texts_are_sent_again_as_new_ones_and_only_once() {
    let trial = Settings {
        trial: true,
        ..Settings::default()
    };
    let judge = Judge::with(Options {
        settings: trial,
        ..Options::default()
    })
    .await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("retried").await;
    let mut failed = Vec::new();
    for n in 0..3 {
        let id = client.send("+14155550100", &format!("again {n}")).await;
        client.wait_for(&id, "failed").await;
        failed.push(id);
    }
    let deleted = failed.pop().unwrap();
    let path = format!("/messages/{}/{deleted}", client.hash);
    let answer = client.request(reqwest::Method::DELETE, &path, None).await;
    assert!(answer.status().is_success());
    judge.set(json!({"trial": false})).await;

    let asked = messenger.operate("mysms-worker", &RETRY, "n\n").await;
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(
        asked.said.contains("2 messages will be sent again."),
        "{asked:?}"
    );
    assert_eq!(client.history().await.len(), 2, "nothing was done");

    let done = messenger.operate("mysms-worker", &RETRY, "y\n").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let history = client.history().await;
    assert_eq!(history.len(), 4);
    for (old, retry) in failed.iter().zip(&history[2..]) {
        assert_eq!(retry["retry_of"], Value::from(old.as_str()));
        let retry = client
            .wait_for(retry["id"].as_str().unwrap(), "delivered")
            .await;
        let old = client.message(old).await;
        assert_eq!(old["status"], "failed", "a terminal status stays");
        assert_eq!(old["retry_of"], Value::Null);
        assert_eq!(old["content"], retry["content"]);
    }

    let scripted = [&RETRY[..], &["--yes"]].concat();
    let again = messenger.operate("mysms-worker", &scripted, "").await;
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(
        again.said.contains("0 messages will be sent again.")
            && again.said.contains("2 that were retried before"),
        "{again:?}"
    );
    assert_eq!(client.history().await.len(), 4);
    let sent = ["again 0", "again 1"].map(str::to_owned);
    judge.assert_each_once(&sent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dead_jobs_are_listed_and_replayed() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let listed = messenger
        .operate("mysms-worker", &["dead", "list"], "")
        .await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.said.contains("0 dead jobs"), "{listed:?}");
    let replayed = messenger
        .operate("mysms-worker", &["dead", "replay"], "")
        .await;
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert!(
        replayed.said.contains("0 jobs are back in the queue"),
        "{replayed:?}"
    );
}
