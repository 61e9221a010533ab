//! What people write while the messenger is away, and the provider has given up telling it.

use std::time::{Duration, Instant};

use lab::eventually;
use mysms_core::clock::{Clock, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Client, Judge, Messenger, Mode};

crate::in_every_mode!(
    what_was_written_meanwhile_is_found_once_in_order_and_heeded,
    whoever_is_killed_while_it_catches_up_stores_nothing_twice,
    a_list_that_is_refused_is_said_and_asked_for_again,
);

/// Those who answer, each with so many texts, and those who say STOP.
const WRITERS: usize = 25;
const EACH: usize = 20;
const LEAVERS: usize = 20;

fn writer(number: usize) -> String {
    format!("+1415555{:04}", 1000 + number)
}

fn leaver(number: usize) -> String {
    format!("+1415555{:04}", 2000 + number)
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.request(Method::GET, path, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

/// What a number wrote to a user, as the thread shows it.
async fn written(client: &Client, number: &str) -> Vec<Value> {
    let path = format!("/conversations/%2B{}", &number[1..]);
    let answer = client.request(Method::GET, &path, None).await;
    if answer.status() == StatusCode::NOT_FOUND {
        return Vec::new();
    }
    let thread: Vec<Value> = answer.json().await.unwrap();
    let inbound = thread.into_iter();
    inbound
        .filter(|one| one["direction"] == "inbound")
        .collect()
}

/// How many texts a user has not seen.
async fn unread(client: &Client) -> u64 {
    let conversations = get(client, "/conversations").await;
    let all = conversations.as_array().unwrap().iter();
    all.map(|one| one["unread"].as_u64().unwrap()).sum()
}

/// Waits until the provider tells nobody anything any more.
async fn until_given_up(judge: &Judge, lost: usize) {
    eventually("the provider has given up", async || {
        let stats = judge.stats().await;
        stats["callbacks_pending"] == 0 && stats["callbacks_failed"].as_u64() >= Some(lost as u64)
    })
    .await;
}

/// A messenger that is told once of what is written to it, and its user, to whom everybody may answer.
async fn start(mode: Mode, judge: &Judge, settings: &[(&str, &str)]) -> (Messenger, Client) {
    let messenger = Messenger::start_with(mode, judge, settings).await;
    let inbound = format!(
        "{}/webhooks/twilio/inbound#rc=1&rp=all&tt=500",
        messenger.base
    );
    judge.set(json!({ "inbound_url": inbound })).await;
    let client = messenger.client("talkative").await;
    let everybody = (0..WRITERS).map(writer).chain((0..LEAVERS).map(leaver));
    for number in everybody {
        client.send(&number, &format!("hello {number}")).await;
    }
    client.wait_for_all_delivered(WRITERS + LEAVERS).await;
    (messenger, client)
}

/// Everybody who answers writes their texts, in turn.
async fn write_all(judge: &Judge) {
    for text in 0..EACH {
        for number in 0..WRITERS {
            judge.write(&writer(number), &format!("text {text}")).await;
        }
    }
}

async fn assert_all_once_and_in_order(client: &Client) {
    let expected: Vec<_> = (0..EACH).map(|text| format!("text {text}")).collect();
    for number in 0..WRITERS {
        let texts = written(client, &writer(number)).await;
        let contents: Vec<_> = texts.iter().map(|text| text["content"].clone()).collect();
        assert_eq!(contents, expected, "of {}", writer(number));
        assert!(texts.iter().all(|text| text["recovered"] == true));
    }
}

async fn what_was_written_meanwhile_is_found_once_in_order_and_heeded(mode: Mode) {
    let judge = Judge::start().await;
    let (mut messenger, client) = start(mode, &judge, &[]).await;
    let soon = (SystemClock.now() + Duration::from_secs(20)).to_string();
    let mut waiting = Vec::new();
    for number in (0..LEAVERS).map(leaver) {
        let text = json!({"recipient": number, "content": "unwanted", "send_at": soon});
        let answer = client.request(Method::POST, "/messages", Some(text)).await;
        let accepted: Value = answer.json().await.unwrap();
        waiting.push(accepted["id"].as_str().unwrap().to_owned());
    }
    messenger.kill();

    write_all(&judge).await;
    for number in 0..LEAVERS {
        judge.write(&leaver(number), "STOP").await;
    }
    // The first one has thought better of it.
    judge.write(&leaver(0), "START").await;
    let lost = WRITERS * EACH + LEAVERS + 1;
    until_given_up(&judge, lost).await;
    eventually("they are due", async || {
        SystemClock.now().to_string() > soon
    })
    .await;
    let lists = judge.stats().await["lists"].as_u64().unwrap();
    let begun = Instant::now();
    messenger.restart().await;

    eventually("everything is found", async || {
        unread(&client).await == lost as u64
    })
    .await;
    let lists_since = judge.stats().await["lists"].as_u64().unwrap() - lists;
    eprintln!(
        "{lost} texts were found {:.1} s after the start, by {lists_since} lists ({mode:?})",
        begun.elapsed().as_secs_f64(),
    );
    assert_all_once_and_in_order(&client).await;
    let (back, gone) = waiting.split_first().unwrap();
    for id in gone {
        let refused = client.wait_for(id, "failed").await;
        assert_eq!(refused["error_code"], "recipient_opted_out");
    }
    client.wait_for(back, "delivered").await;
    let copies = judge.copies().await;
    assert_eq!(copies.get("unwanted"), Some(&1), "but one");
    assert_eq!(
        copies.len(),
        WRITERS + LEAVERS + 1,
        "what was sent before stays"
    );
    eventually("all is well", async || {
        let ready = messenger.readiness().await;
        let mut checks = ready.iter().map(|ready| &ready["checks"]["received"]);
        checks.all(|check| check.is_null() || check["status"] == "up")
    })
    .await;
    let metrics = messenger.metrics().await.join("\n");
    let counts = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("mysms_inbound_recovered_total "));
    let recovered: usize = counts.map(|count| count.parse::<usize>().unwrap()).sum();
    assert_eq!(recovered, lost);
}

async fn whoever_is_killed_while_it_catches_up_stores_nothing_twice(mode: Mode) {
    let judge = Judge::start().await;
    let (mut messenger, client) = start(mode, &judge, &[]).await;
    messenger.kill();
    write_all(&judge).await;
    let lost = WRITERS * EACH;
    until_given_up(&judge, lost).await;
    // Once while it reads the list, and once while it stores what it has read.
    judge
        .script(json!({"fault": {"kind": "list_delay", "ms": 60_000}, "times": 2}))
        .await;
    let lists = judge.stats().await["lists"].as_u64();
    messenger.restart().await;
    eventually("it lists", async || {
        judge.stats().await["lists"].as_u64() > lists
    })
    .await;
    messenger.kill();
    judge.mend().await;
    messenger.restart().await;
    eventually("some are stored", async || unread(&client).await > 0).await;
    messenger.kill();

    messenger.restart().await;

    eventually("everything is found", async || {
        unread(&client).await == lost as u64
    })
    .await;
    assert_all_once_and_in_order(&client).await;
}

async fn a_list_that_is_refused_is_said_and_asked_for_again(mode: Mode) {
    let judge = Judge::start().await;
    let settings = [("CATCH_UP_INTERVAL_SECONDS", "1")];
    let (mut messenger, client) = start(mode, &judge, &settings).await;
    messenger.kill();
    judge.write(&writer(0), "text 0").await;
    until_given_up(&judge, 1).await;
    judge
        .script(json!({"fault": {"kind": "list_refused", "status": 401}}))
        .await;

    messenger.restart().await;

    eventually("it is said", async || {
        let said = json!(messenger.readiness().await).to_string();
        said.contains("20003") && said.contains("cannot be listed") == (mode == Mode::Servers)
    })
    .await;
    eventually("it breaks nothing", || messenger.is_ready()).await;
    let sent = client.send(&writer(1), "business as usual").await;
    client.wait_for(&sent, "delivered").await;
    judge.mend().await;
    eventually("it is found", async || unread(&client).await == 1).await;
    eventually("it is said no more", async || {
        let said = json!(messenger.readiness().await).to_string();
        !said.contains("behind") && !said.contains("cannot be listed")
    })
    .await;
}
