//! Classes, turns and when texts are expected to leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use mysms_core::domain::{
    Class, LineId, Rate, Sender, Timestamp, Turn, UserId, UserSettings, Weight,
};
use mysms_core::store::{
    Kind, Mover, Pause, QueueId, QueueStanding, Reach, Reading, Records, Result, SenderKey,
    StoreError, Stored, Turns, written,
};
use serde_json::{Value, json};

use super::stored;
use crate::testing::{Answer, START, TestApi, TestUser, request};

const OWN: &str = "+15005550006";
const CODE: &str = "12345";

/// Records that cannot be reached once they are away, and turns that never can.
struct Away {
    records: Arc<dyn Records>,
    away: Arc<AtomicBool>,
}

fn away<T>() -> Result<T> {
    Err(StoreError::unavailable("the lines", "nobody is to ask"))
}

#[async_trait]
impl Records for Away {
    async fn record(&self, _: Kind, _: &str, _: Timestamp) -> Result<Reading> {
        away()
    }

    async fn records(&self, kind: Kind) -> Result<Vec<Stored>> {
        if self.away.load(Ordering::Relaxed) {
            away()
        } else {
            self.records.records(kind).await
        }
    }

    async fn records_under(
        &self,
        _: Kind,
        _: &str,
        _: Option<&str>,
        _: usize,
    ) -> Result<Vec<Stored>> {
        away()
    }

    async fn replace(&self, _: Kind, _: &str, _: u64, _: Option<&str>) -> Result<bool> {
        away()
    }
}

#[async_trait]
impl Turns for Away {
    async fn enter(&self, _: &QueueId, _: u64) -> Result<QueueStanding> {
        away()
    }

    async fn move_end(&self, _: &QueueId, _: &Mover, _: Timestamp) -> Result<Turn> {
        away()
    }

    async fn leave(&self, _: &QueueId, _: u64, _: Option<Turn>) -> Result<()> {
        away()
    }

    async fn give_back(&self, _: &QueueId, _: UserId, _: u64) -> Result<()> {
        away()
    }

    async fn emptied(&self, _: &QueueId, _: u64) -> Result<()> {
        away()
    }

    async fn queue(&self, _: &QueueId) -> Result<(QueueStanding, Vec<Reach>)> {
        away()
    }
}

async fn send(api: &TestApi, user: &TestUser, key: Option<&str>, text: &Value) -> Answer {
    let mut request = request(Method::POST, "/messages", Some(user), text.to_string());
    if let Some(key) = key {
        let headers = request.headers_mut();
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    api.call(request).await
}

fn text(content: &str, class: &str) -> Value {
    json!({"recipient": "+14155550123", "content": content, "class": class})
}

async fn turn(api: &TestApi, answer: &Answer) -> Option<i64> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().parse().unwrap();
    let message = stored(api, id).await;
    message.turn.map(Turn::as_micros)
}

fn slow(sender: Sender) -> Sender {
    Sender {
        rate: Some(Rate::try_from(0.5).unwrap()),
        ..sender
    }
}

async fn waiting(api: &TestApi, class: Class) -> u64 {
    let line = LineId::new(&api.state.provider.account, OWN);
    let queue = QueueId { line, class };
    let read = api.stores.turns.queue(&queue).await;
    read.unwrap().0.waiting()
}

#[tokio::test]
async fn with_the_only_sender_nothing_more_is_asked_than_ever() {
    let gone = Arc::new(AtomicBool::new(false));
    let replaced = Arc::clone(&gone);
    let api = TestApi::over_stores(
        |stores| {
            let away = Arc::new(Away {
                records: Arc::clone(&stores.records),
                away: replaced,
            });
            stores.records = away.clone();
            stores.turns = away;
        },
        |_| {},
    )
    .await;
    gone.store(true, Ordering::Relaxed);
    let john = api.user("john_doe").await;
    let answer = send(&api, &john, None, &text("hello", "bulk")).await;
    assert_eq!(turn(&api, &answer).await, None);
    let accepted = answer.json();
    assert_eq!(accepted["sender"], OWN);
    assert_eq!(accepted["class"], "bulk");
    assert_eq!(accepted["starts_at"], json!(null));
    assert_eq!(accepted["expected_at"], "2026-01-01T00:00:00.120Z");
    assert_eq!(accepted["expected_by"], "2026-01-01T00:00:05.120Z");
    let batch = json!({"recipients": ["+14155550123"], "content": "hello"});
    let batch = api.post("/messages/batch", Some(&john), &batch).await;
    assert_eq!(batch.json()["accepted"], 1);
    let dry = "/messages?dry_run=true";
    let preview = api
        .post(dry, Some(&john), &text("hello", "otp"))
        .await
        .json();
    assert_eq!(preview["expected_by"], "2026-01-01T00:00:05.120Z");
    let path = format!(
        "/messages/{}/{}",
        john.hash,
        accepted["id"].as_str().unwrap()
    );
    let shown = api.get(&path, &john).await.json();
    assert_eq!(shown["expected_by"], "2026-01-01T00:00:05.120Z");
    assert_eq!(
        api.get("/senders", &john).await.json()[0]["rate"],
        json!(null)
    );
}

