use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use shared::domain::IdempotencyKey;
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

/// Hexadecimal SHA-256 of what a request asks for, after normalisation. Every part is preceded by
/// its length, so that no two requests run together into the same bytes. What a request leaves out
/// adds nothing, so that the hashes of requests from before there was such a field stay what they
/// were.
pub(super) fn body_hash(text: &Text) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
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
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::domain::{Body, PhoneNumber, Timestamp};

    use super::*;
    use crate::messages::text::Terms;

    fn hash(recipient: &str, content: &str) -> String {
        hash_with(recipient, content, Terms::default())
    }

    fn hash_with(recipient: &str, content: &str, terms: Terms) -> String {
        body_hash(&Text {
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
                hash_with("+14155550123", "hello", Terms { send_at, validity })
            })
            .collect();
        assert_eq!(hashes.len(), terms.len());
    }

    #[test]
    fn the_hash_is_that_of_the_normalised_request() {
        assert_eq!(
            hash("+1 (415) 555-0123", "hello"),
            hash("+14155550123", "hello")
        );
        assert_ne!(
            hash("+14155550123", "hello"),
            hash("+14155550123", "hello ")
        );
        assert_ne!(hash("+14155550123", "hello"), hash("+14155550124", "hello"));
        // The same characters in a row, cut elsewhere.
        assert_ne!(
            hash("+14155550123", "4hello"),
            hash("+141555501234", "hello")
        );
    }

    /// The hash is stored: another one would turn every client's retry into a 422.
    #[test]
    fn the_hash_stays_what_it_was() {
        // printf '\0\0\0\0\0\0\0\x0c+14155550123\0\0\0\0\0\0\0\x05hello' | sha256sum
        assert_eq!(
            hash("+14155550123", "hello"),
            "a3964e98fff579c78a339128ba60cd124c12baaab3687a1deaabf0792cd6aca1"
        );
    }
}
