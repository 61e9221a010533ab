//! The history as a file.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use utoipa::IntoParams;

use super::{Format, IfNoneMatch, List, ListQuery};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::openapi::problems::{Invalid, NoRoomLeft, TooMuchUnread, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// How the file is written.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there to be described")]
struct Written {
    /// `csv` by default.
    #[param(inline, value_type = schema::ExportFormat, required = false)]
    format: Format,
}

/// Export the messages of the caller
///
/// The list of `GET /messages` with the same filters and pages, as a file: a table, or with
/// `format=ndjson` a JSON object on each line. It comes piece by piece, however long it is.
///
/// A table is for spreadsheets: it begins with a byte order mark, and whatever would be taken for a
/// formula, numbers with their plus included, has an apostrophe in front. Programs read JSON.
#[utoipa::path(
    get, path = "/messages/export", tag = "messages", operation_id = "exportMessages",
    security(("token" = []), ("key" = ["messages:read"])),
    params(Written, ListQuery, IfNoneMatch),
    responses(
        (
            status = 200, description = "The messages",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
            content((String = "text/csv"), (String = "application/x-ndjson")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        Invalid, TooMuchUnread, NoRoomLeft, Unavailable,
    ),
)]
pub(in crate::messages) async fn export(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let text = query.unwrap_or_default();
    let mut checks = Checks::default();
    let format = checks.parameter("format", &text, |text| match text.as_str() {
        "csv" => Ok(Format::Csv),
        "ndjson" => Ok(Format::Ndjson),
        _ => Err("must be csv or ndjson"),
    });
    let query = ListQuery::read(&text, &mut checks);
    let list = List::of(&caller, checks.finish(Some(query))?, &text)?;
    let format = format.unwrap_or(Format::Csv);
    list.answer(&state, format, &headers).await
}
