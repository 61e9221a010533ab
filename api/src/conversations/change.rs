use axum::Json as Answer;
use axum::extract::{RawQuery, State};
use mysms_core::domain::{Address, Mark, MessageId, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Counterpart, check_bound, marks};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use crate::uploads;

/// What is to be noted on a conversation. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangedConversation)]
#[serde(expecting = "an object that may have `pinned`, `archived` and `unread`")]
pub(super) struct Changes {
    /// Show it above all others. There may be 20.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pinned: Field,
    /// Put it aside, until there is another message.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    archived: Field,
    /// Look at it again. It ends when the conversation is marked as read.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    unread: Field,
}

/// What is noted on a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationMarks)]
pub(super) struct MarksView {
    #[schema(value_type = schema::Address)]
    counterpart: Address,
    #[schema(example = true)]
    pinned: bool,
    #[schema(example = false)]
    archived: bool,
    /// To be looked at again, whatever was read of it.
    #[schema(example = false)]
    marked_unread: bool,
}

/// What became of a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationDone)]
pub(super) struct ConversationDone {
    #[schema(example = "Conversation deleted successfully")]
    message: &'static str,
    /// How many messages were deleted.
    #[schema(example = 17)]
    deleted: u64,
}

/// Up to where a conversation is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Until {
    /// The last message that was seen, one of the conversation, so that one which comes meanwhile is not deleted
    /// unseen; all of them, if it is left out.
    #[param(inline, value_type = schema::MessageId, required = false)]
    up_to: Option<MessageId>,
}

/// Pin a conversation, put it aside, or note to look at it again
///
/// These are notes of the caller's, of which the other party learns nothing. There has to be a message in the
/// conversation. `GET /conversations` shows them, and lists by them.
#[utoipa::path(
    patch, path = "/conversations/{number}", tag = "conversations",
    operation_id = "changeConversation",
    security(("token" = []), ("key" = ["conversations:write"])),
    params(Counterpart),
    request_body(content = Changes, examples(
        ("put aside" = (value = json!({"archived": true}))),
        ("to be looked at again" = (value = json!({"unread": true, "pinned": true}))),
    )),
    responses(
        (status = 200, description = "What is noted now", body = MarksView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Counterpart(number): Counterpart,
    Json(request): Json<Changes>,
) -> Result<Answer<MarksView>, ApiError> {
    let wanted = request.checked()?;
    let last = marks::last_positions(&state, caller.user, std::slice::from_ref(&number)).await?;
    let (_, last) = last.into_iter().next().ok_or(ApiError::NotFound)?;
    let mark = marks::change(&state, caller.user, &number, |mark| {
        wanted.apply(mark, last);
    });
    let mark = mark.await?;
    Ok(Answer(MarksView {
        counterpart: number,
        pinned: mark.pinned,
        archived: mark.archives(last),
        marked_unread: mark.unread,
    }))
}

/// Delete a conversation
///
/// All that the caller sent there and received from there. Those that are still queued are never sent. A contact
/// with the number stays.
#[utoipa::path(
    delete, path = "/conversations/{number}", tag = "conversations",
    operation_id = "deleteConversation",
    security(("token" = []), ("key" = ["messages:delete"])),
    params(Counterpart, Until),
    responses(
        (status = 200, description = "It is gone", body = ConversationDone),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Counterpart(number): Counterpart,
    RawQuery(query): RawQuery,
) -> Result<Answer<ConversationDone>, ApiError> {
    let mut checks = Checks::default();
    let query = query.unwrap_or_default();
    let up_to = checks.parameter("up_to", &query, |text| {
        text.parse().map_err(|_| "must be the id of a message")
    });
    let Until { up_to } = checks.finish(Some(Until { up_to }))?;
    let (owner, now) = (caller.user, state.clock.now());
    check_bound(&state, (owner, &number), up_to).await?;
    // Many messages may take longer than a store is usually given.
    let ledger = &state.stores.ledger;
    let deleted = ledger
        .delete_conversation(owner, &number, up_to, now)
        .await?;
    if !deleted.any() {
        return Err(ApiError::NotFound);
    }
    state.announce(owner, now);
    tracing::info!(deleted = deleted.messages, "a user deleted a conversation");
    uploads::release(&state, owner, deleted.files);
    let left = marks::last_positions(&state, owner, std::slice::from_ref(&number)).await?;
    if left.is_empty() {
        marks::forget(&state, owner, &number).await?;
    }
    Ok(Answer(ConversationDone {
        message: "Conversation deleted successfully",
        deleted: deleted.messages,
    }))
}

/// The changes that are wanted.
#[derive(Clone, Copy)]
struct Wanted {
    pinned: Option<bool>,
    archived: Option<bool>,
    unread: Option<bool>,
}

impl Changes {
    fn checked(self) -> Result<Wanted, ApiError> {
        let mut checks = Checks::default();
        let wanted = Wanted {
            pinned: checks.flag("pinned", &self.pinned),
            archived: checks.flag("archived", &self.archived),
            unread: checks.flag("unread", &self.unread),
        };
        checks.finish(Some(wanted))
    }
}

impl Wanted {
    /// `last`: where the last message stands.
    fn apply(self, mark: &mut Mark, last: Position) {
        mark.pinned = self.pinned.unwrap_or(mark.pinned);
        mark.unread = self.unread.unwrap_or(mark.unread);
        if let Some(archived) = self.archived {
            mark.archived = archived.then_some(last);
        }
    }
}
