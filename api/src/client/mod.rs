//! The web client: a page at `/`, its files under `/web/`, and what it has to know first.

mod files;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::files::File;
use crate::error::ApiError;
use crate::messages::{IfNoneMatch, tag};
use crate::openapi::problems::NoSuchPath;
use crate::state::AppState;

/// Everything comes from here and nothing from elsewhere, no code stands in a page, and no text can
/// be made into markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(page))
        .routes(routes!(file))
        .routes(routes!(file_in_folder))
        .routes(routes!(settings))
}

/// What the web client has to know before anybody logs in.
#[derive(Serialize, ToSchema)]
struct ClientSettings {
    /// No text leaves the machine.
    simulated: bool,
    /// Where the simulator shows its phones, if there is one to show.
    #[schema(required, example = "http://127.0.0.1:4010/sim")]
    simulator_page: Option<String>,
    /// Who may sign up: `open` (everybody), `invite` (who has an invite) or `closed` (nobody, though an
    /// invite is good all the same).
    #[schema(example = "open")]
    signup: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// The web client
#[utoipa::path(
    get, path = "/", tag = "service", operation_id = "showClient",
    security(()),
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html", headers(("ETag"))),
        (status = 304, description = "It is still what its `ETag` stands for", headers(("ETag"))),
    ),
)]
async fn page(headers: HeaderMap) -> Result<Response, ApiError> {
    answer("index.html", &headers)
}

/// A file of the web client
#[utoipa::path(
    get, path = "/web/{file}", tag = "service", operation_id = "getClientFile",
    security(()),
    params(("file" = String, Path, description = "Its name", example = "tokens.css"), IfNoneMatch),
    responses(
        (status = 200, description = "The file", content_type = "*/*", headers(("ETag"))),
        (status = 304, description = "It is still what its `ETag` stands for", headers(("ETag"))),
        NoSuchPath,
    ),
)]
async fn file(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::NoSuchPath)?;
    answer(&name, &headers)
}

/// A file in a folder of the web client
#[utoipa::path(
    get, path = "/web/{folder}/{file}", tag = "service", operation_id = "getClientFileInFolder",
    security(()),
    params(
        ("folder" = String, Path, description = "The folder's name", example = "lib"),
        ("file" = String, Path, description = "Its name", example = "dom.js"),
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The file", content_type = "*/*", headers(("ETag"))),
        (status = 304, description = "It is still what its `ETag` stands for", headers(("ETag"))),
        NoSuchPath,
    ),
)]
async fn file_in_folder(
    names: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((folder, name)) = names.map_err(|_| ApiError::NoSuchPath)?;
    answer(&format!("{folder}/{name}"), &headers)
}

/// What the web client has to know
#[utoipa::path(
    get, path = "/client.json", tag = "service", operation_id = "getClientSettings",
    security(()),
    responses((status = 200, description = "Where it is", body = ClientSettings)),
)]
async fn settings(State(state): State<AppState>) -> Json<ClientSettings> {
    let provider = &state.provider;
    Json(ClientSettings {
        simulated: provider.simulated,
        simulator_page: provider.simulator_page.as_ref().map(ToString::to_string),
        signup: state.signup.as_str(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Browsers ask each time whether a file is still the same, so all of them are of one version.
fn answer(name: &str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let File { content, tag } = files::find(name).ok_or(ApiError::NoSuchPath)?;
    let mut response = if tag::is_known(tag, asked) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, content_type(name))], *content).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
