//! From where the caller's texts may leave.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use mysms_core::domain::{
    Class, Country, Sender, SenderAddress, SenderKind, SenderState, quiet_rules,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::problems::Unavailable;
use crate::openapi::schema;
use crate::outgoing::Leaving;
use crate::state::AppState;
use view::PauseView;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(list))
}

/// Something that texts leave from.
#[derive(Serialize, ToSchema)]
#[schema(as = Sender)]
struct SenderView<'a> {
    #[schema(value_type = schema::SenderAddress)]
    address: &'a SenderAddress,
    #[schema(value_type = schema::SenderKind)]
    kind: SenderKind,
    /// Where its texts may go; everywhere, if there are none.
    #[schema(value_type = Vec<schema::Country>)]
    countries: &'a [Country],
    #[schema(value_type = schema::SenderState)]
    state: SenderState,
    /// People can answer what comes from it.
    #[schema(example = true)]
    can_be_answered: bool,
    /// Segments a second that leave it; null if that is not limited.
    #[schema(required, example = 1.0)]
    rate: Option<f64>,
    /// Seconds that a transactional text would be likely to wait now; null if that is not known.
    #[schema(required, minimum = 0, example = 0)]
    expected_wait: Option<u64>,
    /// That nothing leaves it now; null if that is not so.
    #[schema(required)]
    paused: Option<PauseView>,
}

/// List the senders that the caller may use
///
/// One of their addresses can be the `from` of a text.
#[utoipa::path(
    get, path = "/senders", tag = "messages", operation_id = "listSenders",
    security(("token" = []), ("key" = ["senders:read"])),
    responses((status = 200, description = "The senders", body = [SenderView<'static>]), Unavailable),
)]
async fn list(State(state): State<AppState>, caller: Caller) -> Result<Response, ApiError> {
    let registry = state.outgoing.registry().await?;
    let settings = state.settings.of(caller.user).await?;
    let now = state.clock.now();
    let mut views = Vec::new();
    let may_use = |sender: &&Sender| {
        let named = caller.senders();
        named.is_none_or(|named| named.contains(&sender.address))
    };
    for sender in registry.usable_by(caller.user).filter(may_use) {
        let quiet = quiet_rules(settings.quiet_hours.as_ref(), sender, None);
        let text = Leaving {
            class: Class::default(),
            user: caller.user,
            turn: None,
            segments: 1,
            start: now,
            quiet: &quiet,
        };
        let forecast = state.outgoing.foresee(&registry, sender, &text).await;
        views.push(SenderView {
            address: &sender.address,
            kind: sender.kind,
            countries: &sender.countries,
            state: sender.state,
            can_be_answered: sender.kind.can_be_answered(),
            rate: registry.rate_of(sender).map(f64::from),
            expected_wait: forecast.at().map(|at| at.since(now).as_secs()),
            paused: forecast.paused,
        });
    }
    Ok(Json(views).into_response())
}

#[cfg(test)]
mod tests;
