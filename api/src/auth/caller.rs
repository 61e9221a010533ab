use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use shared::clock::Clock;
use shared::domain::{UserId, UsernameHash};
use shared::telemetry::Chain;

use super::Tokens;
use crate::error::ApiError;

/// The user whose token came with the request. A handler that takes one answers nobody else.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub user: UserId,
    pub hash: UsernameHash,
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Arc<Tokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).ok_or(ApiError::Unauthorized)?;
        let now = Arc::<dyn Clock>::from_ref(state).now();
        Arc::<Tokens>::from_ref(state)
            .verify(token, now)
            .map_err(|error| {
                tracing::debug!(error = %Chain(&error), "a token was refused");
                ApiError::Unauthorized
            })
    }
}

/// The token of the one `Authorization` header; two of them are none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
