//! The files that messages bring, on their way from the provider to whom they are for.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use mysms_core::chain::Chain;
use mysms_core::domain::{ContentType, Direction, Learned, Medium, Message, MessageId, UserId};
use mysms_core::provider::{ByteRange, OpenMedium, Part};

use super::IfNoneMatch;
use super::list::tag as tags;
use crate::error::ApiError;
use crate::extract::{OwnMedium, OwnMessage};
use crate::openapi::problems::{
    MediaElsewhere, MediaGone, MediaRefused, MediaTooLarge, NoFileLeft, NoSuchPart, NotFound,
    ProviderUnavailable, TooManyFiles, Unavailable,
};
use crate::openapi::schema;
use crate::state::AppState;
use crate::tally::{Full, Held};

/// Of which nothing else is known.
const ANY: &str = "application/octet-stream";

/// Whatever it is, a browser runs nothing of it and asks for nothing.
const POLICY: &str = "sandbox; default-src 'none'";

/// Only for whoever asked, and not for long: a message may be deleted.
const CACHING: &str = "private, max-age=3600";

/// What the names of files end with.
const ENDINGS: [(&str, &str); 18] = [
    ("application/pdf", "pdf"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("text/calendar", "ics"),
    ("text/plain", "txt"),
    ("text/vcard", "vcf"),
    ("text/x-vcard", "vcf"),
    ("video/3gpp", "3gp"),
    ("video/mp4", "mp4"),
];

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
        NotFound, MediaGone, NoSuchPart, TooManyFiles, NoFileLeft, MediaElsewhere, MediaTooLarge,
        MediaRefused, ProviderUnavailable, Unavailable,
    ),
)]
pub(super) async fn open(
    State(state): State<AppState>,
    OwnMedium { message, index }: OwnMedium,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let OwnMessage { caller, id } = message;
    let find = state.stores.history.find(caller.user, id);
    let message = state.store_timeout.once(find).await?;
    // What was sent is where its user put it, and nothing that the provider would be asked for by us.
    let message = message.filter(|message| message.direction == Direction::Inbound);
    let message = message.ok_or(ApiError::NotFound)?;
    let medium = message.media.get(index).ok_or(ApiError::NotFound)?;
    let tag = tag(&message, index)?;
    if tags::is_known(&tag, &headers) {
        return Ok((StatusCode::NOT_MODIFIED, common(&tag)).into_response());
    }
    let place = state
        .files
        .take(caller.user, 1)
        .map_err(|full| match full {
            Full::Own => ApiError::TooManyFiles,
            Full::All => ApiError::NoFileLeft,
        })?;
    let range = wanted(&headers, &tag);
    let opened = state.media.open(&medium.url, range.as_ref()).await?;
    learn(&state, caller.user, (id, index), medium, &opened);
    Ok(answer(medium, index, &tag, opened, place))
}

/// A file never changes.
fn tag(message: &Message, index: usize) -> Result<HeaderValue, ApiError> {
    let tag = format!("\"{}-{index}\"", message.id.as_uuid().simple());
    HeaderValue::try_from(tag).map_err(|error| ApiError::Internal(error.into()))
}

/// Which part is asked for, if the rest is of the same file.
fn wanted(headers: &HeaderMap, tag: &HeaderValue) -> Option<ByteRange> {
    let is_same = headers.get(IF_RANGE).is_none_or(|known| known == tag);
    let range = headers.get(RANGE).filter(|_| is_same)?;
    ByteRange::parse(range.to_str().ok()?)
}

/// Takes note of what nobody knew before it was opened.
fn learn(
    state: &AppState,
    owner: UserId,
    (id, index): (MessageId, usize),
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

/// What the provider says of a content, if that says anything.
fn told_type(opened: &OpenMedium) -> Option<&ContentType> {
    let told = opened.content_type.as_ref();
    told.filter(|told| !matches!(told.as_str(), ANY | "binary/octet-stream"))
}

fn answer(
    medium: &Medium,
    index: usize,
    tag: &HeaderValue,
    opened: OpenMedium,
    place: Held<UserId>,
) -> Response {
    // What was said when it was received counts: by that it was judged what it is.
    let kind = medium.content_type.as_ref().or(told_type(&opened)).cloned();
    let status = match opened.part {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    };
    let mut response = (status, common(tag)).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(
        CONTENT_TYPE,
        kind.as_ref().map_or(ANY, ContentType::as_str).to_owned(),
    );
    set(CONTENT_DISPOSITION, disposition(kind.as_ref(), index));
    if let Some(length) = opened.length {
        set(CONTENT_LENGTH, length.to_string());
    }
    if let Some(Part { first, last, of }) = opened.part {
        let of = of.map_or("*".to_owned(), |of| of.to_string());
        set(CONTENT_RANGE, format!("bytes {first}-{last}/{of}"));
    }
    let content = opened.content.map(move |piece| {
        // It is held as long as there is something to read.
        let _place = &place;
        piece.inspect_err(|error| tracing::debug!(error = %Chain(error), "a file broke off"))
    });
    *response.body_mut() = Body::from_stream(content);
    response
}

/// What every answer about a file says.
fn common(tag: &HeaderValue) -> [(HeaderName, HeaderValue); 5] {
    [
        (ETAG, tag.clone()),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (CACHE_CONTROL, HeaderValue::from_static(CACHING)),
        (VARY, HeaderValue::from_static("Authorization")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ]
}

fn disposition(kind: Option<&ContentType>, index: usize) -> String {
    let shown = kind.is_some_and(ContentType::is_picture);
    let verb = if shown { "inline" } else { "attachment" };
    let kind = kind.map_or(ANY, ContentType::as_str);
    let known = ENDINGS.iter().find(|(known, _)| *known == kind);
    let ending = known.map_or("bin", |(_, ending)| ending);
    format!("{verb}; filename=\"media-{index}.{ending}\"")
}
