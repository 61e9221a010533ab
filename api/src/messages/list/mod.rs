//! The history of a user, whole or in pages.

mod around;
mod encoder;
pub(super) mod export;
mod format;
mod query;
mod reader;
mod stream;
pub(crate) mod tag;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use mysms_core::domain::{MessageId, Scope, UserId};
use mysms_core::store::Ways;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use self::encoder::Encoder;
pub(crate) use self::format::Format;
use self::query::ListQuery;
pub(crate) use self::query::{NextPage, Part as PartOfList, Place, limit};
use self::reader::Reader;
pub(crate) use self::reader::Source;
use self::stream::all;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, OwnHistory};
use crate::openapi::problems::{Invalid, NoRoomLeft, NotFound, TooMuchUnread, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use view::MessageView;

/// List all messages of the caller
///
/// Oldest first and all of them, or page by page with a `limit`; only those that pass every filter. With a
/// `direction` what was received, too. `GET /messages/export` has the same list as a file. (`Accept: text/csv`
/// and `application/x-ndjson` still do that here, too.)
///
/// A `recipient`, a `reference` or a `tag`, with `since` and `until` or without, is found by an index. Of
/// several of them the rarest is, and the messages found are looked through for the others, as for `status`,
/// `number`, `direction=inbound` and `q`: no more than a limited number for a page, so a page may be shorter
/// than its `limit`, even empty, although there is a next one.
#[utoipa::path(
    get, path = "/messages", tag = "messages", operation_id = "listMessages",
    security(("token" = []), ("key" = ["messages:read"])),
    params(ListQuery, IfNoneMatch),
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
pub(super) async fn list(
    state: State<AppState>,
    caller: Caller,
    query: RawQuery,
    format: Format,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    list_own(state, OwnHistory(caller), query, format, headers).await
}

/// List all messages of a user
///
/// The same as `GET /messages`, under the user's own name: anybody else's is not found.
#[utoipa::path(
    get, path = "/messages/{user}", tag = "messages", operation_id = "listMessagesOfUser",
    security(("token" = []), ("key" = ["messages:read"])),
    params(OwnHistory, ListQuery, IfNoneMatch),
    responses(
        (
            status = 200, description = "The messages", body = [MessageView<'static>],
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        (
            status = 304, description = "The page is still what its `ETag` stands for",
            headers(("Link"), ("X-Next-Cursor"), ("ETag")),
        ),
        Invalid, NotFound, TooMuchUnread, NoRoomLeft, Unavailable,
    ),
)]
pub(super) async fn list_own(
    State(state): State<AppState>,
    OwnHistory(caller): OwnHistory,
    RawQuery(query): RawQuery,
    format: Format,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query_text = query.unwrap_or_default();
    let mut checks = Checks::default();
    let query = ListQuery::read(&query_text, &mut checks);
    let list = List::of(&caller, checks.finish(Some(query))?, &query_text)?;
    list.answer(&state, format, &headers).await
}

/// What a list is asked for.
pub(crate) struct List<'a> {
    /// Whose messages they are.
    pub owner: UserId,
    /// Who reads them.
    pub reader: UserId,
    pub place: Place,
    pub source: Source,
    pub query: &'a str,
}

impl<'a> List<'a> {
    fn of(caller: &Caller, query: ListQuery, text: &'a str) -> Result<Self, ApiError> {
        if query.filter.ways != Ways::Sent {
            caller.require_scope(Scope::ConversationsRead)?;
        }
        Ok(Self {
            owner: caller.user,
            reader: caller.user,
            place: query.place,
            source: Source::History(query.filter),
            query: text,
        })
    }

    /// Answers with all of it, or with a page if it has a limit.
    pub(crate) async fn answer(
        self,
        state: &AppState,
        format: Format,
        headers: &HeaderMap,
    ) -> Result<Response, ApiError> {
        let mut reader = Reader {
            state: state.clone(),
            owner: self.owner,
            by: self.reader,
            order: self.place.order,
            after: self.place.cursor,
            source: self.source,
        };
        let Some(limit) = self.place.limit else {
            return all(reader, format).await;
        };
        let (page, next) = page(&mut reader, limit, format).await?;
        let page = state.unread.keep(self.reader, page)?;
        let next = next.and_then(|last| NextPage::after(last, self.query));
        Ok(answer(page, next, format, headers))
    }
}

/// The header by which a client names the page that it has.
pub(crate) struct IfNoneMatch;

impl IntoParams for IfNoneMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-None-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some(
                "The `ETag` of a page, to which the answer is 304 if it is still the same.",
            ))
            .schema(Some(schema::string()));
        vec![parameter.build()]
    }
}

/// A page, and the cursor of the next one.
async fn page(
    reader: &mut Reader,
    limit: usize,
    format: Format,
) -> Result<(Bytes, Option<MessageId>), ApiError> {
    // One more than shown tells whether there is a next page.
    let mut part = reader.next(limit + 1).await?;
    let next = if part.messages.len() > limit {
        part.messages.truncate(limit);
        let last = part.messages.last();
        last.map(|message| reader.source.cursor_of(message))
    } else {
        part.searched_to
    };
    let page = Encoder::new(format, reader.state.glossary()).write_all(&part.messages);
    Ok((page.map_err(ApiError::Internal)?, next))
}

/// Answers with a page, unless the client has it already.
fn answer(
    page: Bytes,
    beside: impl IntoIterator<Item = NextPage>,
    format: Format,
    asked: &HeaderMap,
) -> Response {
    let beside: Vec<_> = beside.into_iter().collect();
    let tag = tag::of(&page, beside.iter().map(NextPage::link));
    let mut response = match &tag {
        Some(tag) if tag::is_known(tag, asked) => StatusCode::NOT_MODIFIED.into_response(),
        _ => (format.headers(), page).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from(ACCEPT));
    headers.extend(tag.map(|tag| (ETAG, tag)));
    headers.extend(beside.into_iter().flat_map(NextPage::headers));
    response
}
