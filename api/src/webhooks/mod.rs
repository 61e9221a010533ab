//! What the provider tells us. Whether it is the provider who speaks, and what it means, is known to
//! the provider's adapter alone.

mod contract;
mod inbound;
mod status;

use axum::extract::DefaultBodyLimit;
use http::{HeaderMap, Uri};
use mysms_core::provider::Call;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The largest body, in bytes: a text of 1,600 characters of three bytes each is half of it.
const BODY_LIMIT: usize = 32 * 1024;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(contract::report_status))
        .routes(routes!(contract::receive_message))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

fn call<'a>(uri: &'a Uri, headers: &'a HeaderMap, body: &'a [u8]) -> Call<'a> {
    Call {
        target: uri.path_and_query().map_or("", |target| target.as_str()),
        headers,
        body,
    }
}

#[cfg(test)]
mod tests;
