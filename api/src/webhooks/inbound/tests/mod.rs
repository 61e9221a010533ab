mod authors;
mod consent;
mod deleted;

use std::time::Duration;

use http::Method;
use mysms_core::clock::Clock;
use mysms_core::domain::{InboundRule, ProviderId, Sender, UserId};
use runtime::config::SIMULATOR_AUTH_TOKEN;
use serde_json::json;

use crate::testing::{ANNA, Answer, TestApi, TestUser, form, request, tell};

const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

const SID: &str = "SM0123456789abcdef0123456789abcdef";
const OTHER_SID: &str = "SM00000000000000000000000000000001";

#[tokio::test]
async fn a_signed_text_is_one_message_however_often_it_is_told() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    api.take(id).await;
    for _ in 0..2 {
        let answer = tell(&api, &form(SID, "Thanks!"), SIMULATOR_AUTH_TOKEN).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/xml");
        assert_eq!(answer.text(), NO_REPLY);
    }
    let thread = api.get("/conversations/%2B14155550123", &john).await.json();
    let shown = thread.as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|one| json!([one["direction"], one["content"], one["unread"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["outbound", "hello", false]),
            json!(["inbound", "Thanks!", true])
        ]
    );
    let sent = api.get("/messages", &john).await.json();
    assert_eq!(sent.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_signed_or_not_readable_is_refused() {
    let api = TestApi::start().await;
    let unsigned = tell(&api, &form(SID, "hi"), "another token").await;
    assert_eq!(unsigned.status, 403);
    let nameless = form("no SID", "hi");
    let unreadable = tell(&api, &nameless, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(unreadable.status, 400);
}

#[tokio::test]
async fn what_nobody_asked_for_and_what_has_no_text_is_kept() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let answer = tell(&api, &form(SID, "hello?"), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 200);
    let id = api.send(&john, "hello").await;
    api.take(id).await;
    let picture = tell(&api, &form(OTHER_SID, ""), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(picture.status, 200);
    let list = api.get("/conversations", &john).await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["counterpart"], ANNA);
    assert_eq!(list[0]["unread"], 1);
    assert_eq!(list[0]["last_message"]["content"], json!(null));
    assert_eq!(list[0]["last_message"]["direction"], "inbound");
}

async fn write(api: &TestApi, number: u32, body: &str) {
    api.clock.advance(Duration::from_secs(1));
    let sid = format!("SM{number:032x}");
    let answer = tell(api, &form(&sid, body), SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 200);
}

async fn send(api: &TestApi, user: &TestUser, key: &str) -> Answer {
    let text = json!({"recipient": ANNA, "content": "hello"}).to_string();
    let mut asked = request(Method::POST, "/messages", Some(user), text);
    let headers = asked.headers_mut();
    headers.insert("idempotency-key", key.parse().unwrap());
    api.call(asked).await
}

#[tokio::test]
async fn after_stop_nothing_is_sent_until_start() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let earlier = api.send(&john, "earlier").await;
    api.take(earlier).await;
    let first = send(&api, &john, "first").await.json();
    write(&api, 1, " Stop\n").await;
    let path = format!("/messages/{}/{}", john.hash, first["id"].as_str().unwrap());
    let failed = api.get(&path, &john).await.json();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["error_code"], "recipient_opted_out");
    assert!(failed["error_message"].as_str().unwrap().contains("START"));

    let refused = send(&api, &john, "second").await;
    assert_eq!(refused.problem(409), [] as [&str; 0]);
    let kind = refused.json()["type"].as_str().unwrap().to_owned();
    assert!(kind.ends_with("recipient-opted-out"), "{kind}");
    let repeated = send(&api, &john, "first").await;
    assert_eq!(repeated.json()["id"], first["id"], "it was accepted before");
    let list = api.get("/conversations", &john).await.json();
    assert_eq!(list[0]["opted_out"], true);
    assert_eq!(list[0]["last_message"]["content"], " Stop\n");

    write(&api, 2, "start").await;
    assert_eq!(send(&api, &john, "third").await.status, 200);
    let list = api.get("/conversations", &john).await.json();
    assert_eq!(list[0]["opted_out"], false);
    // The provider may tell of the STOP again, late.
    write(&api, 1, " Stop\n").await;
    assert_eq!(send(&api, &john, "fourth").await.status, 200);
}

