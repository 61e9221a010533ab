//! What becomes of a request to send when things go wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::{
    Body, Media, MediaUrl, Medium, MessageId, ProviderStatus, SenderAddress, Timestamp,
};
use mysms_core::provider::{NotSentReason, OutgoingText, Provider, StartDeadline, Verdict};
use tokio::time::Instant;
use twilio::Twilio;
use url::Url;

use super::server::{
    ACCOUNT, Act, FROM, SID, Server, TO, answer, answer_with, client, client_with, nobody, phone,
};

/// Short, because the test waits for it.
const SHORT: Duration = Duration::from_secs(2);

const TEXT: &str = "Grüße & 100 % + 😀";

fn deadline() -> StartDeadline {
    let started = SystemClock.now();
    let clock = Arc::new(SystemClock);
    StartDeadline::new(Duration::from_mins(1), Instant::now(), started, clock)
}

fn message() -> MessageId {
    MessageId::from_uuid(uuid::Uuid::from_u128(1))
}

async fn create(client: &Twilio) -> Verdict {
    create_before(client, deadline()).await
}

async fn create_before(client: &Twilio, deadline: StartDeadline) -> Verdict {
    let text = OutgoingText {
        message: message(),
        from: &SenderAddress::known(FROM),
        to: &phone(TO),
        body: &Body::parse(TEXT.to_owned()).unwrap(),
        media: &Media::default(),
        validity: Duration::from_hours(4),
    };
    client.send(&text, deadline).await
}

