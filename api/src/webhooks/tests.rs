//! The webhooks with a provider that has nothing in common with the one that is used.

use std::sync::Arc;

use axum::body::Body as Bytes;
use http::Request;
use mysms_core::domain::{Address, Body, Media, ProviderId, ProviderStatus};
use mysms_core::provider::{
    Acknowledgement, Call, CallError, Callbacks, Glossary, ReceivedText, RemoteMessage, Report,
};
use serde_json::json;

use crate::testing::{Answer, TestApi};

/// Proves itself by its body alone, and names its account, numbers and errors in its own way.
struct Other {
    account: String,
}

impl Other {
    fn check(call: &Call<'_>) -> Result<(), CallError> {
        match call.body {
            b"it is me" => Ok(()),
            b"it is me?" => Err(CallError::Unreadable("it asks".into())),
            _ => Err(CallError::NotGenuine),
        }
    }
}

impl Callbacks for Other {
    fn report(&self, call: &Call<'_>) -> Result<Report, CallError> {
        Self::check(call)?;
        let (_, message) = call.target.rsplit_once('?').unwrap();
        Ok(Report {
            message: message.parse().ok(),
            account: self.account.clone(),
            text: RemoteMessage {
                sid: ProviderId::parse("other:1").unwrap(),
                status: ProviderStatus::UNDELIVERED,
                unknown_word: None,
                error_code: Some("E_GONE".to_owned()),
            },
            unwilling: None,
        })
    }

    fn received(&self, call: &Call<'_>) -> Result<ReceivedText, CallError> {
        Self::check(call)?;
        Ok(ReceivedText {
            sid: ProviderId::parse("other:2").unwrap(),
            account: self.account.clone(),
            from: Address::of_author("+14155550123"),
            to: Address::of_author("+15005550006"),
            service: None,
            body: Body::parse("Thanks!".to_owned()).ok(),
            media: Media::default(),
            consent: None,
            understood_by_provider: false,
        })
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            content_type: "text/plain",
            body: "thank you",
        }
    }

    fn glossary(&self) -> Glossary {
        Glossary::new(|_| "Nobody is there.")
    }
}

async fn with_other() -> TestApi {
    let mut api = TestApi::start().await;
    let account = api.state.provider.account.clone();
    api.replace(|parts| parts.callbacks = Arc::new(Other { account }));
    api
}

async fn tell(api: &TestApi, path: &str, body: &'static str) -> Answer {
    api.call(Request::post(path).body(Bytes::from(body)).unwrap())
        .await
}

#[tokio::test]
async fn what_another_provider_reports_is_shown_in_its_words() {
    let api = with_other().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    let path = format!("/webhooks/twilio/status?{id}");
    assert_eq!(tell(&api, &path, "it is not").await.status, 403);
    assert_eq!(tell(&api, &path, "it is me?").await.status, 400);
    assert_eq!(tell(&api, &path, "it is me").await.status, 204);
    let path = format!("/messages/{}/{id}", john.hash);
    let shown = api.get(&path, &john).await.json();
    let shown = ["status", "provider_sid", "error_code", "error_message"].map(|name| &shown[name]);
    let expected = ["undelivered", "other:1", "E_GONE", "Nobody is there."];
    assert_eq!(shown, expected.map(|text| json!(text)).each_ref());
}

#[tokio::test]
async fn what_another_provider_received_is_stored_and_acknowledged_as_it_likes() {
    let api = with_other().await;
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    api.take(id).await;
    let path = "/webhooks/twilio/inbound";
    assert_eq!(tell(&api, path, "it is not").await.status, 403);
    assert_eq!(tell(&api, path, "it is me?").await.status, 400);
    let answer = tell(&api, path, "it is me").await;
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(answer.text(), "thank you");
    let conversations = api.get("/conversations", &john).await.json();
    assert_eq!(conversations[0]["last_message"]["content"], "Thanks!");
}
