use std::collections::HashMap;

use mysms_core::chain::Chain;
use mysms_core::domain::{UploadId, UserId};

use crate::state::AppState;

/// Removes the files of messages that were deleted, of which so many had each, unless others had them. Nobody waits
/// for that; what fails is removed when its time is over.
pub(crate) fn release(state: &AppState, owner: UserId, files: HashMap<UploadId, u32>) {
    if files.is_empty() {
        return;
    }
    let state = state.clone();
    let tracker = state.lifecycle.tracker().clone();
    tracker.spawn(async move {
        for (id, messages) in files {
            let remove = state.stores.uploads.remove_upload(owner, id, messages);
            if let Err(error) = state.store_timeout.once(remove).await {
                tracing::warn!(error = %Chain(&error), "a file of deleted messages is removed later");
            }
        }
    });
}
