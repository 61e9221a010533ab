use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use mysms_core::domain::UserId;
use mysms_core::store::{Filter, Ways};

use super::Attendant;
use crate::error::ApiError;
use crate::messages::{Format, IfNoneMatch, List, Place, Source};
use crate::openapi::problems::{InboxClosed, Invalid, NoRoomLeft, TooMuchUnread, Unavailable};
use crate::state::AppState;
use view::MessageView;

/// List the texts that belong to nobody
///
/// What was received, and whose author nobody has a conversation with: oldest first and all of it, or page
/// by page with a `limit`. Only for users whom an operator lets see it.
/// With `Accept: text/csv` or `application/x-ndjson` it is a file like that of `GET /messages/export`.
#[utoipa::path(
    get, path = "/inbox/unassigned", tag = "inbox", operation_id = "listUnassigned",
    security(("token" = []), ("key" = ["inbox:read"])),
    params(Place, IfNoneMatch),
    responses(
        (
            status = 200, description = "The texts", body = [MessageView<'static>],
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        Invalid, InboxClosed, TooMuchUnread, NoRoomLeft, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    Attendant(caller): Attendant,
    RawQuery(query): RawQuery,
    format: Format,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let list = List {
        owner: UserId::NOBODY,
        reader: caller.user,
        place: Place::parse(&query)?,
        source: Source::History(Filter {
            ways: Ways::Both,
            ..Filter::default()
        }),
        query: &query,
    };
    list.answer(&state, format, &headers).await
}
