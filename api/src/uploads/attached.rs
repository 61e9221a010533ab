use std::collections::HashMap;

use mysms_core::domain::{MOST_UPLOADED, Media, Medium, Timestamp, Upload, UploadId, UserId};
use mysms_core::store::Hold;
use tokio::sync::{Mutex, MutexGuard};

use crate::error::ApiError;
use crate::state::AppState;

const FIELD: &str = "media_urls";

/// More messages than a user deletes at a time. Those of one request that have the same file are not counted one by
/// one, so it then stays until its time is over.
const SEVERAL: u32 = 1_000_000_000;

/// The uploads that the texts of one request have, which may be the same for a thousand of them.
#[derive(Default)]
pub(crate) struct Attached {
    /// `None` is none of whoever sends.
    known: Mutex<Uploads>,
    /// Those that messages of this request hold.
    held: Mutex<HashMap<UploadId, Held>>,
}

type Uploads = HashMap<UploadId, Option<Upload>>;

#[derive(Clone, Copy)]
struct Held {
    by_several: bool,
    until: Timestamp,
}

impl Attached {
    /// Adds to the files of a text what is known of those that its user brought.
    pub(crate) async fn describe(
        &self,
        state: &AppState,
        owner: UserId,
        media: Media,
    ) -> Result<Media, ApiError> {
        let ids = media.uploads();
        if ids.is_empty() {
            return Ok(media);
        }
        let all = self.look(state, owner, &ids).await?;
        Ok(media.map(|medium| match upload(&all, &medium) {
            Some(upload) => upload.medium(),
            None => medium,
        }))
    }

    /// Says what is wrong with the files of a text.
    pub(crate) async fn check(
        &self,
        state: &AppState,
        owner: UserId,
        media: &Media,
    ) -> Result<(), ApiError> {
        let ids = media.uploads();
        if ids.is_empty() {
            return Ok(());
        }
        let all = self.look(state, owner, &ids).await?;
        if ids.iter().any(|id| all[id].is_none()) {
            return Err(gone());
        }
        let brought = media.iter().filter_map(|medium| upload(&all, medium));
        let bytes: u64 = brought.map(|upload| upload.size).sum();
        if bytes > MOST_UPLOADED as u64 {
            let most = format!("must have at most {MOST_UPLOADED} bytes together");
            return Err(ApiError::invalid(FIELD, most));
        }
        Ok(())
    }

    /// All that is known, these uploads among it.
    async fn look(
        &self,
        state: &AppState,
        owner: UserId,
        ids: &[UploadId],
    ) -> Result<MutexGuard<'_, Uploads>, ApiError> {
        let mut all = self.known.lock().await;
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
            all.extend(new.into_iter().map(|id| (id, found.remove(&id))));
        }
        Ok(all)
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
            let mut all = self.held.lock().await;
            let before = all.get(&upload).copied();
            let messages = match before {
                // It is enough to know that there are several.
                Some(before) if before.by_several && before.until >= kept_until => continue,
                Some(_) => SEVERAL,
                None => 1,
            };
            let hold = Hold {
                owner,
                upload,
                messages,
                kept_until,
            };
            let holding = state.stores.uploads.hold_upload(&hold);
            if !state.store_timeout.once(holding).await? {
                return Err(gone());
            }
            let after = Held {
                by_several: before.is_some(),
                until: before.map_or(kept_until, |before| before.until.max(kept_until)),
            };
            all.insert(upload, after);
        }
        Ok(())
    }
}

fn upload<'a>(all: &'a Uploads, medium: &Medium) -> Option<&'a Upload> {
    let id = medium.url.upload()?;
    all.get(&id)?.as_ref()
}

fn gone() -> ApiError {
    ApiError::invalid(
        FIELD,
        "must be files that you brought and that are still there",
    )
}
