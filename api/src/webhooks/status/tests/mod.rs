mod senders;

use std::time::Duration;

use axum::body::Body;
use http::Request;
use mysms_core::domain::{Address, Consent, Message, MessageId, Status, Wish};
use runtime::config::{SIMULATOR_ACCOUNT_SID, SIMULATOR_AUTH_TOKEN};
use serde_json::json;

use crate::testing::{Answer, PUBLIC_URL, START, TestApi, TestUser, sign};

const SID: &str = "SM0123456789abcdef0123456789abcdef";

/// A callback as the provider makes it; each test changes what it is about.
struct Callback {
    path: String,
    sid: &'static str,
    status: &'static str,
    account: &'static str,
    token: &'static str,
    base: &'static str,
    code: Option<&'static str>,
}

impl Callback {
    fn to(id: MessageId, status: &'static str) -> Self {
        Self {
            path: format!("/webhooks/twilio/status?message={id}"),
            sid: SID,
            status,
            account: SIMULATOR_ACCOUNT_SID,
            token: SIMULATOR_AUTH_TOKEN,
            base: PUBLIC_URL,
            code: None,
        }
    }

    fn form(&self) -> Vec<(&'static str, &'static str)> {
        let mut form = vec![
            ("MessageSid", self.sid),
            ("MessageStatus", self.status),
            ("AccountSid", self.account),
            ("To", "+14155550123"),
            ("Unknown", ""),
            ("Note", "ä & b"),
        ];
        form.extend(self.code.map(|code| ("ErrorCode", code)));
        form
    }

    fn signature(&self) -> String {
        let url = format!("{}{}", self.base, self.path);
        sign(&url, self.form(), self.token)
    }

    fn request(&self, signature: Option<&str>) -> Request<Body> {
        let mut request =
            Request::post(&self.path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.form())
            .finish();
        request.body(Body::from(body)).unwrap()
    }

    async fn send(&self, api: &TestApi) -> Answer {
        api.call(self.request(Some(&self.signature()))).await
    }
}

async fn one_message() -> (TestApi, TestUser, MessageId) {
    let api = TestApi::start().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    (api, john, id)
}

