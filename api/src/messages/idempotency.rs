use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::IdempotencyKey;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema as _};

use super::text::Text;
use crate::error::ApiError;
use crate::openapi::schema;

pub(super) const HEADER: &str = "Idempotency-Key";

/// The `Idempotency-Key` of a request, if it has one.
pub(super) struct Key(pub Option<IdempotencyKey>);

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        if values.next().is_some() {
            return Err(ApiError::invalid(HEADER, "must be given once"));
        }
        // Bytes that are not ASCII become characters that are not either.
        let text = String::from_utf8_lossy(value.as_bytes());
        IdempotencyKey::parse(&text)
            .map(|key| Self(Some(key)))
            .map_err(|error| ApiError::invalid(HEADER, error.to_string()))
    }
}

impl IntoParams for Key {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "A key of your own for this message, 1 to 255 visible ASCII characters. The same \
                 request with the same key gets the first answer again, and nothing is sent twice; \
                 keys are remembered for at least 7 days. A batch hands it on to its texts: to \
                 each that has none of its own, as `key:0`, `key:1` and so on by their places.",
            ))
            .schema(Some(schema::IdempotencyKey::schema()))
            .example(Some("order-4711".into()));
        vec![parameter.build()]
    }
}

/// What a request asks for, after normalisation. Every part is preceded by its length, so that no two
/// requests run together into the same bytes. What a request leaves out adds nothing, so that the
/// fingerprints of requests from before there was such a field stay what they were.
pub(super) fn described(text: &Text) -> Vec<u8> {
    let mut described = Vec::new();
    let mut add = |part: &str| {
        described.extend((part.len() as u64).to_be_bytes());
        described.extend(part.as_bytes());
    };
    add(text.recipient.as_str());
    add(text.body.as_str());
    if let Some(send_at) = text.terms.send_at {
        add("send_at");
        add(&send_at.as_millis().to_string());
    }
    if let Some(validity) = text.terms.validity {
        add("validity_seconds");
        add(&validity.as_secs().to_string());
    }
    described
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::domain::{Body, PhoneNumber, Timestamp};

    use super::*;
    use crate::messages::text::Terms;

    fn describe(recipient: &str, content: &str) -> Vec<u8> {
        describe_with(recipient, content, Terms::default())
    }

    fn describe_with(recipient: &str, content: &str, terms: Terms) -> Vec<u8> {
        described(&Text {
            recipient: PhoneNumber::parse(recipient).unwrap(),
            body: Body::parse(content.to_owned()).unwrap(),
            terms,
        })
    }

    #[test]
    fn the_terms_are_part_of_the_request() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        let lasting = |seconds| Some(Duration::from_secs(seconds));
        let terms = [
            (None, None),
            (at(60), None),
            (at(61), None),
            (None, lasting(60)),
            (None, lasting(61)),
            (at(60), lasting(60)),
        ];
        let hashes: std::collections::HashSet<_> = terms
            .into_iter()
            .map(|(send_at, validity)| {
                describe_with("+14155550123", "hello", Terms { send_at, validity })
            })
            .collect();
        assert_eq!(hashes.len(), terms.len());
    }

    #[test]
    fn the_hash_is_that_of_the_normalised_request() {
        assert_eq!(
            describe("+1 (415) 555-0123", "hello"),
            describe("+14155550123", "hello")
        );
        assert_ne!(
            describe("+14155550123", "hello"),
            describe("+14155550123", "hello ")
        );
        assert_ne!(
            describe("+14155550123", "hello"),
            describe("+14155550124", "hello")
        );
        // The same characters in a row, cut elsewhere.
        assert_ne!(
            describe("+14155550123", "4hello"),
            describe("+141555501234", "hello")
        );
    }

    /// Fingerprints of it are stored: another one would turn every client's retry into a 422.
    #[test]
    fn the_description_stays_what_it_was() {
        assert_eq!(
            describe("+14155550123", "hello"),
            b"\0\0\0\0\0\0\0\x0c+14155550123\0\0\0\0\0\0\0\x05hello"
        );
    }
}
