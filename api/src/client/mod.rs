//! The web client at `/` and the page about the API at `/docs`, their files under `/web/`, and what the
//! client has to know first.

mod files;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::files::{FORMS, File};
use crate::encoding::Encoding;
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

/// What is at the root, and begins everything else.
const STARTS: [&str; 3] = ["index.html", "docs/index.html", "sw.js"];

/// A year, which is for good: a file that changes has another address.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

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
            get(async |asked: HeaderMap| page("index.html", &asked)),
        )
        .route(
            "/docs",
            get(async |asked: HeaderMap| page("docs/index.html", &asked)),
        )
        // At the root, because it may look after what lies below it alone.
        .route(
            "/sw.js",
            get(async |asked: HeaderMap| page("sw.js", &asked)),
        )
        .route("/web/{version}/{*file}", get(file))
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
    /// Changes with the files of the web client: a page that began with others loads itself again.
    #[schema(example = "5d41402abc4b2a76")]
    web: &'static str,
}

/// A page of another version asks for its own files in vain: it says so, and is loaded again. What is not named by a
/// page has no address of its own.
async fn file(
    names: Result<Path<(String, String)>, PathRejection>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((version, name)) = names.map_err(|_| ApiError::NoSuchPath)?;
    let is_named = version == files::VERSION && !STARTS.contains(&&*name);
    let file = files::find(&name)
        .filter(|_| is_named)
        .ok_or(ApiError::NoSuchPath)?;
    let encoding = Encoding::wanted(&asked, &FORMS);
    Ok(answer(file, encoding, FOR_GOOD))
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
        web: files::VERSION,
    })
}

/// What begins a version. Browsers ask each time whether it is still the same.
fn page(name: &str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let file = files::find(name).ok_or(ApiError::NoSuchPath)?;
    let encoding = Encoding::wanted(asked, &FORMS);
    let mut response = answer(file, encoding, HeaderValue::from_static("no-cache"));
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    if let Some(tag) = tag::of(file.content(encoding), None) {
        if tag::is_known(&tag, asked) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
        }
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

fn answer(file: &'static File, encoding: Encoding, cache: HeaderValue) -> Response {
    let mut response = encoding.answer(file.kind(), file.content(encoding));
    response.headers_mut().insert(CACHE_CONTROL, cache);
    response
}

#[cfg(test)]
mod tests;
