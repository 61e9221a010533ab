//! What belongs to nobody, for those who may see it: they give it to users.

mod assign;
mod list;
mod media;

use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::{Message, MessageId, Right, Scope, UserId};
use mysms_core::ledger::Assignment;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(assign::claim))
        .routes(routes!(assign::assign))
        .routes(routes!(media::open))
}

/// A caller who may see what belongs to nobody, because an operator lets them. Whoever may not learns
/// nothing else.
struct Attendant(Caller);

impl FromRequestParts<AppState> for Attendant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        // What a key may do its route says.
        if state.settings.of(caller.user).await?.has(Right::Inbox) {
            Ok(Self(caller))
        } else {
            Err(ApiError::InboxClosed)
        }
    }
}

/// Whether a caller is told of what belongs to nobody: a user who may see it, and a key only if it may too.
pub(crate) async fn is_open_to(state: &AppState, caller: &Caller) -> Result<bool, ApiError> {
    let settings = state.settings.of(caller.user).await?;
    let grant = caller.grant();
    Ok(settings.has(Right::Inbox) && grant.is_none_or(|grant| grant.allows(Scope::InboxRead)))
}

/// Gives a text to a user, and tells them and whoever watches the inbox.
async fn give(
    state: &AppState,
    id: MessageId,
    to: UserId,
    by: UserId,
) -> Result<Box<Message>, ApiError> {
    let now = state.clock.now();
    let assign = || state.stores.ledger.assign(id, to, now);
    match state.store_timeout.repeat(assign).await? {
        Assignment::Assigned(message) => {
            tracing::info!(message.id = %id, user.id = %to, by.id = %by, "a text that belonged to nobody is a user's");
            state.announce(to, message.updated_at);
            state.announce(UserId::NOBODY, message.updated_at);
            if to != by {
                state.bell.ring(&message);
            }
            Ok(message)
        }
        Assignment::Taken => Err(ApiError::AlreadyAssigned),
        Assignment::NotFound => Err(ApiError::NotFound),
    }
}

#[cfg(test)]
mod tests;
