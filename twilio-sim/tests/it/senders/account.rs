use serde_json::{Value, json};
use twilio_sim::{
    Options, SenderKind, SenderState, TEST_MESSAGING_SERVICE_SID, TEST_SENDER, Terms,
};

use super::{ABROAD, LONG_CODE, send};
use crate::support::{Account, TO, at_once, start};

const OTHER_SERVICE: &str = "MG00000000000000000000000000000001";

async fn senders(account: &Account) -> Vec<SenderState> {
    let (_, states) = account.control("GET", "/senders", Value::Null).await;
    serde_json::from_value(states).unwrap()
}

#[tokio::test]
async fn senders_come_change_and_go() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    let addresses: Vec<_> = (senders(account).await.into_iter())
        .map(|sender| (sender.address, sender.kind, sender.terms))
        .collect();
    let at_first = [
        (TEST_SENDER, SenderKind::Number),
        (TEST_MESSAGING_SERVICE_SID, SenderKind::Service),
    ];
    let at_first = at_first.map(|(address, kind)| (address.to_owned(), kind, Terms::default()));
    assert_eq!(addresses, at_first);
    let (status, refusal) = send(account, "Shop & Co", 1, &[]).await;
    assert_eq!((status, &refusal["code"]), (400, &json!(21606)));

    let state = account
        .sender("Shop & Co", json!({"segments_per_second": 0.2}))
        .await;
    assert_eq!(
        (&state["address"], &state["kind"]),
        (&json!("Shop & Co"), &json!("name"))
    );
    assert_eq!(send(account, "Shop & Co", 1, &[]).await.0, 201);
    let state = account
        .sender("Shop & Co", json!({"segments_per_day": 9}))
        .await;
    // What is left out is as it is without any terms.
    let terms = Terms {
        segments_per_day: Some(9),
        ..Terms::default()
    };
    assert_eq!(state["terms"], serde_json::to_value(terms).unwrap());
    assert_eq!(state, account.sender_state("Shop & Co").await);
    assert_eq!(
        (&state["accepted"], &state["day_segments"]),
        (&json!(1), &json!(1))
    );

    for status in [204, 404] {
        let gone = account.control("DELETE", "/senders/Shop%20&%20Co", Value::Null);
        assert_eq!(gone.await.0, status);
    }
    assert_eq!(send(account, "Shop & Co", 1, &[]).await.1["code"], 21606);
    assert_eq!(senders(account).await.len(), 2);
}

#[tokio::test]
async fn terms_that_make_no_sense_change_nothing() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    for (address, terms) in [
        ("12", json!({})),
        ("A-much-too-long-name", json!({})),
        (TEST_SENDER, json!({"segments_per_second": 0})),
        (TEST_SENDER, json!({"segments_per_second": -1})),
        (TEST_SENDER, json!({"segments_per_minute": 1})),
        (TEST_SENDER, json!({"over_rate": "21611"})),
        (TEST_SENDER, json!({"queue_segments": -1})),
        (TEST_SENDER, json!({"number": LONG_CODE})),
    ] {
        let path = format!("/senders/{address}");
        let (status, answer) = account.control("PUT", &path, terms.clone()).await;
        assert!(
            (400..500).contains(&status),
            "{address} {terms}: {status} {answer}"
        );
    }
    let states = senders(account).await;
    assert_eq!(states.len(), 2);
    assert!(states.iter().all(|state| state.terms == Terms::default()));
}

#[tokio::test]
async fn each_kind_sends_and_names_do_not_reach_north_america() {
    let senders = [TEST_SENDER, "72345", "My Shop"].map(str::to_owned);
    let options = Options {
        senders: senders.to_vec(),
        ..at_once()
    };
    let harness = start(options).await;
    for (from, to, code) in [
        (TEST_SENDER, TO, None),
        ("72345", TO, None),
        ("My Shop", ABROAD, None),
        ("My Shop", TO, Some(21612)),
        ("72346", TO, Some(21606)),
        ("Your Shop", ABROAD, Some(21606)),
        (TEST_MESSAGING_SERVICE_SID, TO, Some(21606)),
    ] {
        let form = [("To", to), ("From", from), ("Body", "hello")];
        let (status, answer) = harness.account.create(&form).await;
        match code {
            None => assert_eq!((status, &answer["from"]), (201, &json!(from))),
            Some(code) => assert_eq!((status, &answer["code"]), (400, &json!(code)), "{from}"),
        }
    }
}

