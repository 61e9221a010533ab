//! Recipients who want no more texts.

use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::{Address, Consent, Wish};
use mysms_core::store::OptOuts;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use twilio_sim::TEST_SENDER;

use crate::harness::{Client, Judge, Messenger, Mode, begun, eventually};

crate::in_every_mode!(
    an_opt_out_that_only_the_provider_knows_fails_the_text_and_is_remembered,
    after_stop_nothing_is_sent_until_start,
    a_scheduled_text_in_doubt_is_not_sent_again_after_stop,
    what_people_said_is_kept_and_goes_from_one_list_to_another,
);

const ANNA: &str = "+14155550100";

async fn post(client: &Client, text: &Value) -> (StatusCode, Value) {
    let answer = client.request(Method::POST, "/messages", Some(text.clone()));
    let answer = answer.await;
    (answer.status(), answer.json().await.unwrap())
}

/// Waits until a text to Anna would be accepted, or refused, whichever process is asked.
async fn until_acceptable(messenger: &Messenger, client: &Client, expected: bool) {
    for base in messenger.apis() {
        let client = client.on(&base);
        eventually("every process has heard of the opt-out", async || {
            let text = json!({"recipient": ANNA, "content": "Would it be sent?"});
            let path = "/messages?dry_run=true";
            let answer = client.request(Method::POST, path, Some(text)).await;
            let told: Value = answer.json().await.unwrap();
            told["acceptable"] == expected
        })
        .await;
    }
}

async fn an_opt_out_that_only_the_provider_knows_fails_the_text_and_is_remembered(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("talkative").await;
    judge.set(json!({"inbound_url": ""})).await;
    judge.write(ANNA, "Stop").await;

    let unwanted = client.send(ANNA, "unwanted").await;
    let wanted = client.send("+14155550101", "wanted").await;

    let unwanted = client.wait_for(&unwanted, "failed").await;
    assert_eq!(unwanted["error_code"], "21610");
    client.wait_for(&wanted, "delivered").await;
    assert_eq!(judge.on_handset("+14155550101").await, ["wanted"]);
    let texts = judge.on_handset(ANNA).await;
    assert!(!texts.contains(&"unwanted".to_owned()), "{texts:?}");

    until_acceptable(&messenger, &client, false).await;
    let again = json!({"recipient": ANNA, "content": "unwanted again"});
    assert_eq!(post(&client, &again).await.0, StatusCode::CONFLICT);
}

async fn after_stop_nothing_is_sent_until_start(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("talkative").await;
    let first = client.send(ANNA, "first").await;
    client.wait_for(&first, "delivered").await;
    let tomorrow = (SystemClock.now() + Duration::from_hours(24)).to_string();
    let later = json!({"recipient": ANNA, "content": "later", "send_at": tomorrow});
    let (status, later) = post(&client, &later).await;
    assert_eq!(status, StatusCode::OK);

    judge.write(ANNA, "STOP").await;

    let later = later["id"].as_str().unwrap();
    let withdrawn = client.wait_for(later, "failed").await;
    assert_eq!(withdrawn["error_code"], "recipient_opted_out");
    assert_eq!(withdrawn["attempts"], 0);
    until_acceptable(&messenger, &client, false).await;
    let text = json!({"recipient": ANNA, "content": "unwanted"});
    let (status, refusal) = post(&client, &text).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refusal}");
    let wanted = client.send("+14155550101", "wanted").await;
    client.wait_for(&wanted, "delivered").await;

    judge.write(ANNA, "START").await;
    until_acceptable(&messenger, &client, true).await;
    let welcome = client.send(ANNA, "welcome back").await;
    client.wait_for(&welcome, "delivered").await;
    let sent = ["first", "wanted", "welcome back"].map(str::to_owned);
    judge.assert_each_once(&sent).await;
    assert_eq!(client.history().await.len(), 4);
}

async fn a_scheduled_text_in_doubt_is_not_sent_again_after_stop(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("talkative").await;
    let first = client.send(ANNA, "first").await;
    client.wait_for(&first, "delivered").await;
    let fault = json!({"fault": {"kind": "reset_before"}, "to": ANNA, "times": 1});
    judge.script(fault).await;
    let unseen = json!({"fault": {"kind": "list_refused", "status": 503}, "to": ANNA});
    judge.script(unseen).await;
    let soon = (SystemClock.now() + Duration::from_secs(10)).to_string();
    let text = json!({"recipient": ANNA, "content": "a reminder", "send_at": soon});
    let (status, reminder) = post(&client, &text).await;
    assert_eq!(status, StatusCode::OK, "{reminder}");
    let reminder = reminder["id"].as_str().unwrap();
    eventually("the provider's answer is lost", async || {
        let message = client.message(reminder).await;
        let mut timeline = message["timeline"].as_array().unwrap().iter();
        timeline.any(|entry| entry["event"] == "outcome unknown")
    })
    .await;

    let stop = judge.write(ANNA, "STOP").await;
    judge.wait_until_taken(ANNA, &stop).await;
    judge.mend().await;

    let withdrawn = client.wait_for(reminder, "failed").await;
    assert_eq!(withdrawn["error_code"], "recipient_opted_out");
    assert_eq!(begun(&withdrawn), 1);
    judge.assert_each_once(&["first".to_owned()]).await;
}

