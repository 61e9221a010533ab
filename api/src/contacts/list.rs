use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use mysms_core::domain::Address;
use utoipa::IntoParams;

use super::shelf;
use super::view::ContactView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::messages::{IfNoneMatch, NextPage, tag};
use crate::openapi::problems::{Invalid, Unavailable};
use crate::state::AppState;

/// The most contacts on a page, and as many as there are unless its `limit` says otherwise.
const LONGEST_PAGE: usize = 1000;

/// Which part of the list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// How many at most, 1,000 if it is left out; `X-Next-Cursor` and `Link` lead to the next page.
    #[param(value_type = usize, required = false, minimum = 1, maximum = 1000)]
    limit: usize,
    /// The `X-Next-Cursor` of the page before.
    #[param(value_type = String, required = false)]
    cursor: Option<Address>,
}

/// List the caller's contacts
///
/// By number, page by page.
#[utoipa::path(
    get, path = "/contacts", tag = "contacts", operation_id = "listContacts",
    security(("token" = []), ("key" = ["contacts:read"])),
    params(Asked, IfNoneMatch),
    responses(
        (
            status = 200, description = "The contacts", body = [ContactView],
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        Invalid, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let Asked { limit, cursor } = Asked::parse(&query)?;
    let _turn = state.reads.turn(caller.user).await;
    // One more than shown tells whether there is a next page.
    let mut found = shelf::page(&state, caller.user, cursor.as_ref(), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let last = last.map(|last| URL_SAFE_NO_PAD.encode(last.number.as_str()));
    let next = last.and_then(|last| NextPage::after(last, &query));
    let views: Vec<_> = found.into_iter().map(ContactView::from).collect();
    let page = serde_json::to_vec(&views).map_err(|error| ApiError::Internal(Box::new(error)))?;
    let page = state.unread.keep(caller.user, page.into())?;
    let tag = tag::of(&page, next.iter().map(NextPage::link));
    let mut response = match &tag {
        Some(tag) if tag::is_known(tag, &headers) => StatusCode::NOT_MODIFIED.into_response(),
        _ => ([(CONTENT_TYPE, "application/json")], page).into_response(),
    };
    let headers = response.headers_mut();
    headers.extend(tag.map(|tag| (ETAG, tag)));
    headers.extend(next.into_iter().flat_map(NextPage::headers));
    Ok(response)
}

impl Asked {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let limit = checks.parameter("limit", query, |text| {
            let limit = text.parse().ok();
            let limit = limit.filter(|limit| (1..=LONGEST_PAGE).contains(limit));
            limit.ok_or("must be a whole number from 1 to 1000")
        });
        let cursor = checks.parameter("cursor", query, |text| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok();
            let number = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            let number = number.and_then(|number| Address::parse(&number).ok());
            number.ok_or("must be the X-Next-Cursor of a page")
        });
        checks.finish(Some(Self {
            limit: limit.unwrap_or(LONGEST_PAGE),
            cursor,
        }))
    }
}
