use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use mysms_core::store::Filter;

use super::Counterpart;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::messages::{Format, IfNoneMatch, List, Place};
use crate::openapi::problems::{Invalid, NoRoomLeft, TooMuchUnread, Unavailable};
use crate::state::AppState;
use view::MessageView;

/// Read a conversation
///
/// What the caller sent there and what was received from there: all of it, oldest first, or page
/// by page with a `limit`. With whom nothing was exchanged it is empty.
/// With `Accept: text/csv` or `application/x-ndjson` it is a file like that of `GET /messages/export`.
#[utoipa::path(
    get, path = "/conversations/{number}", tag = "conversations",
    operation_id = "readConversation",
    security(("token" = []), ("key" = ["conversations:read"])),
    params(Counterpart, Place, IfNoneMatch),
    responses(
        (
            status = 200, description = "The messages", body = [MessageView<'static>],
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        Invalid, TooMuchUnread, NoRoomLeft, Unavailable,
    ),
)]
pub(super) async fn thread(
    State(state): State<AppState>,
    caller: Caller,
    Counterpart(number): Counterpart,
    RawQuery(query): RawQuery,
    format: Format,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let list = List {
        owner: caller.user,
        reader: caller.user,
        place: Place::parse(&query)?,
        filter: Filter {
            counterpart: Some(number),
            received: true,
            ..Filter::default()
        },
        query: &query,
    };
    list.answer(&state, format, &headers).await
}