fn created() -> Act {
    answer(201, &format!(r#"{{"sid":"{SID}","status":"queued"}}"#))
}

fn is_unknown(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unknown { .. })
}

fn is_unreachable(verdict: &Verdict) -> bool {
    let reason = NotSentReason::Unreachable;
    *verdict == Verdict::NotSent { reason }
}

fn is_late(verdict: &Verdict) -> bool {
    let reason = NotSentReason::DeadlinePassed;
    *verdict == Verdict::NotSent { reason }
}

#[tokio::test]
async fn a_request_says_everything_and_has_a_known_length() {
    let server = Server::start([created()]);
    let Verdict::Accepted(taken) = create(&client(&server.url)).await else {
        panic!("not accepted");
    };
    assert_eq!(taken.sid.as_str(), SID);
    assert_eq!(taken.status, ProviderStatus::ACCEPTED);

    let request = server.next();
    let path = format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1");
    assert_eq!(request.head.lines().next(), Some(path.as_str()));
    // `printf SK1:key | base64`
    assert_eq!(request.header("authorization"), Some("Basic U0sxOmtleQ=="));
    let form_type = Some("application/x-www-form-urlencoded");
    assert_eq!(request.header("content-type"), form_type);
    assert_eq!(request.header("transfer-encoding"), None);
    let form = [
        ("To", TO),
        ("From", FROM),
        ("Body", TEXT),
        ("ValidityPeriod", "14400"),
        (
            "StatusCallback",
            "https://sms.example.com/webhooks/twilio/status?message=00000000-0000-0000-0000-000000000001#rc=5&rp=all",
        ),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.form(), form);
    server.assert_no_more();
}

#[tokio::test]
async fn files_go_by_their_addresses_with_a_text_or_alone() {
    let addresses = ["https://example.com/a.jpg?x=1&y=2", "https://example.com/b"];
    let media = addresses.map(|url| Medium::at(MediaUrl::fetchable(url).unwrap()));
    for (body, said) in [
        (Body::parse("hi".to_owned()).unwrap(), vec!["hi"]),
        (Body::empty(), vec![]),
    ] {
        let server = Server::start([created()]);
        let text = OutgoingText {
            message: message(),
            from: &SenderAddress::known(FROM),
            to: &phone(TO),
            body: &body,
            media: &Media::first_of(media.clone()),
            validity: Duration::from_hours(4),
        };
        client(&server.url).send(&text, deadline()).await;
        let form = server.next().form();
        let values = |name: &str| -> Vec<String> {
            let named = form.iter().filter(|(key, _)| key == name);
            named.map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(values("MediaUrl"), addresses);
        assert_eq!(values("Body"), said);
    }
}

#[tokio::test]
async fn each_kind_of_sender_is_named_in_its_way_and_the_validity_is_kept_in_bounds() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    let names = ["From", "MessagingServiceSid"];
    for (sender, parameter, validity, sent) in [
        (SERVICE, "MessagingServiceSid", Duration::ZERO, "1"),
        ("12345", "From", Duration::from_hours(1), "3600"),
        ("My Shop", "From", Duration::from_hours(24), "36000"),
    ] {
        let server = Server::start([created()]);
        let client = client(&server.url);
        let text = OutgoingText {
            message: message(),
            from: &SenderAddress::known(sender),
            to: &phone(TO),
            body: &Body::parse("hi".to_owned()).unwrap(),
            media: &Media::default(),
            validity,
        };
        client.send(&text, deadline()).await;
        let form = server.next().form();
        let value = |name| {
            form.iter()
                .find(|(key, _)| key == name)
                .map(|(_, v)| v.as_str())
        };
        for name in names {
            let expected = (name == parameter).then_some(sender);
            assert_eq!(value(name), expected, "{name} of {sender}");
        }
        assert_eq!(value("ValidityPeriod"), Some(sent));
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path_of_its_own() {
    let server = Server::start([created()]);
    create(&client(&server.url.join("/gateway/").unwrap())).await;
    let path = format!("/gateway/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    assert_eq!(server.next().target(), path);
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    assert!(is_unreachable(&create(&client(&nobody())).await));
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let server = Server::start([Act::Answer("HTTP/1.1 200 OK\r\n\r\n".to_owned())]);
    assert!(is_unreachable(&create(&client(&tls(&server.url))).await));
}

#[tokio::test]
async fn a_tls_handshake_that_hangs_means_not_sent() {
    let server = Server::start([Act::Drain]);
    let client = client_with(&tls(&server.url), SHORT);
    assert!(is_unreachable(&create(&client).await));
}

fn tls(url: &Url) -> Url {
    url.as_str().replace("http://", "https://").parse().unwrap()
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_means_unknown() {
    for act in [Act::Close, Act::Reset] {
        let server = Server::start([act]);
        assert!(is_unknown(&create(&client(&server.url)).await));
    }
}

#[tokio::test]
async fn no_answer_in_time_means_unknown() {
    let server = Server::start([Act::Hang]);
    let client = client_with(&server.url, SHORT);
    assert!(is_unknown(&create(&client).await));
    assert!(!server.next().body.is_empty());
}

#[tokio::test]
async fn half_an_answer_means_unknown() {
    let cut = format!("HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{{\"sid\":\"{SID}\"");
    let server = Server::start([Act::Answer(cut)]);
    assert!(is_unknown(&create(&client(&server.url)).await));
}

#[tokio::test]
async fn an_endless_answer_means_unknown() {
    let body = format!("{{\"sid\":\"{SID}\"}}{}", " ".repeat(9 * 1024 * 1024));
    let server = Server::start([answer(201, &body)]);
    assert!(is_unknown(&create(&client(&server.url)).await));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_means_unknown() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start([created()]);
        let location = format!("Location: {}\r\n", elsewhere.url);
        let server = Server::start([answer_with(status, &location, "")]);
        assert!(is_unknown(&create(&client(&server.url)).await), "{status}");
        server.next();
        elsewhere.assert_no_more();
    }
}

#[tokio::test]
async fn answers_mean_what_they_say_and_nothing_is_repeated() {
    type Expected = fn(&Verdict) -> bool;
    let refused: Expected = |v| matches!(v, Verdict::Rejected { code, .. } if code == "21211");
    let throttled: Expected = |v| matches!(v, Verdict::Throttled { slow: false, .. });
    let full: Expected = |v| matches!(v, Verdict::Throttled { slow: true, .. });
    let paused: Expected = |v| matches!(v, Verdict::Misconfigured { code, .. } if code == "20003");
    let table: [(u16, &str, Expected); 12] = [
        (200, "{}", is_unknown),
        (201, "", is_unknown),
        (201, "<html>", is_unknown),
        (204, "", is_unknown),
        (400, r#"{"code":21211,"status":400}"#, refused),
        (400, r#"{"code":21611,"status":400}"#, full),
        (401, r#"{"code":20003,"status":401}"#, paused),
        (429, r#"{"code":20429,"status":429}"#, throttled),
        (429, "slow down", is_unknown),
        (500, r#"{"code":20500,"status":500}"#, is_unknown),
        (502, "<html>", is_unknown),
        (503, "", is_unknown),
    ];
    for (status, body, expected) in table {
        // Whoever repeats a request finds a second one that would take it.
        let server = Server::start([answer(status, body), created()]);
        let verdict = create(&client(&server.url)).await;
        assert!(expected(&verdict), "{status} {body}: {verdict:?}");
        server.next();
        server.assert_no_more();
    }
}

#[tokio::test]
async fn the_wait_that_the_provider_asks_for_is_read() {
    let server = Server::start([answer_with(429, "Retry-After: 7\r\n", r#"{"code":20429}"#)]);
    let Verdict::Throttled { retry_after, .. } = create(&client(&server.url)).await else {
        panic!("not throttled");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn after_the_deadline_nobody_is_called() {
    let clock = Arc::new(SystemClock);
    let long_ago = Instant::now().checked_sub(Duration::from_secs(9)).unwrap();
    let window = Duration::from_secs(5);
    let deadline = StartDeadline::new(window, long_ago, SystemClock.now(), clock);
    // Had it been called, it would turn out to be out of reach.
    let verdict = create_before(&client(&nobody()), deadline).await;
    assert!(is_late(&verdict), "{verdict:?}");
}

/// A clock that is an hour on when it is asked again: as if the machine had slept in between.
struct SleepyClock(AtomicBool);

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

impl Clock for SleepyClock {
    fn now(&self) -> Timestamp {
        if self.0.swap(true, Ordering::SeqCst) {
            START + Duration::from_hours(1)
        } else {
            START
        }
    }
}

#[tokio::test]
async fn a_deadline_that_passes_while_connecting_keeps_the_request_back() {
    let server = Server::start([Act::Drain]);
    let clock = Arc::new(SleepyClock(AtomicBool::new(false)));
    let window = Duration::from_secs(5);
    let deadline = StartDeadline::new(window, Instant::now(), START, clock);
    let verdict = create_before(&client(&server.url), deadline).await;
    assert!(is_late(&verdict), "{verdict:?}");
    // The connection was made, and nothing was written to it.
    assert_eq!(server.next().head, "");
}
