//! The provider's answer to any request, read with bounded memory.

use std::time::Duration;

use jiff::SignedDuration;
use mysms_core::clock::Clock;
use mysms_core::domain::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::date::rfc2822;
use super::error;
use super::resource::Resource;

/// A page of 200 messages of the longest bodies takes a quarter of this; what is longer counts as
/// unreadable.
const MAX_BODY: usize = 8 * 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("twilio-request-id");

/// An answer of which everything was received. The provider's `message` texts are never read: they
/// may echo phone numbers.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long the provider asks us to wait.
    pub(super) retry_after: Option<Duration>,
    /// The provider's name for the request, for its support.
    pub(super) request_id: Option<String>,
    /// The provider's clock minus ours, at least; from the `Date` header.
    pub(super) clock_offset: Option<SignedDuration>,
    /// Null if the body is not JSON.
    body: Value,
}

impl Answer {
    pub(super) async fn read(mut response: Response, clock: &dyn Clock) -> reqwest::Result<Self> {
        let now = clock.now();
        let headers = response.headers();
        let retry_after = retry_after(headers, now);
        let request_id = text(headers, &REQUEST_ID).and_then(error::word);
        let clock_offset = date(headers, &DATE).map(|theirs| offset(theirs, now));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY {
                body.clear();
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self {
            status: response.status(),
            retry_after,
            request_id,
            clock_offset,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    /// The provider's error code, if the body is one of its errors.
    pub(super) fn code(&self) -> Option<String> {
        error::code(&self.body["code"]).filter(|code| code.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The message that the answer describes.
    pub(super) fn message(&self) -> Option<Resource> {
        Resource::read(&self.body)
    }

    #[cfg(test)]
    pub(super) fn for_test(status: u16, body: &str) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            request_id: None,
            clock_offset: None,
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    rfc2822(text(headers, name)?)
}

fn offset(theirs: Timestamp, ours: Timestamp) -> SignedDuration {
    SignedDuration::from_millis(theirs.as_millis().saturating_sub(ours.as_millis()))
}

/// The header gives seconds or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => rfc2822(value).map(|until| until.since(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_given_in_seconds_or_as_a_date() {
        let now = Timestamp::from_millis(1_692_853_305_000);
        let table = [
            ("7", Some(Duration::from_secs(7))),
            (
                "Thu, 24 Aug 2023 05:02:45 GMT",
                Some(Duration::from_mins(1)),
            ),
            ("Thu, 24 Aug 2023 05:00:45 GMT", Some(Duration::ZERO)),
            ("soon", None),
            ("-7", None),
        ];
        for (value, wait) in table {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), wait, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_code_is_a_number_or_its_digits() {
        let code = |body| Answer::for_test(400, body).code();
        assert_eq!(code(r#"{"code":21211}"#).as_deref(), Some("21211"));
        assert_eq!(code(r#"{"code":"21211"}"#).as_deref(), Some("21211"));
        for body in [
            "{}",
            "[]",
            r#"{"code":null}"#,
            r#"{"code":0}"#,
            r#"{"code":"x1"}"#,
        ] {
            assert_eq!(code(body), None, "{body}");
        }
    }
}
