//! The files that messages bring, on their way from the provider to whom they are for.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use mysms_core::chain::Chain;
use mysms_core::domain::{Direction, Learned, Medium, Message, MessageId, UserId};
use mysms_core::provider::OpenMedium;

use super::IfNoneMatch;
use crate::error::ApiError;
use crate::extract::{OwnMedium, OwnMessage};
use crate::file_answer::{FileAnswer, told_type};
use crate::openapi::problems::{
    MediaElsewhere, MediaGone, MediaRefused, MediaTooLarge, NoFileLeft, NoSuchPart, NotFound,
    ProviderUnavailable, TooManyFiles, Unavailable, UploadGone,
};
use crate::openapi::schema;
use crate::state::AppState;
use crate::tally::Full;
use crate::uploads;

/// Open a picture or another file of a message
///
/// It comes from the provider as it is read; nobody but its user gets it. Pictures of kinds that can do no harm
/// are `inline`, anything else is an `attachment`.
///
/// With `Range: bytes=0-99`, `bytes=100-` or `bytes=-100` a part of it comes: a 206 with `Content-Range`.
/// `If-Range` with the `ETag` makes sure that it is a part of the same file.
///
/// A file that turns out to be too large, or that the provider does not send to its end, breaks off: then
/// fewer bytes come than `Content-Length` says, or the connection is cut.
#[utoipa::path(
    get, path = "/messages/{user}/{id}/media/{index}", tag = "messages", operation_id = "getMedia",
    security(("token" = []), ("key" = ["messages:read"])),
    params(OwnMedium, IfNoneMatch),
    responses(
        (
            status = 200, description = "The file", headers(("Accept-Ranges"), ("ETag")),
            body = inline(schema::File), content_type = "application/octet-stream",
        ),
        (status = 304, description = "It is still what its `ETag` stands for", headers(("ETag"))),
        NotFound, MediaGone, UploadGone, NoSuchPart, TooManyFiles, NoFileLeft, MediaElsewhere, MediaTooLarge,
        MediaRefused, ProviderUnavailable, Unavailable,
    ),
)]
pub(super) async fn open(
    State(state): State<AppState>,
    OwnMedium { message, index }: OwnMedium,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let OwnMessage { caller, id } = message;
    let file = FileOf {
        owner: caller.user,
        id,
        index,
    };
    open_for(&state, caller.user, file, &headers).await
}

/// A file of a message, by whom the message belongs to.
#[derive(Clone, Copy)]
pub(crate) struct FileOf {
    pub owner: UserId,
    pub id: MessageId,
    pub index: usize,
}

/// Opens a file for somebody who may see the message.
pub(crate) async fn open_for(
    state: &AppState,
    reader: UserId,
    file: FileOf,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let FileOf { owner, id, index } = file;
    let find = state.stores.history.find(owner, id);
    let message = state.store_timeout.once(find).await?;
    let message = message.ok_or(ApiError::NotFound)?;
    let medium = message.media.get(index).ok_or(ApiError::NotFound)?;
    let answer = FileAnswer {
        medium,
        index,
        tag: tag(&message, index)?,
    };
    if let Some(unchanged) = answer.unchanged(headers) {
        return Ok(unchanged);
    }
    let place = state.files.take(reader, 1).map_err(|full| match full {
        Full::Own => ApiError::TooManyFiles,
        Full::All => ApiError::NoFileLeft,
    })?;
    let range = answer.wanted(headers);
    let opened = match (medium.url.upload(), message.direction) {
        (Some(upload), Direction::Outbound) => {
            uploads::open_own(state, owner, upload, range.as_ref()).await?
        }
        // What was sent from elsewhere is where its user put it, and nothing that the provider would be asked
        // for by us.
        (None, Direction::Outbound) => return Err(ApiError::NotFound),
        (_, Direction::Inbound) => {
            let opened = state.media.open(&medium.url, range.as_ref()).await?;
            learn(state, file, medium, &opened);
            opened
        }
    };
    Ok(answer.with(opened, place))
}

/// A file never changes.
fn tag(message: &Message, index: usize) -> Result<HeaderValue, ApiError> {
    let tag = format!("\"{}-{index}\"", message.id.as_uuid().simple());
    HeaderValue::try_from(tag).map_err(|error| ApiError::Internal(error.into()))
}

/// Takes note of what nobody knew before it was opened.
fn learn(
    state: &AppState,
    FileOf { owner, id, index }: FileOf,
    medium: &Medium,
    opened: &OpenMedium,
) {
    let learned = Learned {
        content_type: told_type(opened).cloned(),
        size: match opened.part {
            Some(part) => part.of,
            None => opened.length,
        },
    };
    let is_news = (medium.content_type.is_none() && learned.content_type.is_some())
        || (medium.size.is_none() && learned.size.is_some());
    if !is_news {
        return;
    }
    let state = state.clone();
    let tracker = state.lifecycle.tracker().clone();
    // The reader need not wait for it, nor need it happen.
    tracker.spawn(async move {
        let now = state.clock.now();
        let ledger = &state.stores.ledger;
        let noted = ledger.learn_of_medium(owner, id, (index, learned), now);
        match state.store_timeout.once(noted).await {
            Ok(Some(message)) => state.announce(owner, message.updated_at),
            Ok(None) => {}
            Err(error) => tracing::debug!(error = %Chain(&error), "what a file is was not noted"),
        }
    });
}