#[tokio::test]
async fn a_text_from_a_sender_with_a_rate_takes_its_turn() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[slow(api.sender(OWN))]).await;
    let first = send(&api, &john, None, &text(&"x".repeat(161), "bulk")).await;
    let second = send(&api, &john, None, &text("hello", "bulk")).await;
    assert_eq!(turn(&api, &first).await, Some(0));
    assert_eq!(turn(&api, &second).await, Some(2_000_000));
    let other = send(&api, &john, None, &text("hello", "otp")).await;
    assert_eq!(turn(&api, &other).await, Some(0), "a line of its own");
    assert_eq!(waiting(&api, Class::Bulk).await, 3);
    let id = second.json()["id"].as_str().unwrap().parse().unwrap();
    let message = stored(&api, id).await;
    assert_eq!(message.class, Class::Bulk);
    assert_eq!(message.wake_at, Some(message.expires_at));
    let later = json!({
        "recipient": "+14155550123", "content": "hello", "send_at": "2026-01-01T01:00:00Z",
    });
    let later = send(&api, &john, None, &later).await;
    assert_eq!(turn(&api, &later).await, None, "it gets one when it is due");
    assert_eq!(later.json()["starts_at"], "2026-01-01T01:00:00.000Z");
}

#[tokio::test]
async fn a_larger_weight_makes_shorter_turns() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[slow(api.sender(OWN))]).await;
    let settings = UserSettings {
        weight: Weight::try_from(4).unwrap(),
        ..UserSettings::default()
    };
    let key = john.id.to_string();
    let value = written(&settings).unwrap();
    let records = &api.stores.records;
    let stored = records.replace(Kind::Settings, &key, 0, Some(&value));
    assert!(stored.await.unwrap());
    api.state.settings.look().await.unwrap();
    for expected in [0, 250_000, 500_000] {
        let answer = send(&api, &john, None, &text("hello", "bulk")).await;
        assert_eq!(turn(&api, &answer).await, Some(expected));
    }
}

#[tokio::test]
async fn a_request_that_is_repeated_takes_no_second_turn() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[slow(api.sender(OWN))]).await;
    let hello = text("hello", "bulk");
    let first = send(&api, &john, Some("key-1"), &hello).await;
    let again = send(&api, &john, Some("key-1"), &hello).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json()["id"], first.json()["id"]);
    assert_eq!(waiting(&api, Class::Bulk).await, 1);
    let next = send(&api, &john, None, &hello).await;
    assert_eq!(turn(&api, &next).await, Some(1_000_000));
    let other = text("hello", "otp");
    send(&api, &john, Some("key-1"), &other).await.problem(422);
    assert_eq!(waiting(&api, Class::Otp).await, 0);
}

