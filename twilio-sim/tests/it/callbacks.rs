use serde_json::json;
use tokio::net::TcpListener;
use twilio_sim::{Options, TEST_ACCOUNT_SID, TEST_MESSAGING_SERVICE_SID, TEST_SENDER};

use crate::support::{Endpoint, Received, TO, all_callbacks_settled, at_once, start};

#[tokio::test]
async fn statuses_are_called_back_and_signed_for_the_url_without_its_fragment() {
    let (harness, endpoint) = (start(Options::default()).await, Endpoint::start().await);
    let signed = format!("{}/status?message=a%20b&x=", endpoint.base);
    let url = format!("{signed}#rc=5&rp=all");
    let message = harness.account.send(TO, "hello", Some(&url)).await;
    let received = endpoint.wait(2).await;
    assert_eq!(endpoint.statuses(), ["sent", "delivered"]);
    for callback in &received {
        assert_eq!(callback.path, "/status?message=a%20b&x=");
        callback.assert_signed_for(&signed);
        let sid = message["sid"].as_str();
        assert_eq!(callback.param("MessageSid"), sid);
        assert_eq!(callback.param("SmsSid"), sid);
        assert_eq!(callback.param("MessageStatus"), Some(callback.status()));
        assert_eq!(callback.param("AccountSid"), Some(TEST_ACCOUNT_SID));
        assert_eq!(callback.param("From"), Some(TEST_SENDER));
        assert_eq!(callback.param("To"), Some(TO));
        assert_eq!(callback.param("ApiVersion"), Some("2010-04-01"));
        assert_eq!(callback.param("ErrorCode"), None);
        assert_eq!(callback.param("MessagingServiceSid"), None);
    }
    assert_eq!(received[0].param("RawDlrDoneDate"), None);
    assert_eq!(received[1].param("RawDlrDoneDate").unwrap().len(), 10);
    assert_ne!(received[0].token, received[1].token);
    all_callbacks_settled(&harness.account).await;
    assert_eq!(harness.account.stats().await["callbacks_delivered"], 2);
}

#[tokio::test]
async fn a_messaging_service_also_calls_back_queued() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let form = [
        ("To", TO),
        ("Body", "x"),
        ("MessagingServiceSid", TEST_MESSAGING_SERVICE_SID),
        ("StatusCallback", &endpoint.base),
    ];
    assert_eq!(harness.account.create(&form).await.0, 201);
    let received = endpoint.wait(3).await;
    assert_eq!(endpoint.statuses(), ["queued", "sent", "delivered"]);
    let service = received[0].param("MessagingServiceSid");
    assert_eq!(service, Some(TEST_MESSAGING_SERVICE_SID));
}

#[tokio::test]
async fn failures_carry_their_code() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    let outcome = json!({"kind": "outcome", "status": "undelivered", "code": 30003});
    harness.account.fault(json!({"fault": outcome})).await;
    harness.account.send(TO, "x", Some(&endpoint.base)).await;
    let received = endpoint.wait(2).await;
    assert_eq!(endpoint.statuses(), ["sent", "undelivered"]);
    assert_eq!(received[0].param("ErrorCode"), None);
    assert_eq!(received[1].param("ErrorCode"), Some("30003"));
}

#[tokio::test]
async fn an_error_answer_is_repeated_only_where_the_url_says_so() {
    let (harness, endpoint) = (start(at_once()).await, Endpoint::start().await);
    endpoint.answer(&[500]);
    harness.account.send(TO, "x", Some(&endpoint.base)).await;
    endpoint.wait(2).await;
    assert_eq!(endpoint.statuses(), ["sent", "delivered"]);
    all_callbacks_settled(&harness.account).await;
    let stats = harness.account.stats().await;
    assert_eq!(
        (&stats["callbacks_delivered"], &stats["callbacks_failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(harness.account.ledger(TO).await[0]["reported"], true);

    endpoint.answer(&[500, 403, 500]);
    let url = format!("{}/again#rc=2&rp=5xx,4xx", endpoint.base);
    harness.account.send(TO, "x", Some(&url)).await;
    let received = endpoint.wait(6).await.split_off(2);
    let statuses: Vec<_> = received.iter().map(Received::status).collect();
    assert_eq!(statuses, ["sent", "sent", "sent", "delivered"]);
    assert!(
        received[..3]
            .iter()
            .all(|callback| callback.token == received[0].token)
    );
    assert!(
        received[..3]
            .iter()
            .all(|callback| callback.signature == received[0].signature)
    );
    assert_ne!(received[3].token, received[0].token);
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_its_callbacks_when_it_is_back() {
    let harness = start(at_once()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let default = format!("http://{address}/default");
    harness.account.send(TO, "x", Some(&default)).await;
    all_callbacks_settled(&harness.account).await;
    assert_eq!(harness.account.stats().await["callbacks_failed"], 2);

    let patient = format!("http://{address}/patient#rc=5");
    harness.account.send(TO, "y", Some(&patient)).await;
    let endpoint = Endpoint::on(TcpListener::bind(address).await.unwrap());
    endpoint.wait(2).await;
    assert_eq!(endpoint.statuses(), ["sent", "delivered"]);
}
