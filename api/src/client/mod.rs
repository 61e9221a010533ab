//! The web client at `/` and the page about the API at `/docs`, their files under `/web/`, and what the
//! client has to know first.

mod files;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::files::File;
use crate::error::ApiError;
use crate::messages::tag;
use crate::state::AppState;

/// Everything comes from here and nothing from elsewhere (pictures of messages, for which the page has to show its
/// token, as blobs), no code stands in a page, and no text can be made into markup: the one policy of trusted
/// types names the script that lets a page start without a network (`web/lib/worker.js`).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; \
                      worker-src 'self'; manifest-src 'self'; \
                      form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types worker";

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(settings))
}

/// What only browsers ask for.
#[expect(
    clippy::disallowed_methods,
    reason = "pages and their files are no part of the API: no program calls them"
)]
pub(crate) fn pages() -> Router<AppState> {
    Router::new()
        .route(
            "/",
            get(async |asked: HeaderMap| answer("index.html", &asked)),
        )
        .route(
            "/docs",
            get(async |asked: HeaderMap| answer("docs/index.html", &asked)),
        )
        .route("/sw.js", get(async |asked: HeaderMap| worker(&asked)))
        .route("/web/{file}", get(file))
        .route("/web/{folder}/{file}", get(file_in_folder))
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

async fn file(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::NoSuchPath)?;
    answer(&name, &headers)
}

async fn file_in_folder(
    names: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((folder, name)) = names.map_err(|_| ApiError::NoSuchPath)?;
    answer(&format!("{folder}/{name}"), &headers)
}

/// What the web client has to know
///
/// Also whether and how one may sign up here.
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
    Ok(answer_with(content_type(name), content, tag, asked))
}

/// What runs beside the pages. It stands at the root, because it may look after what lies below it alone.
fn worker(asked: &HeaderMap) -> Result<Response, ApiError> {
    let File { content, tag } = files::worker().ok_or(ApiError::NoSuchPath)?;
    Ok(answer_with(content_type("sw.js"), content, tag, asked))
}

fn answer_with(
    kind: &'static str,
    content: &'static [u8],
    tag: &HeaderValue,
    asked: &HeaderMap,
) -> Response {
    let mut response = if tag::is_known(tag, asked) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, kind)], content).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "webmanifest")) => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
