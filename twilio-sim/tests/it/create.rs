use jiff::fmt::rfc2822;
use serde_json::{Value, json};
use twilio_sim::{
    Options, Settings, TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, TEST_MESSAGING_SERVICE_SID, TEST_SENDER,
};

use crate::support::{Account, TO, at_once, start};

const GOOD: [(&str, &str); 3] = [("To", TO), ("From", TEST_SENDER), ("Body", "hello")];

/// Creates the good message with one field replaced; an empty value leaves it out.
async fn with(account: &Account, name: &str, value: &str) -> (u16, Value) {
    let mut form: Vec<_> = GOOD
        .into_iter()
        .filter(|(other, _)| *other != name)
        .collect();
    if !value.is_empty() {
        form.push((name, value));
    }
    account.create(&form).await
}

#[tokio::test]
async fn an_accepted_message_is_answered_with_twilios_types() {
    let harness = start(Options::default()).await;
    let (status, message) = harness.account.create(&GOOD).await;
    assert_eq!(status, 201);
    let sid = message["sid"].as_str().unwrap();
    assert!(sid.len() == 34 && sid.starts_with("SM"), "{sid}");
    let uri = format!("/2010-04-01/Accounts/{TEST_ACCOUNT_SID}/Messages/{sid}");
    let date = message["date_created"].as_str().unwrap();
    assert!(date.ends_with(" +0000"), "{date}");
    rfc2822::parse(date).unwrap();
    let expected = json!({
        "account_sid": TEST_ACCOUNT_SID, "api_version": "2010-04-01", "body": "hello",
        "date_created": date, "date_sent": null, "date_updated": date,
        "direction": "outbound-api", "error_code": null, "error_message": null,
        "from": TEST_SENDER, "messaging_service_sid": null, "num_media": "0",
        "num_segments": "1", "price": null, "price_unit": "USD", "sid": sid, "status": "queued",
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": TO, "uri": format!("{uri}.json"),
    });
    assert_eq!(message, expected);
}

#[tokio::test]
async fn fields_are_checked_as_documented() {
    let harness = start(at_once()).await;
    let long = "x".repeat(1601);
    let emoji = "😀".repeat(801);
    let far = format!("https://example.com/{}", "x".repeat(4000));
    let service = "MG00000000000000000000000000000000";
    for (name, value, status, code) in [
        ("To", "", 400, 21604),
        ("To", "4155550100", 400, 21211),
        ("To", "+04155550100", 400, 21211),
        ("To", "+1415555010x", 400, 21211),
        ("To", "+1234567890123456", 400, 21211),
        ("From", "", 400, 21603),
        ("From", "+14155550199", 400, 21606),
        ("Body", "", 400, 21602),
        ("Body", &long, 400, 21617),
        ("Body", &emoji, 400, 21617),
        ("ValidityPeriod", "0", 400, 21624),
        ("ValidityPeriod", "36001", 400, 21624),
        ("ValidityPeriod", "soon", 400, 21624),
        ("StatusCallback", "nowhere", 400, 21609),
        ("StatusCallback", "ftp://example.com/", 400, 21609),
        (
            "StatusCallback",
            "https://under_score.example.com/",
            400,
            21609,
        ),
        ("StatusCallback", &far, 400, 21609),
        ("MessagingServiceSid", "MG1", 400, 21705),
        ("MessagingServiceSid", service, 404, 21701),
    ] {
        let (answered, error) = with(&harness.account, name, value).await;
        let seen = (answered, &error["code"], &error["status"]);
        assert_eq!(
            seen,
            (status, &json!(code), &json!(status)),
            "{name}={value}: {error}"
        );
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        assert_eq!(error["more_info"], more);
        assert!(error["message"].is_string());
    }
    for (name, value) in [
        ("To", "+1234567890"),
        ("Body", &"x".repeat(1600)),
        ("ValidityPeriod", "1"),
        ("ValidityPeriod", "36000"),
        ("StatusCallback", "http://localhost:1/status?m=1#rc=0"),
        ("Unheard", "of"),
    ] {
        let (status, answer) = with(&harness.account, name, value).await;
        assert_eq!(status, 201, "{name}={value}: {answer}");
    }
}

