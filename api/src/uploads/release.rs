use mysms_core::chain::Chain;
use mysms_core::domain::{Message, Status};

use crate::state::AppState;

/// Removes the files of a message that was deleted, those that no other ever had; nobody waits for that. The
/// provider may still be about to fetch those of one that is being sent; like what fails here, they are removed
/// when their time is over.
pub(crate) fn release(state: &AppState, deleted: &Message) {
    let ids = deleted.media.uploads();
    if ids.is_empty() || deleted.status == Status::Sending {
        return;
    }
    let (state, owner) = (state.clone(), deleted.owner);
    let tracker = state.lifecycle.tracker().clone();
    tracker.spawn(async move {
        for id in ids {
            let remove = state.stores.uploads.remove_upload(owner, id, 1);
            if let Err(error) = state.store_timeout.once(remove).await {
                tracing::warn!(error = %Chain(&error), "a file of a deleted message is removed later");
            }
        }
    });
}