#[tokio::test]
async fn what_is_ahead_of_a_text_tells_when_it_is_expected() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.register(&[slow(api.sender(OWN))]).await;
    let recipients: Vec<_> = (0..100).map(|n| format!("+1415555{n:04}")).collect();
    let batch = json!({"recipients": recipients, "content": "hello", "class": "bulk"});
    let batch = api.post("/messages/batch", Some(&john), &batch).await;
    assert_eq!(batch.json()["accepted"], 100);
    // Another process, which has read nothing yet.
    let beside = api.beside();
    let wait = async |user: &TestUser, class: &str| {
        let dry = "/messages?dry_run=true";
        let preview = beside.post(dry, Some(user), &text("hello", class)).await;
        let expected = preview.json()["expected_at"].as_str().unwrap().to_owned();
        expected.parse::<Timestamp>().unwrap().since(START)
    };
    let own = wait(&john, "bulk").await;
    assert!(own > Duration::from_secs(190), "{own:?}");
    assert!(wait(&jane, "bulk").await < Duration::from_secs(5));
    assert!(wait(&john, "otp").await < Duration::from_secs(5));
    let list = beside
        .get("/messages?limit=1&order=desc", &john)
        .await
        .json();
    assert_eq!(list[0]["expected_at"], json!(null));
    let id = list[0]["id"].as_str().unwrap();
    let path = format!("/messages/{}/{id}", john.hash);
    let shown = beside.get(&path, &john).await.json();
    let expected: Timestamp = shown["expected_at"].as_str().unwrap().parse().unwrap();
    assert!(expected.since(START) > Duration::from_secs(100), "{shown}");
    assert_eq!(
        (&shown["sender"], &shown["class"]),
        (&json!(OWN), &json!("bulk"))
    );
    api.take(id.parse().unwrap()).await;
    let shown = beside.get(&path, &john).await.json();
    assert_eq!(shown["expected_at"], json!(null), "it has left");
}

#[tokio::test]
async fn a_text_that_would_expire_in_the_queue_is_refused_by_a_dry_run_and_accepted_with_a_warning()
{
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[slow(api.sender(OWN))]).await;
    let recipients: Vec<_> = (0..100).map(|n| format!("+1415555{n:04}")).collect();
    let batch = json!({"recipients": recipients, "content": "hello", "class": "bulk"});
    api.post("/messages/batch", Some(&john), &batch).await;
    let asked = async |path: &str, seconds: u32| {
        let mut text = text("hello", "bulk");
        text["validity_seconds"] = seconds.into();
        api.post(path, Some(&john), &text).await.json()
    };
    let dry = "/messages?dry_run=true";
    let refused = asked(dry, 60).await;
    assert_eq!(refused["acceptable"], false, "{refused}");
    assert_eq!(refused["errors"][0]["field"], "validity_seconds");
    assert_eq!(asked(dry, 600).await["acceptable"], true);
    let warned = asked("/messages", 60).await;
    let warning = warned["warning"].as_str();
    assert!(
        warning.is_some_and(|warning| warning.contains("expire")),
        "{warned}"
    );
    assert_eq!(asked("/messages", 600).await["warning"], json!(null));
}

#[tokio::test]
async fn a_night_moves_the_validity_of_what_waits_along() {
    let api = TestApi::start().await;
    let evening: Timestamp = "2026-01-31T20:50:00Z".parse().unwrap();
    api.clock.advance(evening.since(START));
    let john = api.user("john_doe").await;
    let night = json!({"quiet_hours": {
        "windows": [{"from": "21:00", "to": "08:00"}], "time_zone": "Etc/UTC",
    }});
    let put = request(Method::PUT, "/me/settings", Some(&john), night.to_string());
    assert_eq!(api.call(put).await.status, 200);
    api.register(&[slow(api.sender(OWN))]).await;
    // So much that it takes twenty minutes, ten of them in the morning.
    let recipients: Vec<_> = (0..100).map(|n| format!("+1415555{n:04}")).collect();
    let long = "x".repeat(900);
    let batch = json!({
        "recipients": recipients, "content": long, "class": "bulk", "validity_seconds": 1800,
    });
    let accepted = api
        .post("/messages/batch", Some(&john), &batch)
        .await
        .json();
    let last = &accepted["results"][99]["accepted"];
    assert_eq!(last["warning"], json!(null), "{last}");
    // What waited is read anew there.
    let beside = api.beside();
    let asked = async |path: &str, seconds: u32| {
        let mut text = text("hello", "bulk");
        text["validity_seconds"] = seconds.into();
        beside.post(path, Some(&john), &text).await.json()
    };
    let dry = "/messages?dry_run=true";
    let leaves = asked(dry, 1800).await;
    assert_eq!(leaves["acceptable"], true, "{leaves}");
    let at = leaves["expected_at"].as_str().unwrap();
    assert!(at.starts_with("2026-02-01T08:1"), "{at}");
    assert_eq!(leaves["expires_at"], "2026-01-31T21:20:00.000Z");
    assert_eq!(leaves["given_up_at"], json!(null));
    let warned = asked("/messages", 1800).await;
    assert_eq!(warned["warning"], json!(null), "{warned}");

    let refused = asked(dry, 900).await;
    assert_eq!(refused["errors"][0]["field"], "validity_seconds");
    let given_up = refused["given_up_at"].as_str().unwrap();
    assert!(
        given_up.starts_with("2026-02-01T08:04") || given_up.starts_with("2026-02-01T08:05"),
        "its validity goes on in the morning: {given_up}"
    );
    let warned = asked("/messages", 900).await;
    assert_eq!(warned["given_up_at"], given_up, "{warned}");
    assert!(warned["warning"].as_str().unwrap().contains("expire"));
    let path = format!("/messages/{}/{}", john.hash, warned["id"].as_str().unwrap());
    let shown = beside.get(&path, &john).await.json();
    assert_eq!(shown["given_up_at"], given_up, "{shown}");
}

