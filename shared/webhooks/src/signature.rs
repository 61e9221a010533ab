//! The headers that prove where a webhook comes from.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use mysms_core::domain::Timestamp;
use sha2::Sha256;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The headers of one attempt at `at` to tell `body`, which is JSON, with a signature by each of the keys:
/// a receiver that knows any of them is content.
///
/// `id` is the same for every attempt to tell the same, and has no dot. One that no header can hold
/// gives no headers, which no receiver takes.
pub fn signed_headers<'a>(
    keys: impl IntoIterator<Item = &'a [u8]>,
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> HeaderMap {
    let at = at.as_seconds().to_string();
    let parts = [id.as_bytes(), b".", at.as_bytes(), b".", body];
    let signatures: Vec<_> = keys
        .into_iter()
        .filter_map(|key| Some(format!("v1,{}", mac(key, &parts)?)))
        .collect();
    let signatures = signatures.join(" ");
    let values = [(ID, id), (TIMESTAMP, &at), (SIGNATURE, &signatures)];
    let values = values.map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?)));
    let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let all: Option<HeaderMap> = [Some(json)].into_iter().chain(values).collect();
    all.unwrap_or_default()
}

/// The base64 of the HMAC-SHA256 of the parts, one behind the other. A key of any length will do, so there
/// always is one.
fn mac(key: &[u8], parts: &[&[u8]]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at() -> Timestamp {
        Timestamp::from_millis(1_614_265_330_999)
    }

    fn key() -> Vec<u8> {
        BASE64_STANDARD.decode(SECRET).unwrap()
    }

    fn signature(keys: &[&[u8]], id: &str, at: Timestamp, body: &[u8]) -> String {
        let headers = signed_headers(keys.iter().copied(), id, at, body);
        headers[SIGNATURE].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let headers = signed_headers([&key()[..]], ID, at(), BODY);
        assert_eq!(headers["webhook-id"], ID);
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        assert_eq!(headers["webhook-signature"], SIGNED);
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers.len(), 4);
    }

    #[test]
    fn every_key_signs_in_the_order_given() {
        let alone = signature(&[&[7; 32]], ID, at(), BODY);
        let both = signature(&[&[7; 32], &key()], ID, at(), BODY);
        assert_eq!(both, format!("{alone} {SIGNED}"));
    }

    #[test]
    fn whatever_changes_changes_the_signature() {
        let key = key();
        let later = Timestamp::from_millis(1_614_265_331_000);
        let changed = [
            signature(&[&[7; 32]], ID, at(), BODY),
            signature(&[&key], "msg_other", at(), BODY),
            signature(&[&key], ID, later, BODY),
            signature(&[&key], ID, at(), b"{}"),
        ];
        for changed in changed {
            assert!(changed.starts_with("v1,") && changed != SIGNED, "{changed}");
        }
    }

    #[test]
    fn an_id_that_no_header_can_hold_is_not_told() {
        assert!(signed_headers([&key()[..]], "a\r\nb", at(), BODY).is_empty());
    }
}
