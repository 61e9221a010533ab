//! The history of a user, whole or in pages.

mod around;
mod encoder;
pub(super) mod export;
mod format;
mod query;
pub(crate) mod tag;

use std::collections::{HashSet, VecDeque};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::header::{ACCEPT, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use mysms_core::chain::Chain;
use mysms_core::domain::{Address, Message, MessageId, Scope, UserId};
use mysms_core::store::{Excerpt, Filter, Order, Page, Part, StoreError, Ways};
use tracing::{Instrument, Span};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use self::encoder::Encoder;
pub(crate) use self::format::Format;
use self::query::ListQuery;
pub(crate) use self::query::{NextPage, Part as PartOfList, Place, limit};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, OwnHistory};
use crate::openapi::problems::{Invalid, NoRoomLeft, NotFound, TooMuchUnread, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use crate::unread::Room;
use view::MessageView;

/// Messages read from the store at a time for a list without a limit.
const CHUNK: usize = 200;

/// The most memory that such a list takes while it is read: a text of the greatest length is 5 KiB.
const LIST_ROOM: usize = 1024 * 1024;

/// List all messages of the caller
///
/// Oldest first and all of them, or page by page with a `limit`; only those that pass every filter.
/// With `direction` what was received, too. `GET /messages/export` has the same list as a file. (`Accept: text/csv` and `application/x-ndjson`
/// still do that here, too.)
///
/// A `recipient`, a `reference` or a `tag`, with `since` and `until` or without, is found by an index. Of
/// several of them the rarest is, and the messages found are looked through for the others, as for
/// `status`, `number`, `direction=inbound` and `q`: no more than a limited number for a page, so a page may be shorter than its `limit`,
/// even empty, although there is a next one.
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

/// What a list is made of.
#[derive(Clone)]
pub(crate) enum Source {
    /// Messages in the order of their ids.
    History(Filter),
    /// What was exchanged with one counterpart, in the order of the positions.
    Conversation(Address),
}

impl Source {
    /// What the page after a message begins behind.
    fn cursor_of(&self, message: &Message) -> MessageId {
        match self {
            Self::History(_) => message.id,
            Self::Conversation(_) => MessageId::from_uuid(message.position().as_uuid()),
        }
    }

    fn needs_search(&self) -> bool {
        matches!(self, Self::History(filter) if filter.needs_search())
    }
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

/// Reads a history part by part.
struct Reader {
    state: AppState,
    owner: UserId,
    /// Who reads it.
    by: UserId,
    order: Order,
    source: Source,
    /// The [cursor](Source::cursor_of) of the last one that was read.
    after: Option<MessageId>,
}

impl Reader {
    async fn next(&mut self, limit: usize) -> Result<Part, StoreError> {
        // Looking through a history takes the store long: one look at a time for each user.
        let _search = if self.source.needs_search() {
            Some(self.state.searches.turn(self.by).await)
        } else {
            None
        };
        let _turn = self.state.reads.turn(self.by).await;
        let part = self.state.store_timeout.once(self.read(limit)).await?;
        let last = part.messages.last();
        let last = last.map(|message| self.source.cursor_of(message));
        self.after = part.searched_to.or(last).or(self.after);
        Ok(part)
    }

    async fn read(&self, limit: usize) -> Result<Part, StoreError> {
        let (stores, order) = (&self.state.stores, self.order);
        match self.source.clone() {
            Source::History(filter) => {
                let page = Page {
                    order,
                    after: self.after,
                    limit,
                    filter,
                };
                stores.history.page(self.owner, page).await
            }
            Source::Conversation(counterpart) => {
                let excerpt = Excerpt {
                    counterpart,
                    order,
                    after: self.after.map(Into::into),
                    limit,
                };
                let messages = stores.conversations.exchanged(self.owner, &excerpt).await?;
                let searched_to = None;
                Ok(Part {
                    messages,
                    searched_to,
                })
            }
        }
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
    let tag = tag::of(&page, beside.iter().map(|page| &page.link));
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

/// The first part is read before the answer begins, so that a store that is away gives a 503. When
/// it fails later the connection is aborted: an array that ends nicely would be believed.
async fn all(mut reader: Reader, format: Format) -> Result<Response, ApiError> {
    let room = reader.state.unread.room(reader.by, LIST_ROOM)?;
    let first = reader.next(CHUNK).await?;
    let mut list = ListStream {
        encoder: Encoder::new(format, reader.state.glossary()),
        messages: VecDeque::new(),
        read_all: false,
        waiting: HashSet::new(),
        ended: false,
        reader,
        _room: room,
    };
    list.take(first);
    let span = Span::current();
    let chunks = try_unfold(list, move |list| list.piece().instrument(span.clone()));
    Ok((format.headers(), Body::from_stream(chunks)).into_response())
}

/// A list that is written piece by piece, as its client takes it.
struct ListStream {
    reader: Reader,
    encoder: Encoder,
    /// Read, but not written yet.
    messages: VecDeque<Message>,
    /// There are no more than these.
    read_all: bool,
    /// Those of a conversation that had not gone out when they were read: they may stand further on by now.
    waiting: HashSet<MessageId>,
    ended: bool,
    _room: Room,
}

impl ListStream {
    fn take(&mut self, part: Part) {
        self.read_all = part.messages.len() < CHUNK && part.searched_to.is_none();
        self.messages = part.messages.into();
        if let Source::Conversation(_) = self.reader.source {
            self.messages
                .retain(|message| !self.waiting.contains(&message.id));
            let waiting = self.messages.iter().filter(|message| message.may_move());
            self.waiting.extend(waiting.map(|message| message.id));
        }
    }

    async fn piece(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        while !self.ended {
            // A search may go on for long without finding anything.
            while self.messages.is_empty() && !self.read_all {
                let part = self.reader.next(CHUNK).await.inspect_err(|error| {
                    tracing::error!(error = %Chain(error), "a list was broken off");
                })?;
                self.take(part);
            }
            let piece = self
                .encoder
                .write_some(&mut self.messages, self.read_all)
                .map_err(|error| StoreError::corrupt("a message", error))?;
            self.ended = self.messages.is_empty() && self.read_all;
            if !piece.is_empty() {
                return Ok(Some((piece, self)));
            }
        }
        Ok(None)
    }
}
