//! The name of a request, in its answer, in the log and in the job it makes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use crate::error::ApiError;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;

/// The client's `X-Request-Id` if it is 1 to 64 visible ASCII characters, else one of our own.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|text| (1..=LONGEST).contains(&text.len()))
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        match given {
            Some(text) => Self(text.into()),
            None => Self(Uuid::new_v4().to_string().into()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(header: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, header.parse().unwrap());
        RequestId::of(&headers)
    }

    #[test]
    fn a_clients_id_is_kept_only_if_it_is_short_and_visible() {
        assert_eq!(id_for("abc-123").as_str(), "abc-123");
        let longest = "x".repeat(64);
        assert_eq!(id_for(&longest).as_str(), longest);
        for bad in ["", "two words", "tab\there", &"x".repeat(65)] {
            let id = id_for(bad);
            assert!(
                Uuid::try_parse(id.as_str()).is_ok(),
                "{bad:?} became {id:?}"
            );
        }
    }
}