#[tokio::test]
async fn a_service_sends_from_its_number() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    account.sender(LONG_CODE, json!({})).await;
    let (status, refusal) = send(account, OTHER_SERVICE, 1, &[]).await;
    assert_eq!((status, &refusal["code"]), (404, &json!(21701)));
    account
        .sender(OTHER_SERVICE, json!({"number": LONG_CODE}))
        .await;
    for (service, number) in [
        (TEST_MESSAGING_SERVICE_SID, TEST_SENDER),
        (OTHER_SERVICE, LONG_CODE),
    ] {
        let (_, message) = send(account, service, 1, &[]).await;
        let sid = message["sid"].as_str().unwrap();
        let delivered = account.wait_for_status(sid, "delivered").await;
        assert_eq!(
            (&delivered["messaging_service_sid"], &delivered["from"]),
            (&json!(service), &json!(number))
        );
    }

    // An opt-out holds for the service that the number sends for, and for no other.
    let stop = json!({"from": ABROAD, "to": LONG_CODE, "body": "STOP"});
    assert_eq!(account.control("POST", "/inbound", stop).await.0, 201);
    assert_eq!(send(account, OTHER_SERVICE, 1, &[]).await.1["code"], 21610);
    assert_eq!(send(account, LONG_CODE, 1, &[]).await.1["code"], 21610);
    assert_eq!(
        send(account, TEST_MESSAGING_SERVICE_SID, 1, &[]).await.0,
        201
    );

    let path = format!("/senders/{LONG_CODE}");
    assert_eq!(account.control("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(send(account, OTHER_SERVICE, 1, &[]).await.1["code"], 21703);
}

#[tokio::test]
async fn phones_see_who_wrote_and_answer_whoever_can_be_answered() {
    let harness = start(at_once()).await;
    let account = &harness.account;
    for address in ["Shop", "72345", LONG_CODE] {
        account.sender(address, json!({})).await;
    }
    for from in [TEST_MESSAGING_SERVICE_SID, "72345", "Shop"] {
        assert_eq!(send(account, from, 1, &[]).await.0, 201);
    }
    let phone = account.phone(ABROAD).await;
    let texts = phone["texts"].as_array().unwrap().iter();
    let seen: Vec<_> = texts
        .map(|text| (&text["with"], &text["service"]))
        .collect();
    let expected = [
        (json!(TEST_SENDER), json!(TEST_MESSAGING_SERVICE_SID)),
        (json!("72345"), Value::Null),
        (json!("Shop"), Value::Null),
    ];
    assert_eq!(
        seen,
        expected.each_ref().map(|(with, service)| (with, service))
    );
    let (_, list) = account.control("GET", "/phones", Value::Null).await;
    assert_eq!(
        list["senders"],
        json!([TEST_SENDER, "Shop", "72345", LONG_CODE])
    );

    // The last that can be answered.
    assert_eq!(account.write(ABROAD, "hello").await["to"], "72345");
    for (to, status) in [
        ("72345", 201),
        (LONG_CODE, 201),
        ("Shop", 400),
        (TEST_MESSAGING_SERVICE_SID, 400),
        ("72346", 400),
    ] {
        let text = json!({"from": ABROAD, "to": to, "body": "hello"});
        let (answered, answer) = account.control("POST", "/inbound", text).await;
        assert_eq!(answered, status, "{to}: {answer}");
        assert!(status != 201 || answer["to"] == to, "{answer}");
    }
}
