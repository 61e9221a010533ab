use serde_json::{Value, json};
use tokio::net::TcpListener;
use twilio_sim::{Options, TEST_ACCOUNT_SID, TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use crate::support::{Account, Endpoint, TO, all_callbacks_settled, at_once, start};

/// Sends through the Messaging Service.
async fn serve(account: &Account, to: &str) {
    let form = [
        ("To", to),
        ("Body", "hello"),
        ("MessagingServiceSid", TEST_MESSAGING_SERVICE_SID),
    ];
    assert_eq!(account.create(&form).await.0, 201);
}

#[tokio::test]
async fn a_text_from_a_handset_is_a_message_and_is_posted_signed() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    let signed = format!("{}/inbound?a=%20b", endpoint.base);
    account.deliver_to(&format!("{signed}#rc=5&rp=all")).await;
    let message = account.write(TO, "Größe & 1 + 1").await;
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["status"], "received");
    assert_eq!(
        (&message["from"], &message["to"]),
        (&json!(TO), &json!(TEST_SENDER))
    );
    let sid = message["sid"].as_str().unwrap();
    assert_eq!(account.fetch(sid).await.1, message);

    let posted = endpoint.wait(1).await.remove(0);
    assert_eq!(posted.path, "/inbound?a=%20b");
    posted.assert_signed_for(&signed);
    let mut params = posted.params.clone();
    params.sort();
    let expected = [
        ("AccountSid", TEST_ACCOUNT_SID),
        ("ApiVersion", "2010-04-01"),
        ("Body", "Größe & 1 + 1"),
        ("From", TO),
        ("MessageSid", sid),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsMessageSid", sid),
        ("SmsSid", sid),
        ("SmsStatus", "received"),
        ("To", TEST_SENDER),
    ];
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    assert_eq!(params, expected.map(pair));
}

#[tokio::test]
async fn without_a_url_a_text_is_only_kept() {
    let harness = start(at_once()).await;
    harness.account.write(TO, "").await;
    assert_eq!(harness.account.stats().await["callbacks_pending"], 0);
    let (_, listed) = harness.account.list("From=%2B14155550100").await;
    assert_eq!(listed["messages"][0]["body"], "");
}

#[tokio::test]
async fn an_error_answer_is_repeated_as_the_url_says() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account
        .deliver_to(&format!("{}#rc=5&rp=all", endpoint.base))
        .await;
    endpoint.answer(&[503, 503]);
    account.write(TO, "again").await;
    let posted = endpoint.wait(3).await;
    all_callbacks_settled(account).await;
    assert_eq!(endpoint.received().len(), 3);
    for repetition in &posted[1..] {
        assert_eq!(repetition.params, posted[0].params);
        assert_eq!(repetition.token, posted[0].token);
    }
    assert_eq!(account.phone(TO).await["texts"][0]["told"], "taken");

    account.deliver_to(&endpoint.base).await;
    endpoint.answer(&[503]);
    account.write(TO, "once").await;
    all_callbacks_settled(account).await;
    assert_eq!(endpoint.received().len(), 4);
    assert_eq!(account.phone(TO).await["texts"][1]["told"], "refused");
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_the_text_when_it_is_back() {
    let harness = start(at_once()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    harness
        .account
        .deliver_to(&format!("http://{address}/inbound#rc=5"))
        .await;
    harness.account.write(TO, "patience").await;
    let endpoint = Endpoint::on(TcpListener::bind(address).await.unwrap());
    assert_eq!(endpoint.wait(1).await[0].param("Body"), Some("patience"));
}

#[tokio::test]
async fn it_goes_to_the_number_that_wrote_last() {
    let options = Options {
        senders: vec![TEST_SENDER.to_owned(), "+15005550010".to_owned()],
        ..at_once()
    };
    let harness = start(options).await;
    let account = &harness.account;
    assert_eq!(account.write(TO, "first").await["to"], TEST_SENDER);
    account
        .create(&[("To", TO), ("From", "+15005550010"), ("Body", "x")])
        .await;
    assert_eq!(account.write(TO, "second").await["to"], "+15005550010");
    let chosen = json!({"from": TO, "to": TEST_SENDER, "body": "third"});
    let (_, third) = account.control("POST", "/inbound", chosen).await;
    assert_eq!(third["to"], TEST_SENDER);
}

#[tokio::test]
async fn the_service_is_named_to_those_who_know_the_number_from_it() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account.deliver_to(&endpoint.base).await;
    serve(account, TO).await;
    account.write(TO, "stop").await;
    account.write("+14155550101", "stop").await;
    let posted = endpoint.wait(2).await;
    let service = |index: usize| posted[index].param("MessagingServiceSid");
    assert_eq!(
        (service(0), service(1)),
        (Some(TEST_MESSAGING_SERVICE_SID), None)
    );
    assert_eq!(posted[0].param("OptOutType"), None);

    account.settings(json!({"advanced_opt_out": true})).await;
    account.write(TO, "unstop").await;
    account.write(TO, "hello").await;
    account.write("+14155550101", "start").await;
    let posted = endpoint.wait(5).await;
    let kind = |body| {
        let posted = posted.iter().find(|text| text.param("Body") == Some(body));
        posted.unwrap().param("OptOutType")
    };
    assert_eq!(
        (kind("unstop"), kind("hello"), kind("start")),
        (Some("START"), None, None)
    );
}

