use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use shared::domain::{Body, IdempotencyKey, PhoneNumber};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema as _};

use crate::error::ApiError;
use crate::openapi::schema;

const HEADER: &str = "Idempotency-Key";

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
                 keys are remembered for at least 7 days.",
            ))
            .schema(Some(schema::IdempotencyKey::schema()))
            .example(Some("order-4711".into()));
        vec![parameter.build()]
    }
}

/// Hexadecimal SHA-256 of what a request asks for, after normalisation. Every part is preceded by
/// its length, so that no two requests run together into the same bytes.
pub(super) fn body_hash(recipient: &PhoneNumber, body: &Body) -> String {
    let mut hash = Sha256::new();
    for part in [recipient.as_str(), body.as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(recipient: &str, content: &str) -> String {
        let recipient = PhoneNumber::parse(recipient).unwrap();
        body_hash(&recipient, &Body::parse(content.to_owned()).unwrap())
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
