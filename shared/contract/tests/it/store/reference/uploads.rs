use async_trait::async_trait;
use bytes::Bytes;
use mysms_core::domain::{Timestamp, Upload, UploadId, UserId};
use mysms_core::store::{Hold, Result, Uploads};

use super::Reference;

/// An upload with its parts.
pub(super) struct Known {
    upload: Upload,
    parts: Vec<Bytes>,
    complete: bool,
    held: u32,
}

#[async_trait]
impl Uploads for Reference {
    async fn uploaded(&self, owner: UserId) -> Result<u64> {
        let state = self.state();
        let own = state.uploads.iter().filter(|it| it.upload.owner == owner);
        Ok(own.map(|it| it.upload.size).sum())
    }

    async fn begin_upload(&self, upload: &Upload) -> Result<()> {
        let mut state = self.state();
        if state.uploads.iter().all(|it| it.upload.id != upload.id) {
            state.uploads.push(Known {
                upload: upload.clone(),
                parts: Vec::new(),
                complete: false,
                held: 0,
            });
        }
        Ok(())
    }

    async fn add_part(&self, id: UploadId, index: u32, bytes: &[u8]) -> Result<()> {
        let mut state = self.state();
        let found = state.uploads.iter_mut().find(|it| it.upload.id == id);
        if let Some(known) = found
            && known.parts.len() == index as usize
        {
            known.parts.push(Bytes::copy_from_slice(bytes));
        }
        Ok(())
    }

    async fn complete_upload(
        &self,
        id: UploadId,
        size: u64,
        kept_until: Timestamp,
    ) -> Result<bool> {
        let mut state = self.state();
        let found = state.uploads.iter_mut().find(|it| it.upload.id == id);
        let Some(known) = found else { return Ok(false) };
        known.complete = true;
        known.upload.size = size;
        known.upload.kept_until = known.upload.kept_until.max(kept_until);
        Ok(true)
    }

    async fn uploads(&self, ids: &[UploadId]) -> Result<Vec<Upload>> {
        let state = self.state();
        let there = state
            .uploads
            .iter()
            .filter(|it| it.complete && ids.contains(&it.upload.id));
        Ok(there.map(|it| it.upload.clone()).collect())
    }

    async fn part(&self, id: UploadId, index: u32) -> Result<Option<Bytes>> {
        let state = self.state();
        let found = state.uploads.iter().find(|it| it.upload.id == id);
        Ok(found.and_then(|it| it.parts.get(index as usize).cloned()))
    }

    async fn hold_upload(&self, hold: &Hold) -> Result<bool> {
        let mut state = self.state();
        let found = state
            .uploads
            .iter_mut()
            .find(|it| it.complete && it.upload.id == hold.upload && it.upload.owner == hold.owner);
        let Some(known) = found else { return Ok(false) };
        known.held += hold.messages;
        known.upload.kept_until = known.upload.kept_until.max(hold.kept_until);
        Ok(true)
    }

    async fn remove_upload(&self, owner: UserId, id: UploadId, had_by_most: u32) -> Result<bool> {
        let mut state = self.state();
        let before = state.uploads.len();
        state
            .uploads
            .retain(|it| it.upload.id != id || it.upload.owner != owner || it.held > had_by_most);
        Ok(state.uploads.len() < before)
    }

    async fn remove_overdue_uploads(&self, now: Timestamp, limit: usize) -> Result<u64> {
        let mut state = self.state();
        let overdue = state
            .uploads
            .extract_if(.., |it| it.upload.kept_until <= now);
        Ok(overdue.take(limit).count() as u64)
    }

    async fn remove_uploads(&self, owner: UserId) -> Result<()> {
        self.state().uploads.retain(|it| it.upload.owner != owner);
        Ok(())
    }
}