#[tokio::test]
async fn a_plain_text_answer_is_texted_and_an_empty_response_is_not() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account.deliver_to(&endpoint.base).await;
    let empty = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
    for (content_type, answer) in [
        ("text/xml", empty),
        ("text/xml", "<Response><Message>no</Message></Response>"),
        ("application/json", "{}"),
        ("text/plain; charset=utf-8", "OK"),
    ] {
        endpoint.say(content_type, answer);
        account.write(TO, answer).await;
        all_callbacks_settled(account).await;
    }
    let texts = account.phone(TO).await["texts"].clone();
    let received: Vec<_> = texts
        .as_array()
        .unwrap()
        .iter()
        .filter(|text| text["own"] == false)
        .collect();
    assert_eq!(received.len(), 1, "{texts}");
    assert_eq!(received[0]["body"], "OK");
    let reply = received[0]["sid"].as_str().unwrap();
    let reply = account.fetch(reply).await.1;
    assert_eq!(reply["direction"], "outbound-reply");

    account.write(TO, "STOP").await;
    all_callbacks_settled(account).await;
    let (_, listed) = account.list("To=%2B14155550100").await;
    assert_eq!(listed["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_text_that_makes_no_sense_is_refused() {
    let harness = start(at_once()).await;
    for text in [
        json!({"from": " ", "body": "x"}),
        json!({"from": TO, "to": "+15005550010", "body": "x"}),
        json!({"from": TO, "body": "x".repeat(1601)}),
        json!({"from": TO, "text": "x"}),
        json!({"body": "x"}),
    ] {
        let (status, answer) = harness
            .account
            .control("POST", "/inbound", text.clone())
            .await;
        assert!((400..500).contains(&status), "{text}: {status} {answer}");
    }
    assert_eq!(
        harness
            .account
            .control("GET", "/messages", Value::Null)
            .await
            .1,
        json!([])
    );
}

#[tokio::test]
async fn faults_double_lose_and_delay_it() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let account = &harness.account;
    account.deliver_to(&endpoint.base).await;
    let only_texts = json!({"kind": "callback_doubled", "status": "received"});
    account
        .fault(json!({"fault": only_texts, "times": 1}))
        .await;
    account.send(TO, "not doubled", Some(&endpoint.base)).await;
    all_callbacks_settled(account).await;
    assert_eq!(endpoint.statuses(), ["sent", "delivered"]);
    account.write(TO, "doubled").await;
    all_callbacks_settled(account).await;
    let posted = endpoint.received().split_off(2);
    let sids: Vec<_> = posted.iter().map(|text| text.param("MessageSid")).collect();
    assert_eq!(sids.len(), 2);
    assert_eq!(sids[0], sids[1]);

    account
        .fault(json!({"fault": {"kind": "callback_lost"}, "times": 1}))
        .await;
    account.write(TO, "lost").await;
    let late = json!({"kind": "callback_late", "ms": 600_000});
    account.fault(json!({"fault": late, "times": 1})).await;
    account.write(TO, "late").await;
    assert_eq!(account.stats().await["callbacks_pending"], 1);
    assert_eq!(endpoint.received().len(), 4);
}
