use std::collections::HashMap;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use mysms_core::domain::{Address, Marks, NumberPart};
use mysms_core::provider::Glossary;
use mysms_core::store::{Conversation, Overview};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::shown::Show;
use super::{marks, shown};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::messages::{NextPage, PartOfList};
use crate::openapi::problems::{Invalid, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use view::MessageView;

/// Conversations on a page, unless its `limit` says otherwise.
const PAGE: usize = 50;

/// Whose conversations are looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Only those with a number that has these digits in it, however they are written: `415555` or
    /// `(415) 555-01`.
    #[param(inline, value_type = schema::NumberPart, required = false)]
    number: Option<NumberPart>,
    /// Only those that are not put aside (`inbox`), that are (`archived`), that are `pinned`; those with something
    /// unread or a note to look at them again (`unread`); those where what the caller sent last `failed` or was not
    /// delivered; those with queued texts (`waiting`). All of them, if it is left out.
    #[param(inline, value_type = schema::Show, required = false)]
    show: Option<Show>,
}

impl Whose {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let number = checks.parameter("number", query, |text| NumberPart::parse(&text));
        let show = checks.parameter("show", query, |text| Show::parse(&text));
        checks.finish(Some(Self { number, show }))
    }
}

/// What was exchanged with one counterpart, in short.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own in the answer"
)]
struct ConversationView<'a> {
    #[schema(value_type = schema::Address)]
    counterpart: &'a Address,
    /// A text can be sent to the counterpart, because it is a phone number.
    #[schema(example = true)]
    answerable: bool,
    /// The one either way that stands last.
    last_message: MessageView<'a>,
    /// Received messages that were not marked as read.
    #[schema(example = 1)]
    unread: u64,
    /// The other party wants no texts from us: sending them one is refused.
    #[schema(example = false)]
    opted_out: bool,
    /// The caller wants to see it above all others.
    #[schema(example = false)]
    pinned: bool,
    /// The caller put it aside, and there was no message since.
    #[schema(example = false)]
    archived: bool,
    /// The caller wants to look at it again, whatever was read of it.
    #[schema(example = false)]
    marked_unread: bool,
}

impl<'a> ConversationView<'a> {
    fn new(
        conversation: &'a Conversation,
        (opted_out, marks): (&[Address], &Marks),
        glossary: Glossary,
    ) -> Self {
        let mark = marks.of(&conversation.counterpart);
        Self {
            pinned: mark.pinned,
            archived: mark.archives(conversation.last.position()),
            marked_unread: mark.unread,
            opted_out: opted_out.contains(&conversation.counterpart),
            counterpart: &conversation.counterpart,
            answerable: conversation.counterpart.is_answerable(),
            last_message: MessageView::new(&conversation.last, glossary),
            unread: conversation.unread,
        }
    }
}

/// List the caller's conversations
///
/// The one whose last message has the highest `position` first, and 50 of them unless there is a `limit`. So
/// a scheduled text lifts its conversation when it goes out. The `cursor` is the `position` of the last
/// `last_message` of the page before.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", operation_id = "listConversations",
    security(("token" = []), ("key" = ["conversations:read"])),
    params(PartOfList, Whose),
    responses(
        (
            status = 200, description = "The conversations", body = [ConversationView<'static>],
            headers(("Link"), ("X-Next-Cursor")),
        ),
        Invalid, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let part = PartOfList::parse(&query)?;
    let Whose { number, show } = Whose::parse(&query)?;
    let limit = part.limit.unwrap_or(PAGE);
    let _turn = state.reads.turn(caller.user).await;
    let marks = marks::of(&state, caller.user).await?;
    let wanted = Overview {
        before: part.cursor.map(Into::into),
        number,
        among: shown::among(&state, caller.user, &marks, show).await?,
        // One more than shown tells whether there is a next page.
        limit: limit + 1,
    };
    let read = state
        .stores
        .conversations
        .conversations(caller.user, &wanted);
    let mut conversations = state.store_timeout.once(read).await?;
    let more = conversations.len() > limit;
    conversations.truncate(limit);
    let last = conversations.last().filter(|_| more);
    let next = last.and_then(|last| NextPage::after(last.last.position(), &query));
    let opted_out = opted_out(&state, &conversations).await?;
    let views: Vec<_> = conversations
        .iter()
        .map(|conversation| {
            let noted = (&*opted_out, &marks);
            ConversationView::new(conversation, noted, state.glossary())
        })
        .collect();
    let mut response = Json(views).into_response();
    let next = next.into_iter().flat_map(NextPage::headers);
    response.headers_mut().extend(next);
    Ok(response)
}

/// With whom of those the caller would be refused, if the next text leaves from where the last one did.
async fn opted_out(
    state: &AppState,
    conversations: &[Conversation],
) -> Result<Vec<Address>, ApiError> {
    let registry = state.outgoing.registry().await?;
    let mut counterparts: HashMap<&str, Vec<Address>> = HashMap::new();
    for Conversation {
        counterpart, last, ..
    } in conversations
    {
        let sender = registry.leaving(last.our_address()).address.as_str();
        let known = counterparts.entry(sender).or_default();
        known.push(counterpart.clone());
    }
    let mut opted_out = Vec::new();
    for (sender, counterparts) in counterparts {
        opted_out.extend(state.opt_outs.among(sender, &counterparts).await?);
    }
    Ok(opted_out)
}