/// As if whoever took note had died before it ended what waits, or the text had been stored just after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_waits_though_its_recipient_opted_out_is_refused_once_it_is_claimed() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("talkative").await;
    let now = SystemClock.now();
    let soon = (now + Duration::from_secs(30)).to_string();
    let text = json!({"recipient": ANNA, "content": "unwanted", "send_at": soon});
    let (status, waiting) = post(&client, &text).await;
    assert_eq!(status, StatusCode::OK, "{waiting}");
    let stop = Wish {
        recipient: Address::of_author(ANNA),
        senders: vec![TEST_SENDER.to_owned()],
        consent: Consent::Withdrawn,
        at: now,
    };

    messenger.mongo().await.note(&stop, now).await.unwrap();

    let refused = client.wait_for(waiting["id"].as_str().unwrap(), "failed");
    let refused = refused.await;
    assert_eq!(refused["error_code"], "recipient_opted_out");
    assert_eq!(begun(&refused), 1);
    assert_eq!(judge.accepted().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_send_nothing_again_to_those_who_want_no_texts() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let client = messenger.client("retried").await;
    let tomorrow = (SystemClock.now() + Duration::from_hours(24)).to_string();
    let later = json!({"recipient": ANNA, "content": "later", "send_at": tomorrow});
    let (_, later) = post(&client, &later).await;
    judge.write(ANNA, "STOP").await;
    let later = later["id"].as_str().unwrap();
    client.wait_for(later, "failed").await;
    let retry = ["retry", "--failed", "--since", "1h", "--yes"];

    let refused = messenger.operate("mysms-worker", &retry, "").await;

    assert_eq!(refused.code, Some(0), "{refused:?}");
    let left_out = "1 that are for recipients who want no texts";
    assert!(refused.said.contains(left_out), "{refused:?}");
    assert_eq!(client.history().await.len(), 1, "nothing is sent again");

    judge.write(ANNA, "START").await;
    until_acceptable(&messenger, &client, true).await;
    let sent = messenger.operate("mysms-worker", &retry, "").await;
    assert!(sent.said.contains("1 new messages wait"), "{sent:?}");
    let history = client.history().await;
    let again = history[1]["id"].as_str().unwrap();
    client.wait_for(again, "delivered").await;
    judge.assert_each_once(&["later".to_owned()]).await;
}

async fn what_people_said_is_kept_and_goes_from_one_list_to_another(mode: Mode) {
    let judge = Judge::start().await;
    let messenger = Messenger::start(mode, &judge).await;
    let client = messenger.client("front_desk").await;
    let get = async |path: &str| {
        let answer = client.request(Method::GET, path, None).await;
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let admin = async |arguments: &[&str]| {
        let arguments = [&["consent"], arguments].concat();
        messenger.operate_admin(mode, &arguments).await
    };
    let (closed, _) = get("/opt-outs").await;
    assert_eq!(closed, StatusCode::FORBIDDEN);
    let granted = admin(&["grant", "front_desk"]).await;
    assert_eq!(granted.code, Some(0), "{granted:?}");

    judge.write(ANNA, "Please stop texting me").await;
    eventually("it is listed for people to decide", async || {
        let (status, list) = get("/opt-outs?state=maybe").await;
        status == StatusCode::OK && list[0]["number"] == ANNA
    })
    .await;
    judge.write(ANNA, "STOP").await;
    let of_anna = "/opt-outs/%2B14155550100";
    eventually("it is heard", async || {
        let (_, known) = get(of_anna).await;
        known["journal"].as_array().map(Vec::len) == Some(2)
    })
    .await;
    let (_, known) = get(of_anna).await;
    let entries: Vec<_> = known["journal"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&entries[0]["state"], &entries[1]["state"]),
        (&json!("maybe"), &json!("withdrawn"))
    );
    let sid = entries[1]["reference"].as_str().unwrap().to_owned();
    let shown = admin(&["show", ANNA]).await;
    assert!(shown.said.contains(&sid), "{shown:?}");

    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("stops.csv");
    std::fs::write(&list, "number\n+14155550101\n+14155550102\n").unwrap();
    let at = "2026-01-01T00:00:00Z";
    let import = ["import", list.to_str().unwrap(), "--said-at", at];
    for _ in 0..2 {
        let imported = admin(&import).await;
        assert_eq!(imported.code, Some(0), "{imported:?}");
        assert!(imported.said.contains("2 rows are stored."), "{imported:?}");
    }
    let text = json!({"recipient": "+14155550101", "content": "unwanted"});
    eventually("every process has heard of the list", async || {
        post(&client, &text).await.0 == StatusCode::CONFLICT
    })
    .await;
    let all = directory.path().join("all.ndjson");
    let exported = admin(&["export", all.to_str().unwrap()]).await;
    assert!(
        exported.said.contains("4 rows are written."),
        "{exported:?}"
    );
    assert_eq!(std::fs::read_to_string(&all).unwrap().lines().count(), 4);
    let to_all = admin(&["export", "-", "--format", "csv"]).await;
    assert_eq!(to_all.said.matches("\n'+").count(), 4, "{to_all:?}");
}
