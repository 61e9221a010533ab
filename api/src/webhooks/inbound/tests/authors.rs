//! Who writes, and from what.

use std::time::Duration;

use http::Method;
use mysms_core::clock::Clock;
use mysms_core::domain::{InboundRule, Sender, Username};
use runtime::config::{InboxConfig, SIMULATOR_AUTH_TOKEN};
use serde_json::{Value, json};

use super::{ANNA, form, tell};
use crate::testing::{TestApi, TestUser, request};

const OURS: &str = "+15005550006";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

/// A text as the provider tells it: from whom, to which address of ours, and what it says.
async fn write(api: &TestApi, number: u32, (from, to, body): (&str, &str, &str)) {
    write_with(api, number, (from, to, body), &[]).await;
}

async fn write_with(
    api: &TestApi,
    number: u32,
    (from, to, body): (&str, &str, &str),
    more: &[(&'static str, &str)],
) {
    api.clock.advance(Duration::from_secs(1));
    let sid = format!("SM{number:032x}");
    let mut form = form(&sid, body);
    form.retain(|(name, _)| !["From", "To"].contains(name));
    form.extend([("From", from), ("To", to)]);
    form.extend(more);
    let answer = tell(api, &form, SIMULATOR_AUTH_TOKEN).await;
    assert_eq!(answer.status, 200, "{from:?}");
}

/// Whatever is written to our number is John's.
async fn johns() -> (TestApi, TestUser) {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let ours = Sender {
        owner: Some(john.id),
        inbound: InboundRule::Owner,
        ..api.sender(OURS)
    };
    api.register(&[ours]).await;
    (api, john)
}

fn path(counterpart: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(counterpart.as_bytes()).collect();
    format!("/conversations/{}", encoded.replace('+', "%20"))
}

async fn list(api: &TestApi, user: &TestUser) -> Vec<Value> {
    let list = api.get("/conversations", user).await.json();
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn whoever_writes_has_a_conversation_that_is_read_and_marked() {
    let (api, john) = johns().await;
    let rubbish = "7".repeat(200);
    let authors = [
        ("+14155550123", "+14155550123", true),
        ("384387", "384387", false),
        ("PARCELBOX", "PARCELBOX", false),
        ("Bank Info", "Bank Info", false),
        ("14155550123", "14155550123", false),
        ("030 1234567", "030 1234567", false),
        ("5550123", "5550123", false),
        ("anonymous", "anonymous", false),
        ("whatsapp:+14155550123", "whatsapp:+14155550123", false),
        ("rcs:+14155550123", "rcs:+14155550123", false),
        (
            "messenger:2345678901234567",
            "messenger:2345678901234567",
            false,
        ),
        ("A/B", "A/B", false),
        ("", "unknown", false),
        ("A\u{0}B", "A\u{fffd}B", false),
        (&rubbish, &rubbish[..100], false),
    ];
    for (number, (from, shown, answerable)) in (1..).zip(authors) {
        write(&api, number, (from, OURS, "Hello")).await;
        let list = list(&api, &john).await;
        let brief = ["counterpart", "answerable", "unread"].map(|name| list[0][name].clone());
        assert_eq!(brief, [json!(shown), json!(answerable), json!(1)]);
        assert_eq!(list[0]["last_message"]["counterpart"], shown);

        let thread = api.get(&path(shown), &john).await;
        assert_eq!(thread.json()[0]["content"], "Hello", "{shown}");
        let read = format!("{}/read", path(shown));
        let read = request(Method::PUT, &read, Some(&john), "");
        assert_eq!(api.call(read).await.status, 204);
        assert_eq!(self::list(&api, &john).await[0]["unread"], 0);
    }
    assert_eq!(list(&api, &john).await.len(), authors.len());
    let mut asked = request(Method::GET, &path("PARCELBOX"), Some(&john), "");
    let csv = "text/csv".parse().unwrap();
    asked.headers_mut().insert("accept", csv);
    let table = api.call(asked).await;
    assert!(table.text().contains(",inbound,PARCELBOX,"));
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_the_reason() {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    for (recipient, reason) in [
        ("384387", "a short code"),
        ("PARCELBOX", "a name"),
        ("whatsapp:+14155550123", "other channels"),
        ("14155550123", "has to begin with +"),
    ] {
        let text = json!({"recipient": recipient, "content": "hello"});
        let refused = api.post("/messages", Some(&john), &text).await;
        assert_eq!(refused.problem(400), ["recipient"], "{recipient}");
        assert!(refused.text().contains(reason), "{}", refused.text());
        let both = json!({"recipients": [recipient, ANNA], "content": "hello"});
        let batch = api.post("/messages/batch", Some(&john), &both).await.json();
        assert_eq!(batch["results"][0]["status"], 400, "{batch}");
    }
}

/// Otherwise it would be kept for somebody who is deleted for good, and nobody would see it.
#[tokio::test]
async fn what_is_written_to_a_sender_whose_owner_has_left_is_nobodys() {
    let (api, john) = johns().await;
    let jane = api.user("jane_doe").await;
    api.let_see_inbox(jane.id, true).await;
    let unassigned = async || {
        let list = api.get("/inbox/unassigned", &jane).await.json();
        list.as_array().map(Vec::len)
    };
    write(&api, 1, (ANNA, OURS, "to john")).await;
    assert_eq!(unassigned().await, Some(0));
    let accounts = &api.state.stores.accounts;
    let known = accounts.by_id(john.id).await.unwrap().unwrap();
    let closed = accounts.close_account(john.id, &known.password_hash, api.clock.now());
    assert!(closed.await.unwrap());
    write(&api, 2, ("+14155550124", OURS, "to nobody")).await;
    assert_eq!(unassigned().await, Some(1));
}

/// A STOP from elsewhere than a number is noted for whoever said it, and a number that it tells gets no more.
#[tokio::test]
async fn a_stop_counts_wherever_it_comes_from() {
    let (api, john) = johns().await;
    let send = async || {
        let text = json!({"recipient": ANNA, "content": "hello"});
        api.post("/messages", Some(&john), &text).await.status
    };
    let (whatsapp, rcs) = (format!("whatsapp:{ANNA}"), format!("rcs:{ANNA}"));
    let ours_there = format!("whatsapp:{OURS}");
    write(&api, 1, ("384387", OURS, "STOP")).await;
    assert_eq!(list(&api, &john).await[0]["opted_out"], true);
    assert_eq!(send().await, 200, "that was somebody else");

    write(&api, 2, (&whatsapp, &ours_there, "Stop")).await;
    assert_eq!(list(&api, &john).await[0]["counterpart"], whatsapp);
    assert_eq!(send().await, 409);
    write(&api, 3, (&whatsapp, &ours_there, "START")).await;
    assert_eq!(send().await, 409, "they said so of WhatsApp alone");
    write(&api, 4, (ANNA, OURS, "START")).await;
    assert_eq!(send().await, 200);

    write(&api, 5, (&rcs, OURS, "STOP")).await;
    assert_eq!(send().await, 409);
    write(&api, 6, (&rcs, OURS, "START")).await;
    assert_eq!(send().await, 200);
}

#[tokio::test]
async fn what_would_be_nobodys_goes_to_the_user_whom_the_operator_names() {
    let default_user = Username::parse("front_desk").ok();
    let api = TestApi::with(|settings| settings.inbox = InboxConfig { default_user }).await;
    let john = api.user("john_doe").await;
    api.let_see_inbox(john.id, true).await;
    let unassigned = async || {
        let list = api.get("/inbox/unassigned", &john).await.json();
        list.as_array().unwrap().len()
    };
    write(&api, 1, (ANNA, OURS, "Is anybody there?")).await;
    assert_eq!(unassigned().await, 1, "there is no such user yet");
    let desk = api.user("Front_Desk").await;
    write(&api, 2, (ANNA, OURS, "Hello?")).await;
    write(&api, 3, ("PARCELBOX", OURS, "STOP")).await;
    assert_eq!(unassigned().await, 1);
    let desks = list(&api, &desk).await;
    assert_eq!(desks.len(), 2);
    assert_eq!(desks[1]["last_message"]["content"], "Hello?");
}

/// The provider may deliver a text of a service by RCS, and tell of the answer from there.
#[tokio::test]
async fn an_answer_in_another_channel_finds_whoever_wrote_to_its_number() {
    let api = TestApi::start().await;
    let (john, jane) = (api.user("john_doe").await, api.user("jane_doe").await);
    api.register(&[api.sender(SERVICE)]).await;
    let text = json!({"recipient": ANNA, "content": "hello", "from": SERVICE});
    let sent = api.post("/messages", Some(&john), &text).await.json();
    api.take(sent["id"].as_str().unwrap().parse().unwrap())
        .await;
    let from = format!("rcs:{ANNA}");
    let service = [("MessagingServiceSid", SERVICE)];
    write_with(&api, 1, (&from, "rcs:parcel_agent", "Hi"), &service).await;
    let list = list(&api, &john).await;
    assert_eq!(list[0]["counterpart"], from);
    assert_eq!(list[0]["last_message"]["sender"], "rcs:parcel_agent");
    assert_eq!(self::list(&api, &jane).await, [] as [Value; 0]);
}