#[tokio::test]
async fn magic_numbers_provoke_their_errors() {
    let harness = start(at_once()).await;
    for (name, number, code) in [
        ("From", "+15005550001", 21212),
        ("From", "+15005550007", 21606),
        ("From", "+15005550008", 21611),
        ("To", "+15005550001", 21211),
        ("To", "+15005550002", 21612),
        ("To", "+15005550003", 21408),
        ("To", "+15005550004", 21610),
        ("To", "+15005550009", 21614),
    ] {
        let (status, error) = with(&harness.account, name, number).await;
        assert_eq!(
            (status, &error["code"]),
            (400, &json!(code)),
            "{name}={number}"
        );
    }
    assert_eq!(harness.account.stats().await["accepted"], 0);
}

#[tokio::test]
async fn credentials_and_paths_are_checked() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let url = account.url("/Messages.json");
    let other = url.replace(TEST_ACCOUNT_SID, "AC00000000000000000000000000000000");
    let get = |url: &str| account.http.get(url);
    let authorised = |request: reqwest::RequestBuilder| {
        request.basic_auth(TEST_ACCOUNT_SID, Some(TEST_AUTH_TOKEN))
    };
    for (request, status, code) in [
        (get(&url), 401, 20003),
        (
            get(&url).basic_auth(TEST_ACCOUNT_SID, Some("wrong")),
            401,
            20003,
        ),
        (
            get(&url).basic_auth("AC1", Some(TEST_AUTH_TOKEN)),
            401,
            20003,
        ),
        (authorised(get(&other)), 404, 20404),
        (authorised(get(&account.url("/Messages"))), 404, 20404),
        (
            authorised(get(&account.url("/Messages/SM1.json"))),
            404,
            20404,
        ),
        (authorised(account.http.put(&url)), 405, 20004),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(
            response.headers()["x-twilio-error-code"],
            code.to_string().as_str()
        );
        assert!(
            response.headers()["twilio-request-id"]
                .to_str()
                .unwrap()
                .starts_with("RQ")
        );
        assert_eq!(response.status().as_u16(), status);
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["code"], code);
    }
}

#[tokio::test]
async fn a_message_is_sent_and_delivered_in_its_time() {
    let harness = start(Options::default()).await;
    let message = harness.account.send(TO, "hello", None).await;
    assert_eq!(message["date_sent"], Value::Null);
    let sid = message["sid"].as_str().unwrap();
    let delivered = harness.account.wait_for_status(sid, "delivered").await;
    rfc2822::parse(delivered["date_sent"].as_str().unwrap()).unwrap();
}

#[tokio::test]
async fn a_messaging_service_chooses_its_sender_later() {
    let harness = start(Options::default()).await;
    let service = ("MessagingServiceSid", TEST_MESSAGING_SERVICE_SID);
    let (status, message) = harness
        .account
        .create(&[("To", TO), ("Body", "x"), service])
        .await;
    assert_eq!(status, 201);
    assert_eq!(message["status"], "accepted");
    assert_eq!(message["from"], Value::Null);
    assert_eq!(message["num_segments"], "0");
    assert_eq!(message["messaging_service_sid"], TEST_MESSAGING_SERVICE_SID);
    let sid = message["sid"].as_str().unwrap();
    let delivered = harness.account.wait_for_status(sid, "delivered").await;
    assert_eq!(delivered["from"], TEST_SENDER);
    assert_eq!(delivered["num_segments"], "1");
}

#[tokio::test]
async fn a_trial_account_marks_its_texts_and_refuses_unverified_recipients() {
    let settings = Settings {
        trial: true,
        verified: [TO.to_owned()].into(),
        ..Settings::default()
    };
    let harness = start(Options {
        settings,
        ..Options::default()
    })
    .await;
    let (status, error) = harness.account.try_send("+14155550101").await;
    assert_eq!((status, &error["code"]), (400, &json!(21608)));
    let message = harness.account.send(TO, "hello", None).await;
    assert_eq!(
        message["body"],
        "Sent from your Twilio trial account - hello"
    );
    // The prefix does not count for the limit.
    harness.account.send(TO, &"x".repeat(1600), None).await;
}

#[tokio::test]
async fn a_message_that_waits_longer_than_its_validity_fails() {
    let harness = start(Options::default()).await;
    harness.account.settings(json!({"step_ms": 2000})).await;
    let (_, message) = with(&harness.account, "ValidityPeriod", "1").await;
    let sid = message["sid"].as_str().unwrap();
    let failed = harness.account.wait_for_status(sid, "failed").await;
    assert_eq!(failed["error_code"], 30036);
    assert_eq!(failed["date_sent"], Value::Null);
}
