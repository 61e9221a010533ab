//! Errors as `application/problem+json` (RFC 9457).

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use mysms_core::chain::Chain;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{ApiError, FieldError};
use crate::request_id::RequestId;

/// Why a request was not done (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem<'a> {
    /// `urn:mysms:problem:` and a code that stays the same when the sentences change.
    r#type: String,
    /// The name of the status.
    title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for people.
    detail: String,
    /// The same as `detail`, for front ends that look for this name.
    message: String,
    /// The `X-Request-Id` of this answer.
    request_id: &'a str,
    /// The fields, parameters or headers at fault; often none.
    errors: Vec<FieldError>,
}

impl<'a> Problem<'a> {
    pub(crate) fn of(error: &ApiError, request_id: &'a str) -> Self {
        Self {
            r#type: format!("urn:mysms:problem:{}", error.code()),
            detail: error.to_string(),
            message: error.to_string(),
            errors: error.fields(),
            ..Self::bare(error.status(), request_id)
        }
    }

    /// Of an error that a library made.
    fn bare(status: StatusCode, request_id: &'a str) -> Self {
        Self {
            r#type: "about:blank".to_owned(),
            title: title(status),
            status: status.as_u16(),
            detail: title(status).to_owned(),
            message: title(status).to_owned(),
            request_id,
            errors: Vec::new(),
        }
    }
}

/// Gives every error that leaves the API its body, keeping the headers it already has. What is
/// behind a 5xx is logged here, once, and not shown.
pub(crate) fn rendered(response: Response, id: &RequestId) -> Response {
    let error = response.extensions().get::<Arc<ApiError>>().cloned();
    let problem = match &error {
        Some(error) => {
            log(error);
            Problem::of(error, id.as_str())
        }
        None if is_bare_error(&response) => Problem::bare(response.status(), id.as_str()),
        None => return response,
    };
    with_body(response, &problem)
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

/// An error that a library made: it has no body, or one in plain text.
fn is_bare_error(response: &Response) -> bool {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let kind = response.headers().get(CONTENT_TYPE);
    failed && kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn with_body(response: Response, problem: &Problem<'_>) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let body = Json(problem).into_response().into_body();
    let mut response = Response::from_parts(parts, body);
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// Logs what is behind a 5xx.
pub(crate) fn log(error: &ApiError) {
    match error {
        // No fault, and whoever causes it must not fill the log.
        ApiError::Busy
        | ApiError::TooManyBatches
        | ApiError::NoStreamLeft
        | ApiError::NoRoomLeft
        | ApiError::TooManyAttempts { .. } => {
            tracing::debug!(%error, "turned away");
        }
        _ if error.status().is_server_error() => {
            tracing::error!(code = error.code(), error = %Chain(error), "the request failed");
        }
        _ => {}
    }
}
