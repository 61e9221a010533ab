use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use mysms_core::chain::Chain;

use crate::audit::Subject;
use crate::auth::{Caller, InvalidToken};
use crate::error::ApiError;
use crate::state::AppState;

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Ok(subject) = Subject::from_request_parts(parts, state).await;
        let token = bearer(&parts.headers).ok_or(ApiError::Unauthorized)?;
        let caller = state
            .tokens
            .verify(token, state.clock.now())
            .map_err(|error| refused(&subject, &error))?;
        subject.is(caller.user);
        if state.revoked.has_ended(&caller.token).await? {
            return Err(refused(&subject, &InvalidToken::Ended));
        }
        Ok(caller)
    }
}

fn refused(subject: &Subject, error: &InvalidToken) -> ApiError {
    // What is behind it may quote the token, which anybody may write.
    subject.has_refused_token(error.to_string());
    tracing::debug!(error = %Chain(error), "a token was refused");
    ApiError::Unauthorized
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
