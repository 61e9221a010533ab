use axum::extract::State;
use http::StatusCode;
use mysms_core::domain::MessageId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Counterpart, check_bound, marks};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, Field, JsonBody, read_optional_object};
use crate::openapi::problems::{Invalid, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// Up to where a conversation was read.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = ReadUpTo)]
pub(super) struct UpTo {
    /// The last message that was seen, one of the conversation; all of them, if it is left out.
    #[serde(default)]
    #[schema(value_type = Option<schema::MessageId>, required = false)]
    up_to: Field,
}

impl UpTo {
    fn read(body: &[u8]) -> Result<Option<MessageId>, ApiError> {
        let Self { up_to } = read_optional_object(body)?;
        let mut checks = Checks::default();
        let id = checks.optional("up_to", up_to, |text| {
            text.parse().map_err(|_| "must be the id of a message")
        });
        checks.finish(Some(id))
    }
}

/// Mark what was received from somebody as read
///
/// Up to a message, so that one that comes meanwhile is not marked with it, or all of it. A note to look at the
/// conversation again is dropped.
#[utoipa::path(
    put, path = "/conversations/{number}/read", tag = "conversations", operation_id = "markRead",
    security(("token" = []), ("key" = ["conversations:write"])),
    params(Counterpart),
    request_body(
        content = Option<UpTo>,
        examples(
            ("what was seen" = (value = json!({ "up_to": schema::MESSAGE_ID }))),
            ("everything" = (value = json!({}))),
        ),
    ),
    responses((status = 204, description = "It is noted"), Invalid, Unavailable),
)]
pub(super) async fn mark_read(
    State(state): State<AppState>,
    caller: Caller,
    Counterpart(number): Counterpart,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let up_to = UpTo::read(&body)?;
    check_bound(&state, (caller.user, &number), up_to).await?;
    let now = state.clock.now();
    let read = state.store_timeout.repeat(|| {
        state
            .stores
            .ledger
            .mark_read(caller.user, &number, up_to, now)
    });
    let news = read.await?;
    // Whoever hears of it finds the note gone.
    marks::drop_unread(&state, caller.user, &number).await?;
    if news {
        state.announce(caller.user, now);
    }
    Ok(StatusCode::NO_CONTENT)
}
