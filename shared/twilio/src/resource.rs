//! A message as the provider describes it.

use std::fmt;

use mysms_core::domain::{ProviderId, ProviderStatus, Timestamp};
use mysms_core::provider::RemoteMessage;
use serde_json::Value;

use super::date::rfc2822;
use super::{error, sid, status};

/// A message as the provider describes it. Everything but the SID may be missing or new to us
/// without harm; its `Debug` output shows neither text nor numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Resource {
    pub sid: ProviderId,
    pub status: ProviderStatus,
    /// The provider's status, if the word is new to us.
    pub unknown_word: Option<String>,
    pub error_code: Option<String>,
    /// Absent or empty once it is redacted.
    pub body: Option<String>,
    /// How many files it has.
    pub media: usize,
    /// May be absent when it went to a Messaging Service.
    pub from: Option<String>,
    /// The SID of the Messaging Service.
    pub service: Option<String>,
    /// `outbound-api` for what was sent by a request like ours.
    pub direction: String,
    pub to: String,
    /// By the provider's clock, in whole seconds.
    pub created_at: Option<Timestamp>,
    /// When it was sent or received, likewise; absent from what is not sent yet.
    pub sent_at: Option<Timestamp>,
    pub account: Option<String>,
}

impl Resource {
    /// Reads a message resource; `None` without a SID.
    pub(super) fn read(resource: &Value) -> Option<Self> {
        let text = |field: &str| resource[field].as_str();
        let owned = |field: &str| text(field).map(str::to_owned);
        let sid = sid::parse(text("sid")?).ok()?;
        let (status, unknown_word) = status::read(text("status").unwrap_or("accepted"));
        Some(Self {
            sid,
            status,
            unknown_word,
            error_code: error::code(&resource["error_code"]),
            body: owned("body"),
            media: count(&resource["num_media"]),
            from: owned("from"),
            service: owned("messaging_service_sid"),
            direction: owned("direction").unwrap_or_default(),
            to: owned("to").unwrap_or_default(),
            created_at: text("date_created").and_then(rfc2822),
            sent_at: text("date_sent").and_then(rfc2822),
            account: owned("account_sid"),
        })
    }

    /// The date that lists are asked by.
    pub(super) fn dated_at(&self) -> Option<Timestamp> {
        self.sent_at.or(self.created_at)
    }
}

/// A number that the provider writes as a string; 0 if it is none.
fn count(value: &Value) -> usize {
    let text = value.as_str().and_then(|text| text.parse().ok());
    text.or_else(|| usize::try_from(value.as_u64()?).ok())
        .unwrap_or_default()
}

impl From<Resource> for RemoteMessage {
    fn from(resource: Resource) -> Self {
        Self {
            sid: resource.sid,
            status: resource.status,
            unknown_word: resource.unknown_word,
            error_code: resource.error_code,
        }
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .field("direction", &self.direction)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use mysms_core::domain::Status;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    #[test]
    fn a_resource_is_read_with_the_providers_types() {
        let message = Resource::read(&json!({
            "sid": SID, "account_sid": "AC1", "messaging_service_sid": "MG1", "body": "hi",
            "from": "+15005550006", "to": "+14155550123", "direction": "outbound-api",
            "status": "undelivered", "error_code": 30003, "num_segments": "1", "price": null,
            "num_media": "2",
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        }))
        .unwrap();
        assert_eq!(message.sid.as_str(), SID);
        assert_eq!(message.status.status(), Status::Undelivered);
        assert_eq!(message.error_code.as_deref(), Some("30003"));
        assert_eq!(message.body.as_deref(), Some("hi"));
        assert_eq!(message.media, 2);
        assert_eq!(message.service.as_deref(), Some("MG1"));
        assert_eq!(message.account.as_deref(), Some("AC1"));
        let created = Timestamp::from_millis(1_692_853_305_000);
        assert_eq!(message.created_at, Some(created));
    }

    #[test]
    fn everything_but_the_sid_may_be_missing_or_new() {
        let bare = Resource::read(&json!({ "sid": SID })).unwrap();
        assert_eq!(bare.status, ProviderStatus::ACCEPTED);
        assert_eq!((bare.from, bare.body, bare.created_at), (None, None, None));
        let odd = json!({
            "sid": SID, "status": "a\nb", "error_code": [1], "date_created": 7, "num_media": "many",
        });
        let odd = Resource::read(&odd).unwrap();
        assert_eq!(odd.unknown_word.as_deref(), Some("unreadable"));
        assert_eq!(odd.error_code, None);
        assert_eq!(odd.media, 0);
        assert!(Resource::read(&json!({ "status": "queued" })).is_none());
    }

    #[test]
    fn debug_output_shows_neither_text_nor_numbers() {
        let resource = json!({ "sid": SID, "body": "secret", "to": "+14155550123" });
        let shown = format!("{:?}", Resource::read(&resource).unwrap());
        assert!(
            !shown.contains("secret") && !shown.contains("415"),
            "{shown}"
        );
    }
}