#[tokio::test]
async fn what_an_operator_paused_leaves_at_no_known_time() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let before = api
        .post("/messages", Some(&john), &text("before", "bulk"))
        .await;
    let path = |answer: &Answer| {
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        format!("/messages/{}/{id}", john.hash)
    };
    let pause = Pause::by_operator("maintenance".to_owned(), START);
    api.stores.pauses.pause(pause).await.unwrap();
    let paused = json!({"by": "operator", "since": "2026-01-01T00:00:00.120Z", "until": null});
    let nothing_is_known = |answer: &Value| {
        assert_eq!(answer["expected_at"], json!(null), "{answer}");
        assert_eq!(answer["expected_by"], json!(null), "{answer}");
        assert_eq!(answer["given_up_at"], json!(null), "{answer}");
        assert_eq!(answer["paused"], paused, "{answer}");
    };
    for content in ["as it comes", "at its turn"] {
        let beside = api.beside();
        let again = text(content, "bulk");
        for _ in ["first", "repeated"] {
            let answer = send(&beside, &john, Some(&content.replace(' ', "-")), &again).await;
            nothing_is_known(&answer.json());
            assert_eq!(answer.json()["warning"], json!(null));
            nothing_is_known(&beside.get(&path(&answer), &john).await.json());
        }
        let told = beside
            .post("/messages/preview", Some(&john), &again)
            .await
            .json();
        assert_eq!(told["acceptable"], true, "{told}");
        nothing_is_known(&told);
        nothing_is_known(&beside.get(&path(&before), &john).await.json());
        api.register(&[api.sender(OWN)]).await;
    }
    api.take(before.json()["id"].as_str().unwrap().parse().unwrap())
        .await;
    let left = api.get(&path(&before), &john).await.json();
    assert_eq!(left["paused"], json!(null), "it waits no more");
    api.stores
        .pauses
        .resume(&SenderKey::operators())
        .await
        .unwrap();
    let beside = api.beside();
    let told = beside
        .post("/messages/preview", Some(&john), &text("after", "bulk"))
        .await
        .json();
    assert_eq!(told["paused"], json!(null));
    assert!(told["expected_at"].is_string(), "{told}");
}

#[tokio::test]
async fn a_large_batch_is_bulk_unless_it_says_something_else() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    api.register(&[api.sender(CODE)]).await;
    let recipients =
        |count: u32| -> Vec<_> { (0..count).map(|n| format!("+1415555{n:04}")).collect() };
    let classes = async |body: Value| {
        let answer = api.post("/messages/batch", Some(&john), &body).await.json();
        let results = answer["results"].as_array().unwrap().clone();
        let mut classes: Vec<_> = results
            .iter()
            .map(|item| item["accepted"]["class"].as_str().unwrap().to_owned())
            .collect();
        classes.dedup();
        classes
    };
    let batch = |count| json!({"recipients": recipients(count), "content": "hello"});
    assert_eq!(classes(batch(100)).await, ["transactional"]);
    assert_eq!(classes(batch(101)).await, ["bulk"]);
    let mut said = batch(101);
    said["class"] = json!("otp");
    assert_eq!(classes(said).await, ["otp"]);
    let message = |n: u32| match n {
        0 => json!({"recipient": "+14155550123", "content": "hello", "class": "transactional"}),
        _ => json!({"recipient": "+14155550123", "content": "hello"}),
    };
    let each: Vec<_> = (0..101).map(message).collect();
    assert_eq!(
        classes(json!({"messages": each})).await,
        ["transactional", "bulk"]
    );
    let shared = json!({"messages": each, "class": "bulk", "from": CODE});
    let refused = api.post("/messages/batch", Some(&john), &shared).await;
    assert_eq!(refused.problem(400), ["from", "class"]);
}
