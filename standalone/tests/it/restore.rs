//! A ledger restored from a backup that was taken in the middle of a run.

use std::path::Path;
use std::process::Command;

use lab::Mongod;
use mysms_core::clock::{Clock, SystemClock};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Client, Judge, Messenger, Mode, eventually};

/// The provider takes nothing for this number before it is mended.
const HELD_BACK: &str = "+14155550199";

/// Texts sent at a pace that leaves some waiting and some in flight at the time of the backup.
const MESSAGES: usize = 50;

const PACE: [(&str, &str); 2] = [
    ("WORKER_CONCURRENCY", "2"),
    ("STATUS_POLL_SECONDS", "2,5,10,20,40"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_of_mongodb_nothing_is_lost_or_sent_twice() {
    let judge = Judge::start().await;
    let mut database = Mongod::start().await.unwrap();
    let mut settings = PACE.to_vec();
    let url = database.uri();
    settings.push(("MONGO_URI", &url));
    let mut messenger = Messenger::start_with(Mode::Servers, &judge, &settings).await;
    let (client, bodies) = send_half(&messenger, &judge).await;

    let since = SystemClock.now().to_string();
    let backup = back_up(&mut database).await;
    let later = send_the_rest(&client, &judge).await;
    messenger.kill();
    restore(&mut database, &backup).await;

    let arguments = ["after-restore", "--since", &since];
    let declined = messenger.operate("mysms-migrate", &arguments, "n\n").await;
    assert_eq!(declined.code, Some(1), "{declined:?}");
    let done = messenger.operate("mysms-migrate", &arguments, "y\n").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    judge.mend().await;
    messenger.restart().await;
    check(&client, &judge, bodies, later).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_of_the_data_directory_nothing_is_lost_or_sent_twice() {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start_with(Mode::Embedded, &judge, &PACE).await;
    let (client, bodies) = send_half(&messenger, &judge).await;

    let since = SystemClock.now().to_string();
    messenger.kill();
    let backup = TempDir::new().unwrap();
    copy(&messenger.data(), backup.path());
    messenger.restart().await;
    let later = send_the_rest(&client, &judge).await;
    messenger.kill();
    put_in_place(&backup, &messenger.data());

    let arguments = ["after-restore", "--since", &since, "--yes"];
    let done = messenger.operate("mysms", &arguments, "").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    judge.mend().await;
    messenger.restart().await;
    check(&client, &judge, bodies, later).await;
}

/// Ends a database in good order, copies its files and starts it again.
async fn back_up(database: &mut Mongod) -> TempDir {
    database.stop().await.unwrap();
    let backup = TempDir::new().unwrap();
    copy(database.data(), backup.path());
    database.bring_back().await.unwrap();
    backup
}

/// A database loses everything, and starts with the files of a backup.
async fn restore(database: &mut Mongod, backup: &TempDir) {
    database.kill().unwrap();
    put_in_place(backup, database.data());
    database.bring_back().await.unwrap();
}

/// Lets a directory hold what a backup has, and nothing else.
fn put_in_place(backup: &TempDir, directory: &Path) {
    std::fs::remove_dir_all(directory).unwrap();
    std::fs::create_dir(directory).unwrap();
    copy(backup.path(), directory);
}

/// Copies what is in a directory into another one.
fn copy(from: &Path, to: &Path) {
    let all = from.join(".");
    let copied = Command::new("cp").arg("-a").args([&all, to]).status();
    assert!(copied.unwrap().success());
}

/// Sends texts, until part of them has been taken by the provider. Two of them it does not take
/// before it is mended.
async fn send_half(messenger: &Messenger, judge: &Judge) -> (Client, Vec<String>) {
    let client = messenger.client("careful").await;
    judge
        .script(json!({"fault": {"kind": "delay_answer", "ms": 1000}, "to": "+14155550100"}))
        .await;
    judge
        .script(json!({"fault": {"kind": "throttle"}, "to": HELD_BACK}))
        .await;
    let mut bodies: Vec<String> = (0..MESSAGES).map(|n| format!("backed up {n}")).collect();
    for (n, body) in bodies.iter().enumerate() {
        client.send("+14155550100", body).await;
        if n % 40 == 0 {
            client.send(HELD_BACK, &format!("held back {n}")).await;
        }
    }
    bodies.extend(["held back 0".to_owned(), "held back 40".to_owned()]);
    eventually("part of them is taken", || async {
        accepted(judge).await >= 10
    })
    .await;
    assert!(
        accepted(judge).await < MESSAGES,
        "there is nothing left to doubt"
    );
    (client, bodies)
}

async fn accepted(judge: &Judge) -> usize {
    judge.accepted().await.len()
}

/// Sends more texts than the backup has, and waits until all are sent that can be.
async fn send_the_rest(client: &Client, judge: &Judge) -> Vec<String> {
    let later: Vec<String> = (0..5).map(|n| format!("after the backup {n}")).collect();
    for body in &later {
        client
            .send_stubbornly("+14155550101", body, &body.replace(' ', "-"))
            .await;
    }
    eventually("the provider has what it takes", || async {
        accepted(judge).await == MESSAGES + later.len()
    })
    .await;
    later
}

/// Each text is sent once, and those of the backup have their right status.
async fn check(client: &Client, judge: &Judge, mut bodies: Vec<String>, later: Vec<String>) {
    client.wait_for_all_delivered(bodies.len()).await;
    bodies.extend(later);
    judge.assert_each_once(&bodies).await;
    let mut found = 0;
    for message in client.history().await {
        let message = client.message(message["id"].as_str().unwrap()).await;
        let events = message["timeline"].to_string();
        let doubted = events.contains("restored from a backup");
        found += usize::from(doubted && events.contains("adopted SM"));
        if message["recipient"] == HELD_BACK {
            assert!(events.contains("sent again"), "{events}");
        }
    }
    assert!(found > 0, "the backup had nothing that was sent after it");
}
