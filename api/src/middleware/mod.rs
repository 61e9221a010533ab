//! What happens to every request and every answer, whatever the route.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use shared::config::ProviderConfig;
use shared::metrics::metrics;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::cors;
use crate::error::ApiError;
use crate::problem;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::state::AppState;
use crate::trace::ClientTrace;

/// The largest request body, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// How long a handler may take before the answer is a 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

const X_MYSMS_SIMULATED: HeaderName = HeaderName::from_static("x-mysms-simulated");

/// Wraps the routes. The last layer here is the first to see a request.
pub(crate) fn wrap(routes: Router, state: &AppState) -> Router {
    routes
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(limit_time))
        .layer(CatchPanicLayer::custom(|_| {
            ApiError::Panicked.into_response()
        }))
        .layer(from_fn(problem::render))
        .layer(option_layer(cors::layer(&state.http.cors)))
        .layer(from_fn_with_state(Arc::clone(&state.provider), add_headers))
        .layer(from_fn(in_context))
}

/// Names the request and puts everything it logs into one span.
async fn in_context(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let trace = ClientTrace::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request.id = id.as_str(),
        trace.id = trace.id(),
        http.method = %method,
        http.route = route,
    );
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(trace);
    let answer = async {
        let begun = Instant::now();
        let response = next.run(request).await;
        let (status, duration) = (response.status().as_u16(), begun.elapsed());
        metrics().request(method.as_str(), route, status, duration);
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(http.status = status, duration_ms, "answered");
        response
    };
    let mut response = answer.instrument(span).await;
    if let Some(header) = id.header() {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}

/// A route's own headers stand, so that a page to look at can loosen the policy.
async fn add_headers(
    State(provider): State<Arc<ProviderConfig>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let defaults = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (CACHE_CONTROL, "no-store"),
    ];
    let headers = response.headers_mut();
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if provider.simulated {
        headers.insert(X_MYSMS_SIMULATED, HeaderValue::from_static("true"));
    }
    response
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

#[cfg(test)]
mod tests;