async fn stored(api: &TestApi, id: MessageId) -> Message {
    api.stores.ledger.read(&[id]).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_signed_callback_moves_its_message() {
    let (api, _, id) = one_message().await;
    let answer = Callback::to(id, "sent").send(&api).await;
    assert_eq!(answer.status, 204);
    assert!(answer.body.is_empty());
    let message = stored(&api, id).await;
    assert_eq!(message.status, Status::Sent);
    assert_eq!(message.provider.unwrap().sid.as_str(), SID);
    assert_eq!(message.wake_at, Some(START + Duration::from_hours(1)));

    assert_eq!(Callback::to(id, "delivered").send(&api).await.status, 204);
    assert_eq!(Callback::to(id, "sent").send(&api).await.status, 204);
    let message = stored(&api, id).await;
    assert_eq!((message.status, message.wake_at), (Status::Delivered, None));
}

/// Whoever listened in can send a signed callback once more, at any time.
#[tokio::test]
async fn a_callback_that_is_replayed_changes_nothing() {
    let (api, _, id) = one_message().await;
    let callbacks = ["sent", "undelivered", "delivered"].map(|word| Callback::to(id, word));
    for callback in &callbacks {
        assert_eq!(callback.send(&api).await.status, 204);
    }
    let before = stored(&api, id).await;
    api.clock.advance(Duration::from_hours(30 * 24));
    for callback in &callbacks {
        assert_eq!(callback.send(&api).await.status, 204);
        assert_eq!(stored(&api, id).await, before);
    }
}

#[tokio::test]
async fn a_new_word_is_kept_in_the_timeline() {
    let (api, john, id) = one_message().await;
    assert_eq!(Callback::to(id, "pondering").send(&api).await.status, 204);
    let path = format!("/messages/{}/{id}", john.hash);
    let message = api.get(&path, &john).await.json();
    assert_eq!(message["status"], "accepted");
    let detail = message["timeline"][1]["detail"].as_str().unwrap();
    assert!(detail.contains("pondering"), "{detail}");
}

#[tokio::test]
async fn a_callback_that_is_not_genuine_changes_nothing() {
    let (api, _, id) = one_message().await;
    let good = Callback::to(id, "delivered");
    let other_token = Callback {
        token: "0123456789abcdef0123456789abcdef",
        ..Callback::to(id, "delivered")
    };
    let other_base = Callback {
        base: "https://evil.example.com",
        ..Callback::to(id, "delivered")
    };
    let other_form = Callback::to(id, "failed");
    let signatures = [
        None,
        Some(String::new()),
        Some("not base64!".to_owned()),
        Some(other_token.signature()),
        Some(other_base.signature()),
        Some(other_form.signature()),
    ];
    for signature in signatures {
        let request = good.request(signature.as_deref());
        api.call(request).await.problem(403);
    }
    // The signature covers the message's id as well.
    let mut moved = good.request(Some(&good.signature()));
    let other = MessageId::generate(START);
    *moved.uri_mut() = Callback::to(other, "delivered").path.parse().unwrap();
    api.call(moved).await.problem(403);
    assert_eq!(stored(&api, id).await.status, Status::Queued);
}

#[tokio::test]
async fn the_host_that_a_proxy_names_does_not_matter() {
    let (api, _, id) = one_message().await;
    let callback = Callback::to(id, "sent");
    let mut request = callback.request(Some(&callback.signature()));
    for (name, value) in [
        ("host", "127.0.0.1:3000"),
        ("x-forwarded-host", "evil.example.com"),
        ("x-forwarded-proto", "http"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert_eq!(api.call(request).await.status, 204);
}

#[tokio::test]
async fn the_url_is_taken_as_it_arrived() {
    let (api, _, id) = one_message().await;
    let callback = Callback {
        path: format!("/webhooks/twilio/status?x=%7e+%2F&message={id}&y"),
        ..Callback::to(id, "sent")
    };
    assert_eq!(callback.send(&api).await.status, 204);
    assert_eq!(stored(&api, id).await.status, Status::Sent);
}

#[tokio::test]
async fn the_previous_token_is_accepted_while_it_is_being_changed() {
    let api = TestApi::with(|settings| {
        settings
            .provider
            .webhook_tokens
            .insert(0, "the new token".into());
    })
    .await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    assert_eq!(Callback::to(id, "sent").send(&api).await.status, 204);
}

#[tokio::test]
async fn without_a_public_url_no_callback_is_genuine() {
    let api = TestApi::with(|settings| settings.provider.public_base_url = None).await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    Callback::to(id, "sent").send(&api).await.problem(403);
}

#[tokio::test]
async fn the_owner_of_the_sid_gets_the_fact() {
    let (api, john, id) = one_message().await;
    assert_eq!(Callback::to(id, "sent").send(&api).await.status, 204);
    let other = api.send(&john, "another").await;
    let no_id = "/webhooks/twilio/status?message=none".to_owned();
    let no_query = "/webhooks/twilio/status".to_owned();
    let misled = Callback::to(other, "delivered").path;
    for path in [no_id, no_query, misled] {
        let callback = Callback {
            path,
            ..Callback::to(other, "delivered")
        };
        assert_eq!(callback.send(&api).await.status, 204);
    }
    assert_eq!(stored(&api, id).await.status, Status::Delivered);
    assert_eq!(stored(&api, other).await.status, Status::Queued);
}

#[tokio::test]
async fn callbacks_that_concern_no_message_of_ours_are_taken_and_ignored() {
    let (api, _, id) = one_message().await;
    let unknown = Callback::to(MessageId::generate(START), "sent");
    assert_eq!(unknown.send(&api).await.status, 204);
    let foreign = Callback {
        account: "AC00000000000000000000000000000000",
        ..Callback::to(id, "delivered")
    };
    assert_eq!(foreign.send(&api).await.status, 204);
    assert_eq!(stored(&api, id).await.status, Status::Queued);
}

#[tokio::test]
async fn a_second_sid_for_a_message_is_taken_and_noted() {
    let (api, _, id) = one_message().await;
    assert_eq!(Callback::to(id, "sent").send(&api).await.status, 204);
    let second = Callback {
        sid: "SMffffffffffffffffffffffffffffffff",
        ..Callback::to(id, "failed")
    };
    assert_eq!(second.send(&api).await.status, 204);
    let message = stored(&api, id).await;
    assert_eq!(message.status, Status::Sent);
    assert_eq!(message.timeline.last().unwrap().event.as_str(), "surplus");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_400_and_too_much_a_413() {
    let (api, _, id) = one_message().await;
    let no_sid = Callback {
        sid: "",
        ..Callback::to(id, "sent")
    };
    no_sid.send(&api).await.problem(400);
    let huge = Request::post("/webhooks/twilio/status").body(Body::from("x".repeat(64 * 1024 + 1)));
    api.call(huge.unwrap()).await.problem(413);
}

#[tokio::test]
async fn a_fact_that_cannot_be_stored_is_a_503_so_that_it_comes_again() {
    let (api, _, id) = one_message().await;
    api.store.close().await;
    Callback::to(id, "sent").send(&api).await.problem(503);
}

#[tokio::test]
async fn a_refusal_for_an_opt_out_is_remembered_unless_they_said_start_since() {
    let (api, john, first) = one_message().await;
    let waiting = api.send(&john, "waiting").await;
    let refusal = Callback {
        code: Some("21610"),
        ..Callback::to(first, "failed")
    };
    assert_eq!(refusal.send(&api).await.status, 204);
    assert_eq!(stored(&api, waiting).await.status, Status::Failed);
    let text = json!({"recipient": "+14155550123", "content": "second"});
    let refused = api.post("/messages", Some(&john), &text).await;
    assert_eq!(refused.status, 409);
    let start = Wish {
        recipient: Address::of_author("+14155550123"),
        senders: vec![api.state.provider.sender.as_str().to_owned()],
        consent: Consent::Given,
        at: START + Duration::from_secs(1),
    };
    api.stores.opt_outs.note(&start, start.at).await.unwrap();
    let wanted = api.send(&john, "wanted").await;
    assert_eq!(refusal.send(&api).await.status, 204);
    assert_eq!(stored(&api, wanted).await.status, Status::Queued);
    assert_eq!(api.post("/messages", Some(&john), &text).await.status, 200);
}
