//! The page on which the phones are seen and written on: its files are in `phone/`.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{
        HeaderName, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::state::Sim;

/// Nothing inline, nothing from elsewhere, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const INDEX: &str = include_str!("../phone/index.html");

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[
            // The web client's: both speak one visual language.
            ("tokens.css", include_str!("../../web/tokens.css")),
            $(($name, include_str!(concat!("../phone/", $name)))),+
        ]
    };
}

const FILES: &[(&str, &str)] = files![
    "api.js",
    "composer.js",
    "controls.css",
    "dom.js",
    "faults.css",
    "faults.js",
    "format.js",
    "icon.svg",
    "layout.css",
    "main.js",
    "phones.css",
    "phones.js",
    "switches.js",
    "thread.css",
    "thread.js",
];

/// The page and its files, below `/sim`.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/", get(async || dress("text/html; charset=utf-8", INDEX)))
        .route("/phone/{file}", get(file))
}

async fn file(Path(name): Path<String>) -> Response {
    let found = FILES.iter().find(|(file, _)| *file == name);
    let Some((_, text)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    dress(content_type, text)
}

fn dress(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // A simulator of another version may come to the same port.
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
