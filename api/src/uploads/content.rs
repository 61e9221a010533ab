use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::domain::{UPLOAD_PART, Upload, UploadId, UserId};
use mysms_core::provider::{ByteRange, CutShort, MediaFailure, OpenMedium, Part};

use crate::error::ApiError;
use crate::state::AppState;
use crate::store_timeout::StoreTimeout;

/// Begins to read a file that a user brought, or a part of it; each piece is asked for once the one before was
/// taken.
pub(super) fn open(
    state: &AppState,
    upload: &Upload,
    range: Option<&ByteRange>,
) -> Result<OpenMedium, MediaFailure> {
    let size = upload.size;
    let part = match range.map(|range| range.within(size)) {
        None => None,
        Some(Some(part)) => Some(part),
        Some(None) => return Err(MediaFailure::NoSuchPart { size: Some(size) }),
    };
    let (first, last) = part.map_or(
        (0, size.saturating_sub(1)),
        |Part { first, last, .. }| (first, last),
    );
    let length = UPLOAD_PART as u64;
    let (id, uploads) = (upload.id, Arc::clone(&state.stores.uploads));
    let pieces = stream::iter(first / length..=last / length).then(move |index| {
        let uploads = Arc::clone(&uploads);
        async move {
            let place = u32::try_from(index).unwrap_or(u32::MAX);
            let piece = StoreTimeout::default().once(uploads.part(id, place)).await;
            let piece = piece.map_err(|error| CutShort::BrokenOff(Box::new(error)))?;
            let piece = piece.ok_or_else(|| CutShort::BrokenOff("it was removed".into()))?;
            Ok(cut(&piece, index * length, (first, last)))
        }
    });
    Ok(OpenMedium {
        content_type: Some(upload.content_type.clone()),
        length: Some(last + 1 - first),
        part,
        content: pieces.into_stream().boxed(),
    })
}

/// The same of one that the user brought, whatever is known of it elsewhere.
pub(crate) async fn open_own(
    state: &AppState,
    owner: UserId,
    id: UploadId,
    range: Option<&ByteRange>,
) -> Result<OpenMedium, ApiError> {
    let found = state.stores.uploads.upload(id);
    let found = state.store_timeout.once(found).await?;
    let upload = found.filter(|upload| upload.owner == owner);
    let upload = upload.ok_or(ApiError::UploadGone)?;
    Ok(open(state, &upload, range)?)
}

/// Of a piece that begins at a place of its file the bytes from a first to a last one.
fn cut(piece: &Bytes, begins: u64, (first, last): (u64, u64)) -> Bytes {
    let place = |at: u64| usize::try_from(at.saturating_sub(begins)).unwrap_or(usize::MAX);
    let end = place(last + 1).min(piece.len());
    piece.slice(place(first).min(end)..end)
}
