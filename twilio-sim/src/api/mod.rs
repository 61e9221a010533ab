use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header::DATE},
    middleware::{self, Next},
    response::Response,
    routing::get,
};

use crate::{account, clock::now_ms, error::Refused, state::Sim, stats::count};

mod create;
mod erase;
mod fetch;
mod form;
mod list;
mod media;
mod view;

pub(crate) use view::View;

/// Twilio's paths.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router(sim: &Arc<Sim>) -> Router<Arc<Sim>> {
    let account = Router::new()
        .route("/Messages.json", get(list::list).post(create::create))
        .route(
            "/Messages/{sid}",
            get(fetch::fetch).post(erase::update).delete(erase::delete),
        )
        .route("/Messages/{sid}/Media.json", get(media::list))
        .route(
            "/Messages/{sid}/Media/{medium}",
            get(media::fetch).delete(media::delete),
        )
        .merge(account::in_account())
        .fallback(async || Refused::new(20404))
        .method_not_allowed_fallback(async || Refused::new(20004))
        .layer(middleware::from_fn_with_state(Arc::clone(sim), dress));
    Router::new()
        .route("/2010-04-01/Accounts/{file}", get(account::account))
        .nest("/2010-04-01/Accounts/{account}", account)
}

/// Counts the request and gives the answer Twilio's headers, `Date` by the provider's clock.
async fn dress(State(sim): State<Arc<Sim>>, request: Request, next: Next) -> Response {
    count(&sim.stats.requests);
    let mut response = next.run(request).await;
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(DATE, sim.shown().http_date(now_ms()));
    let request_id = HeaderName::from_static("twilio-request-id");
    set(request_id, format!("RQ{:032x}", rand::random::<u128>()));
    response
}
