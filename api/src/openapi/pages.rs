//! `/openapi.json` and the page that shows it.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::Config;

use super::problems::NoSuchPath;
use crate::error::ApiError;

/// The page's scripts come from here and nowhere else. It writes styles and small pictures into
/// itself, and markup, too: so there can be no Trusted Types here as in the web client.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The rendered document is the state.
pub(super) fn router() -> OpenApiRouter<Bytes> {
    OpenApiRouter::new()
        .routes(routes!(document))
        .routes(routes!(page))
        .routes(routes!(file))
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "service", operation_id = "getDocument",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
async fn document(State(document): State<Bytes>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], document)
}

/// A page to read this document and to try it
#[utoipa::path(
    get, path = "/docs", tag = "service", operation_id = "showDocument",
    security(()),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
async fn page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, include_str!("page.html"))
}

/// A file of that page
#[utoipa::path(
    get, path = "/docs/{file}", tag = "service", operation_id = "getDocumentFile",
    security(()),
    params(("file" = String, Path, description = "Its name", example = "swagger-ui.css")),
    responses((status = 200, description = "The file", content_type = "*/*"), NoSuchPath),
)]
async fn file(name: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::NoSuchPath)?;
    let config = Config::from("openapi.json")
        .use_base_layout()
        .try_it_out_enabled(true)
        // The page would send the document to a stranger's server.
        .validator_url("none");
    let file = utoipa_swagger_ui::serve(&name, Arc::new(config))
        // It cannot be passed on as it is: it is bound to its thread.
        .map_err(|error| ApiError::Internal(error.to_string().into()))?
        .ok_or(ApiError::NoSuchPath)?;
    // A copy of a large file for every client that asks for it and does not read it would be much.
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok(([(CONTENT_TYPE, file.content_type)], bytes).into_response())
}
