use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use mysms_core::domain::{
    ContentType, MOST_UPLOADED, MediaUrl, Timestamp, UPLOAD_PART, Upload, UploadId, UploadSecret,
};
use mysms_core::store::Result as StoreResult;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::claims::{Place, Room};
use crate::error::ApiError;
use crate::extract::{SteadyBody, check_encoding};
use crate::openapi::problems::{
    Invalid, NotFound, TooManyUploads, Unavailable, UploadInUse, UploadsFull, UploadsOff,
};
use crate::openapi::schema;
use crate::state::AppState;
use crate::store_timeout::StoreTimeout;

/// Pictures from a phone on a slow network are let in, and no request takes longer than it may in all.
const BODY: SteadyBody = SteadyBody {
    most: MOST_UPLOADED,
    slowest: 256 * 1024,
};

/// How long storing a file may take, which is many writes.
const STORED_WITHIN: StoreTimeout = StoreTimeout(Duration::from_secs(8));

/// For how long a file is kept whose message is yet to be written, and what never came whole.
const UNUSED: Duration = Duration::from_hours(24);
const UNFINISHED: Duration = Duration::from_mins(10);

/// A file that a user brought.
#[derive(Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct UploadView {
    #[schema(value_type = schema::UploadId)]
    id: UploadId,
    /// What to put into the `media_urls` of a message.
    #[schema(value_type = schema::UploadAddress)]
    url: String,
    #[schema(example = "image/jpeg")]
    content_type: String,
    /// In bytes.
    #[schema(minimum = 1, example = 48213)]
    size: u64,
    /// It is removed then, unless a message has it.
    #[schema(value_type = schema::Timestamp)]
    expires_at: Timestamp,
}

/// Bring a file for messages
///
/// The body is the file, at most 5,000,000 bytes; its `Content-Type` says what it is. For
/// `application/octet-stream` its first bytes say so. The answer's `url` goes into the `media_urls` of one or more messages within 24 hours. The provider fetches the file from here, at an
/// address that is only good for that and only for a while.
///
/// A file is removed with the only message that has it, or some days after the last message with it could be
/// sent.
#[utoipa::path(
    post, path = "/uploads", tag = "messages", operation_id = "uploadFile",
    security(("token" = []), ("key" = ["messages:send"])),
    request_body(
        content = inline(schema::File), content_type = "application/octet-stream",
        description = "The file, better with its own `Content-Type`.",
        examples(("a picture" = (value = json!("GIF89a, and what else is in the file")))),
    ),
    responses(
        (status = 201, description = "It is kept", body = UploadView),
        Invalid, UploadsOff, UploadsFull, TooManyUploads, Unavailable,
    ),
)]
pub(super) async fn bring(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<UploadView>), ApiError> {
    if state.provider.public_base_url.is_none() {
        return Err(ApiError::UploadsOff);
    }
    let (head, body) = request.into_parts();
    let declared = declared_type(&head.headers)?;
    let no_room: fn() -> ApiError = || ApiError::TooManyUploads;
    let coming = &state.uploads.coming;
    let (bytes, _room) = BODY.read(body, coming, (caller.user, no_room)).await?;
    check_encoding(&head.headers, &bytes)?;
    if bytes.is_empty() {
        return Err(ApiError::invalid(
            "body",
            "must be a file that is not empty",
        ));
    }
    let content_type = declared
        .or_else(|| type_of(&bytes))
        .ok_or_else(wrong_type)?;
    let now = state.clock.now();
    let upload = Upload {
        id: UploadId::generate(now),
        owner: caller.user,
        content_type,
        size: bytes.len() as u64,
        secret: UploadSecret::generate(),
        kept_until: now + UNFINISHED,
    };
    begin(&state, &upload).await?;
    let kept_until = now + UNUSED;
    let stored = STORED_WITHIN.once(store(&state, &upload, &bytes, kept_until));
    if !stored.await? {
        return Err(ApiError::UploadsFull);
    }
    let view = UploadView {
        id: upload.id,
        url: MediaUrl::of_upload(upload.id).as_str().to_owned(),
        content_type: upload.content_type.as_str().to_owned(),
        size: upload.size,
        expires_at: kept_until,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Remove a file
///
/// Only one that no message has; others go with their messages.
#[utoipa::path(
    delete, path = "/uploads/{id}", tag = "messages", operation_id = "deleteUpload",
    security(("token" = []), ("key" = ["messages:send"])),
    params(("id" = schema::UploadId, Path, description = "The file.")),
    responses((status = 204, description = "It is gone"), NotFound, UploadInUse, Unavailable),
)]
pub(super) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    id: Result<Path<UploadId>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NotFound)?;
    let uploads = &state.stores.uploads;
    let found = state.store_timeout.once(uploads.upload(id)).await?;
    if found.is_none_or(|upload| upload.owner != caller.user) {
        return Err(ApiError::NotFound);
    }
    let removed = uploads.remove_upload(caller.user, id, 0);
    if state.store_timeout.once(removed).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::UploadInUse)
    }
}

/// Returns `None` for a type that says nothing, which is what programs send that do not know better.
fn declared_type(headers: &HeaderMap) -> Result<Option<ContentType>, ApiError> {
    let given = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let given = given.and_then(|given| ContentType::parse(given).ok());
    let given = given.ok_or_else(wrong_type)?;
    if given.as_str() == "application/octet-stream" {
        Ok(None)
    } else if given.is_taken() {
        Ok(Some(given))
    } else {
        Err(wrong_type())
    }
}

/// What the first bytes of a file say.
fn type_of(bytes: &[u8]) -> Option<ContentType> {
    let found = ContentType::parse(infer::get(bytes)?.mime_type()).ok()?;
    found.is_taken().then_some(found)
}

fn wrong_type() -> ApiError {
    let taken = ContentType::all_taken();
    ApiError::invalid("Content-Type", format!("must be one of {taken}"))
}

/// Begins an upload, unless its user has no room for it.
async fn begin(state: &AppState, upload: &Upload) -> Result<(), ApiError> {
    let (uploads, owner) = (&state.stores.uploads, upload.owner);
    let room = Room {
        state,
        owner,
        place: Place::Uploads,
        most: state.uploads.room,
    };
    let wanted = (upload.id.to_string(), upload.size);
    let claimed = room.claim(wanted, || uploads.uploaded(owner));
    let claimed = claimed.await?.ok_or(ApiError::UploadsFull)?;
    let begin = || uploads.begin_upload(upload);
    state.store_timeout.repeat(begin).await?;
    // What has begun is counted.
    claimed.release().await;
    Ok(())
}

/// Returns false if the upload was removed meanwhile.
async fn store(
    state: &AppState,
    upload: &Upload,
    bytes: &[u8],
    kept_until: Timestamp,
) -> StoreResult<bool> {
    let uploads = &state.stores.uploads;
    for (index, part) in (0..).zip(bytes.chunks(UPLOAD_PART)) {
        uploads.add_part(upload.id, index, part).await?;
    }
    let complete = uploads.complete_upload(upload.id, upload.size, kept_until);
    if complete.await? {
        return Ok(true);
    }
    uploads.remove_upload(upload.owner, upload.id, 0).await?;
    Ok(false)
}
