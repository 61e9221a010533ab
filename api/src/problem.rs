//! Errors as `application/problem+json` (RFC 9457).

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use shared::telemetry::Chain;

use crate::error::{ApiError, FieldError};
use crate::request_id::RequestId;

#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// The same as `detail`, for front ends that look for this name.
    message: &'a str,
    request_id: &'a str,
    errors: Vec<FieldError>,
}

/// Gives every error that leaves the API its body, keeping the headers it already has. What is
/// behind a 5xx is logged here, once, and not shown.
pub(crate) async fn render(id: RequestId, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let error = response.extensions().get::<Arc<ApiError>>().cloned();
    let (kind, detail, errors) = match &error {
        Some(error) => {
            log(error);
            let kind = format!("urn:mysms:problem:{}", error.code());
            (kind, error.to_string(), error.fields())
        }
        None if is_bare_error(&response) => (
            "about:blank".to_owned(),
            title(status).to_owned(),
            Vec::new(),
        ),
        None => return response,
    };
    let problem = Problem {
        r#type: kind,
        title: title(status),
        status: status.as_u16(),
        detail: &detail,
        message: &detail,
        request_id: id.as_str(),
        errors,
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

fn log(error: &ApiError) {
    match error {
        // No fault, and whoever causes it must not fill the log.
        ApiError::Busy | ApiError::TooManyAttempts { .. } => tracing::debug!(%error, "turned away"),
        _ if error.status().is_server_error() => {
            tracing::error!(code = error.code(), error = %Chain(error), "the request failed");
        }
        _ => {}
    }
}
