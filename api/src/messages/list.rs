use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::header::{CONTENT_TYPE, LINK};
use http::{HeaderValue, Uri};
use shared::domain::{Message, MessageId, UserId};
use shared::store::{History, Order, Page, StoreError};
use shared::telemetry::Chain;
use tracing::{Instrument, Span};
use utoipa::IntoParams;

use super::view::MessageView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, OwnHistory};
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::patience::Patience;
use crate::state::AppState;

/// Messages read from the store at a time.
const CHUNK: usize = 500;

/// The longest page that may be asked for.
const LONGEST_PAGE: usize = 200;

/// List all messages of the caller
///
/// Oldest first and all of them, or page by page with a `limit`.
#[utoipa::path(
    get, path = "/messages", tag = "messages", operation_id = "listMessages",
    params(ListQuery),
    responses(
        (
            status = 200, description = "The messages", body = [MessageView<'static>],
            headers(("Link")),
        ),
        Invalid, Unavailable,
    ),
)]
pub(super) async fn list(
    state: State<AppState>,
    caller: Caller,
    uri: OriginalUri,
    query: RawQuery,
) -> Result<Response, ApiError> {
    list_own(state, OwnHistory(caller), uri, query).await
}

/// List all messages of a user
///
/// The same as `GET /messages`, under the user's own name: anybody else's is not found.
#[utoipa::path(
    get, path = "/messages/{user}", tag = "messages", operation_id = "listMessagesOfUser",
    params(OwnHistory, ListQuery),
    responses(
        (
            status = 200, description = "The messages", body = [MessageView<'static>],
            headers(("Link")),
        ),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn list_own(
    State(state): State<AppState>,
    OwnHistory(caller): OwnHistory,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = ListQuery::parse(query.as_deref().unwrap_or_default())?;
    let mut reader = Reader {
        history: Arc::clone(&state.history),
        patience: state.patience,
        owner: caller.user,
        order: query.order,
        after: query.cursor,
    };
    match query.limit {
        Some(limit) => page(&mut reader, limit, &uri).await,
        None => all(reader).await,
    }
}

/// The parameters of a list. Those with other names are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Oldest or newest first.
    #[param(inline, value_type = schema::Order, required = false)]
    order: Order,
    /// How many at most; the `Link` header leads to the next page.
    #[param(value_type = usize, required = false, minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
    /// The last id of the page before.
    #[param(inline, value_type = schema::MessageId, required = false)]
    cursor: Option<MessageId>,
}

impl ListQuery {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let order = checks.parameter("order", query, |text| match text.as_str() {
            "asc" => Ok(Order::OldestFirst),
            "desc" => Ok(Order::NewestFirst),
            _ => Err("must be asc or desc"),
        });
        let limit = checks.parameter("limit", query, |text| {
            let limit = text.parse().ok();
            limit
                .filter(|limit| (1..=LONGEST_PAGE).contains(limit))
                .ok_or("must be a whole number from 1 to 200")
        });
        let cursor = checks.parameter("cursor", query, |text| {
            text.parse().map_err(|_| "must be the id of a message")
        });
        checks.finish(Some(Self {
            order: order.unwrap_or(Order::OldestFirst),
            limit,
            cursor,
        }))
    }
}

/// Reads a history part by part.
struct Reader {
    history: Arc<dyn History>,
    patience: Patience,
    owner: UserId,
    order: Order,
    after: Option<MessageId>,
}

impl Reader {
    async fn next(&mut self, limit: usize) -> Result<Vec<Message>, StoreError> {
        let page = Page {
            order: self.order,
            after: self.after,
            limit,
        };
        let read = self.history.page(self.owner, page);
        let messages = self.patience.once(read).await?;
        self.after = messages.last().map(|message| message.id).or(self.after);
        Ok(messages)
    }
}

async fn page(reader: &mut Reader, limit: usize, uri: &Uri) -> Result<Response, ApiError> {
    // One more than shown tells whether there is a next page.
    let mut messages = reader.next(limit + 1).await?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    let views: Vec<_> = messages.iter().map(MessageView::from).collect();
    let mut response = Json(views).into_response();
    if let Some(last) = messages.last().filter(|_| more) {
        let order = match reader.order {
            Order::OldestFirst => "asc",
            Order::NewestFirst => "desc",
        };
        let path = uri.path();
        let next = format!(
            "<{path}?order={order}&limit={limit}&cursor={}>; rel=\"next\"",
            last.id
        );
        if let Ok(next) = HeaderValue::from_str(&next) {
            response.headers_mut().insert(LINK, next);
        }
    }
    Ok(response)
}

/// The first part is read before the answer begins, so that a store that is away gives a 503. When
/// it fails later the connection is aborted: an array that ends nicely would be believed.
async fn all(mut reader: Reader) -> Result<Response, ApiError> {
    let first = reader.next(CHUNK).await?;
    let array = ArrayStream {
        reader,
        ready: Some(first),
        opened: false,
        closed: false,
    };
    let span = Span::current();
    let chunks = try_unfold(array, move |array| array.chunk().instrument(span.clone()));
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], Body::from_stream(chunks)).into_response())
}

/// A JSON array that is written part by part.
struct ArrayStream {
    reader: Reader,
    ready: Option<Vec<Message>>,
    opened: bool,
    closed: bool,
}

impl ArrayStream {
    async fn chunk(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        if self.closed {
            return Ok(None);
        }
        let messages = match self.ready.take() {
            Some(messages) => messages,
            None => self.reader.next(CHUNK).await.inspect_err(|error| {
                tracing::error!(error = %Chain(error), "a list was broken off");
            })?,
        };
        self.closed = messages.len() < CHUNK;
        let chunk = self
            .write(&messages)
            .map_err(|error| StoreError::corrupt("a message", error))?;
        Ok(Some((chunk, self)))
    }

    fn write(&mut self, messages: &[Message]) -> serde_json::Result<Bytes> {
        let mut json = Vec::new();
        for message in messages {
            json.push(if self.opened { b',' } else { b'[' });
            self.opened = true;
            serde_json::to_writer(&mut json, &MessageView::from(message))?;
        }
        if self.closed {
            json.extend_from_slice(if self.opened { b"]" } else { b"[]" });
        }
        Ok(json.into())
    }
}
