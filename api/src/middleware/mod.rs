//! What happens to every request and every answer, whatever the route.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use runtime::config::ProviderConfig;
use tokio::time::timeout;
use tower::ServiceBuilder;
use tracing::Instrument;

use crate::audit::Subject;
use crate::client_address::ClientAddress;
use crate::connection::Place;
use crate::error::ApiError;
use crate::host::{self, Asked};
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::state::AppState;
use crate::store_timeout::as_one_request;
use crate::trace::ClientTrace;
use crate::{cors, problem};

/// The largest request body, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// How long a handler may take before the answer is a 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const X_MYSMS_SIMULATED: HeaderName = HeaderName::from_static("x-mysms-simulated");

/// Wraps the routes. It is one layer, because the router boxes the service and the answer of each.
pub(crate) fn wrap(routes: Router, state: &AppState) -> Router {
    let asked = Arc::new(Asked::new(&state.http, &state.provider));
    let layers = ServiceBuilder::new()
        .option_layer(cors::layer(&state.http.cors))
        .layer(from_fn_with_state(state.clone(), in_context))
        .layer(from_fn_with_state(asked, host::check))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    routes.layer(layers)
}

/// Names the request, puts everything it logs into one span, and gives the answer what all have.
async fn in_context(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let trace = ClientTrace::of(request.headers());
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request.id = id.as_str(),
        trace.id = trace.id(),
        http.method = %method,
        http.route = route,
    );
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(trace);
    let client = ClientAddress::of(request.extensions(), request.headers(), &state.http);
    let subject = Subject::default();
    request.extensions_mut().insert(subject.clone());
    let reads = method.is_safe();
    let place = request.extensions().get::<Place>().cloned();
    let answer = {
        let (state, id) = (state.clone(), id.clone());
        async move {
            let _place = place;
            let route = matched.as_ref().map_or("", MatchedPath::as_str);
            let begun = Instant::now();
            let response = whatever_happens(next.run(request)).await;
            let asked = (&method, route);
            state.audit.note(&id, asked, client, &subject, &response);
            let response = problem::rendered(response, &id);
            let (status, duration) = (response.status().as_u16(), begun.elapsed());
            let metrics = &state.metrics;
            metrics.request(method.as_str(), route, status, duration);
            let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(http.status = status, duration_ms, "answered");
            response
        }
    };
    let answer = answer.instrument(span);
    let mut response = if reads {
        answer.await
    } else {
        // What changes something is done to its end, though its client hangs up meanwhile: half of it
        // would leave a count, a token or a text behind, and no word of it in the log.
        match state.lifecycle.tracker().spawn(answer).await {
            Ok(response) => response,
            Err(_) => problem::rendered(ApiError::Panicked.into_response(), &id),
        }
    };
    add_headers(response.headers_mut(), &id, &state.provider);
    response
}

/// There is an answer even if the handler panics or does not end.
async fn whatever_happens(answer: impl Future<Output = Response>) -> Response {
    // What a panic leaves behind is dropped with the request.
    let answer = AssertUnwindSafe(timeout(REQUEST_TIMEOUT, as_one_request(answer))).catch_unwind();
    match answer.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => ApiError::TimedOut.into_response(),
        Err(_) => ApiError::Panicked.into_response(),
    }
}

/// A route's own headers stand, so that a page to look at can loosen the policy.
fn add_headers(headers: &mut HeaderMap, id: &RequestId, provider: &ProviderConfig) {
    let defaults = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (CACHE_CONTROL, "no-store"),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        // Of what is not asked for by the rules of CORS.
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (
            PERMISSIONS_POLICY,
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if provider.simulated {
        headers.insert(X_MYSMS_SIMULATED, HeaderValue::from_static("true"));
    }
    if let Some(header) = id.header() {
        headers.insert(X_REQUEST_ID, header);
    }
}

#[cfg(test)]
mod tests;
