//! The port to the files that users bring.

use async_trait::async_trait;
use bytes::Bytes;

use super::Result;
use crate::domain::{Timestamp, Upload, UploadId, UserId};

/// Files that users bring for their messages, in parts of [`UPLOAD_PART`](crate::domain::UPLOAD_PART) bytes.
///
/// An upload is found once all of it is there. What never got so far is removed at its `kept_until`, like all
/// others.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// The bytes that a user's uploads take, also of those that are still coming.
    async fn uploaded(&self, owner: UserId) -> Result<u64>;

    /// Begins an upload, which is found by nobody yet. Repeating it is harmless.
    async fn begin_upload(&self, upload: &Upload) -> Result<()>;

    /// Keeps a part, the first of which is 0. Repeating it is harmless.
    async fn add_part(&self, id: UploadId, index: u32, bytes: &[u8]) -> Result<()>;

    /// Says that all parts are there, how many bytes they have, and how long the upload is kept now. Returns
    /// false if it was removed meanwhile. Repeating it is harmless.
    async fn complete_upload(&self, id: UploadId, size: u64, kept_until: Timestamp)
    -> Result<bool>;

    /// Those of these uploads that are there, in any order.
    async fn uploads(&self, ids: &[UploadId]) -> Result<Vec<Upload>>;

    /// One of them, if it is there.
    async fn upload(&self, id: UploadId) -> Result<Option<Upload>> {
        Ok(self.uploads(&[id]).await?.pop())
    }

    /// A part of an upload; `None` if it was removed, or never had so many.
    async fn part(&self, id: UploadId, index: u32) -> Result<Option<Bytes>>;

    /// Notes that a message of its owner, or several, will have an upload, which is kept until then at least.
    /// Returns false if it is not there. Repeating it is harmless, but for that the upload then seems to be
    /// one of several messages.
    async fn hold_upload(&self, hold: &Hold) -> Result<bool>;

    /// Removes an upload of a user, if no more messages ever had it than so many. Returns false if there is
    /// none for which that holds.
    async fn remove_upload(&self, owner: UserId, id: UploadId, had_by_most: u32) -> Result<bool>;

    /// Removes uploads that are kept no longer, at most `limit`; returns how many.
    async fn remove_overdue_uploads(&self, now: Timestamp, limit: usize) -> Result<u64>;

    /// Removes all uploads of a user. Repeating it is harmless.
    async fn remove_uploads(&self, owner: UserId) -> Result<()>;
}

/// That messages will have an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub owner: UserId,
    pub upload: UploadId,
    /// How many messages.
    pub messages: u32,
    pub kept_until: Timestamp,
}
