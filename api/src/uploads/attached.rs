use std::collections::HashMap;

use mysms_core::domain::{MOST_UPLOADED, Media, Medium, Timestamp, Upload, UploadId, UserId};
use mysms_core::store::Hold;
use tokio::sync::Mutex;

use crate::error::ApiError;
use crate::state::AppState;

const FIELD: &str = "media_urls";

/// The uploads that the texts of one request have, which may be the same for a thousand of them.
#[derive(Default)]
pub(crate) struct Attached(Mutex<HashMap<UploadId, Known>>);

/// An upload of whoever sends.
struct Known {
    upload: Option<Upload>,
    /// By how many messages it is held so far, as far as that matters, and until when.
    held: (u32, Timestamp),
}

impl Attached {
    /// The files of a text with what is known of those that its user brought, or what is wrong with them.
    pub(crate) async fn known(
        &self,
        state: &AppState,
        owner: UserId,
        media: &Media,
    ) -> Result<Media, ApiError> {
        let ids = media.uploads();
        if ids.is_empty() {
            return Ok(media.clone());
        }
        let mut all = self.0.lock().await;
        let new: Vec<_> = ids
            .iter()
            .copied()
            .filter(|id| !all.contains_key(id))
            .collect();
        if !new.is_empty() {
            let found = state.store_timeout.once(state.stores.uploads.uploads(&new));
            let mut found: HashMap<_, _> = found
                .await?
                .into_iter()
                .filter(|upload| upload.owner == owner)
                .map(|upload| (upload.id, upload))
                .collect();
            for id in new {
                let upload = found.remove(&id);
                let held = (0, Timestamp::EPOCH);
                all.insert(id, Known { upload, held });
            }
        }
        let upload = |medium: &Medium| {
            let id = medium.url.upload()?;
            all.get(&id)?.upload.as_ref()
        };
        let is_gone = |medium: &Medium| medium.url.upload().is_some() && upload(medium).is_none();
        if media.iter().any(is_gone) {
            return Err(gone());
        }
        let bytes: u64 = media.iter().filter_map(upload).map(|it| it.size).sum();
        if bytes > MOST_UPLOADED {
            let most = format!("must have at most {MOST_UPLOADED} bytes together");
            return Err(ApiError::invalid(FIELD, most));
        }
        Ok(media.clone().map(|medium| match upload(&medium) {
            Some(upload) => upload.medium(),
            None => medium,
        }))
    }

    /// Sees to it that the files of a message which is about to be stored are there until it has been sent, and a
    /// while longer.
    pub(crate) async fn hold(
        &self,
        state: &AppState,
        owner: UserId,
        (media, expires_at): (&Media, Timestamp),
    ) -> Result<(), ApiError> {
        let kept_until = expires_at + state.uploads.kept;
        for upload in media.uploads() {
            let mut all = self.0.lock().await;
            let known = all.get_mut(&upload);
            // It is enough to know of two that there are several.
            let enough = |known: &&mut Known| known.held.0 > 1 && known.held.1 >= kept_until;
            if known.as_ref().is_some_and(enough) {
                continue;
            }
            let hold = Hold {
                owner,
                upload,
                messages: 1,
                kept_until,
            };
            let held = state.stores.uploads.hold_upload(&hold);
            if !state.store_timeout.once(held).await? {
                return Err(gone());
            }
            if let Some(known) = known {
                known.held = (known.held.0 + 1, known.held.1.max(kept_until));
            }
        }
        Ok(())
    }
}

fn gone() -> ApiError {
    ApiError::invalid(
        FIELD,
        "must be files that you brought and that are still there",
    )
}
