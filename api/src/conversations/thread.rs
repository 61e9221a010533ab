use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use mysms_core::domain::MessageId;
use utoipa::IntoParams;

use super::Counterpart;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::messages::{Format, IfNoneMatch, List, Place, Source};
use crate::openapi::problems::{Invalid, NoRoomLeft, NotFound, TooMuchUnread, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use view::MessageView;

/// Where in a conversation to begin.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct Middle {
    /// A page with this message in the middle, and as many before it as after it: 50 in all, or the `limit`.
    /// `X-Next-Cursor` and `X-Prev-Cursor` lead on to both sides, the latter in the opposite `order`. A
    /// `cursor` does not count beside it.
    #[param(inline, value_type = schema::MessageId, required = false)]
    around: Option<MessageId>,
}

impl Middle {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let around = checks.parameter("around", query, |text| {
            text.parse().map_err(|_| "must be the id of a message")
        });
        checks.finish(Some(Self { around }))
    }
}

/// Read a conversation
///
/// What the caller sent there and what was received from there: all of it, oldest first, or page
/// by page with a `limit`. With whom nothing was exchanged it is empty.
///
/// A text stands where it was written or received, but one that had to wait where it went out: it moves
/// there when it does. The order is that of `position`.
///
/// With `Accept: text/csv` or `application/x-ndjson` it is a file like that of `GET /messages/export`.
#[utoipa::path(
    get, path = "/conversations/{number}", tag = "conversations",
    operation_id = "readConversation",
    security(("token" = []), ("key" = ["conversations:read"])),
    params(Counterpart, Place, Middle, IfNoneMatch),
    responses(
        (
            status = 200, description = "The messages", body = [MessageView<'static>],
            headers(("Link"), ("X-Next-Cursor"), ("X-Prev-Cursor"), ("ETag")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("X-Prev-Cursor"), ("ETag")),
        ),
        Invalid, NotFound, TooMuchUnread, NoRoomLeft, Unavailable,
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
    let place = Place::parse(&query)?;
    let Middle { around } = Middle::parse(&query)?;
    let list = List {
        owner: caller.user,
        reader: caller.user,
        place,
        source: Source::Conversation(number.clone()),
        query: &query,
    };
    match around {
        Some(id) => list.around((number, id), &state, format, &headers).await,
        None => list.answer(&state, format, &headers).await,
    }
}