#[tokio::test]
async fn an_opt_out_is_named_by_dry_runs_and_batches() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    write(&api, 1, "UNSUBSCRIBE").await;
    let text = json!({"recipient": ANNA, "content": "hello"});
    let told = api.post("/messages?dry_run=true", Some(&john), &text).await;
    let told = told.json();
    assert_eq!(told["acceptable"], false);
    assert_eq!(told["limits"][0]["code"], "recipient-opted-out");
    let both = json!({"recipients": [ANNA, "+14155550199"], "content": "hello"});
    let batch = api.post("/messages/batch", Some(&john), &both).await.json();
    assert_eq!(
        (&batch["accepted"], &batch["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(batch["results"][0]["status"], 409);
}

#[tokio::test]
async fn a_number_with_two_forms_is_one_number_whichever_is_told() {
    for (short, told, written) in [
        ("+525512345678", "+5215512345678", "+52 1 55 1234 5678"),
        ("+541112345678", "+5491112345678", "+54 9 11 1234-5678"),
    ] {
        has_one_conversation(short, told, written).await;
    }
}

async fn has_one_conversation(short: &str, told: &str, written: &str) {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let text = json!({"recipient": short, "content": "hello"});
    let sent = api.post("/messages", Some(&john), &text).await;
    api.take(sent.json()["id"].as_str().unwrap().parse().unwrap())
        .await;

    let mut stop = form(SID, "STOP");
    stop.retain(|(name, _)| *name != "From");
    stop.push(("From", told));
    assert_eq!(tell(&api, &stop, SIMULATOR_AUTH_TOKEN).await.status, 200);

    let conversations = api.get("/conversations", &john).await.json();
    assert_eq!(conversations[0]["counterpart"], short);
    assert_eq!(conversations[0]["unread"], 1);
    assert_eq!(conversations[0]["opted_out"], true);
    let again = json!({"recipient": written, "content": "hello"});
    for text in [text, again] {
        let refused = api.post("/messages", Some(&john), &text).await;
        assert_eq!(refused.status, 409);
    }
}

#[tokio::test]
async fn the_providers_own_word_about_a_text_counts() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let mut custom = form(SID, "NO MORE");
    custom.push(("OptOutType", "STOP"));
    tell(&api, &custom, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(send(&api, &john, "first").await.status, 409);
    api.clock.advance(Duration::from_secs(1));
    let mut help = form(OTHER_SID, "START");
    help.push(("OptOutType", "HELP"));
    tell(&api, &help, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(send(&api, &john, "second").await.status, 409);
}

#[tokio::test]
async fn a_process_that_has_not_looked_yet_asks() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    write(&api, 1, "STOP").await;
    let started = api.beside();
    assert_eq!(send(&started, &john, "first").await.status, 409);
    write(&api, 2, "START").await;
    assert_eq!(send(&started, &john, "second").await.status, 200);
}

#[tokio::test]
async fn another_process_refuses_from_its_next_look_on() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let other = api.beside();
    other.state.opt_outs.look(api.clock.now()).await.unwrap();
    write(&api, 1, "STOP").await;
    assert_eq!(other.get("/conversations", &john).await.json(), json!([]));
    other.state.opt_outs.look(api.clock.now()).await.unwrap();
    assert_eq!(send(&other, &john, "first").await.status, 409);
    write(&api, 2, "START").await;
    assert_eq!(send(&other, &john, "second").await.status, 200);
}

/// To whom a text to a number goes, if its sender has this owner and this rule.
async fn assigned(
    api: &TestApi,
    owner: Option<&TestUser>,
    inbound: InboundRule,
    number: u32,
) -> UserId {
    let sender = Sender {
        owner: owner.map(|owner| owner.id),
        inbound,
        ..api.sender("+14155552672")
    };
    api.register(&[sender]).await;
    let sid = format!("SM{number:032x}");
    let mut form = form(&sid, "hello");
    form.retain(|(name, _)| *name != "To");
    form.push(("To", "+14155552672"));
    let answer = tell(api, &form, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 200);
    let sid = ProviderId::parse(&sid).unwrap();
    let owners = api.stores.ledger.owners(&[sid]).await.unwrap();
    let message = api.stores.ledger.read(&[owners[0].id]).await.unwrap();
    message[0].owner
}

#[tokio::test]
async fn a_text_goes_to_whom_the_rule_of_its_sender_says() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.register(&[api.sender("+14155552672")]).await;
    let body = json!({"recipient": ANNA, "content": "hello", "from": "+14155552672"});
    let sent = api.post("/messages", Some(&john), &body).await.json();
    api.take(sent["id"].as_str().unwrap().parse().unwrap())
        .await;
    for (number, owner, rule, expected) in [
        (1, None, InboundRule::Owner, john.id),
        (2, Some(&jane), InboundRule::Owner, jane.id),
        (3, Some(&jane), InboundRule::Conversation, john.id),
        (4, None, InboundRule::Conversation, john.id),
        (5, Some(&jane), InboundRule::Inbox, UserId::NOBODY),
        (6, None, InboundRule::Inbox, UserId::NOBODY),
    ] {
        let got = assigned(&api, owner, rule, number).await;
        assert_eq!(got, expected, "{number}");
    }
}

#[tokio::test]
async fn a_number_of_a_service_has_the_rule_of_the_service() {
    let api = TestApi::start().await;
    let jane = api.user("jane_doe").await;
    let service = "MG00000000000000000000000000000001";
    let sender = Sender {
        owner: Some(jane.id),
        ..api.sender(service)
    };
    api.register(&[sender]).await;
    let mut form = form(SID, "hello");
    form.retain(|(name, _)| *name != "To");
    form.extend([("To", "+14155559999"), ("MessagingServiceSid", service)]);
    let answer = tell(&api, &form, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 200);
    let list = api.get("/conversations", &jane).await.json();
    assert_eq!(list[0]["counterpart"], ANNA);
}
