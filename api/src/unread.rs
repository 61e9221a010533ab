//! Answers that clients have not read yet.

use std::sync::Arc;

use bytes::Bytes;
use mysms_core::domain::UserId;

use crate::error::ApiError;
use crate::tally::{Full, Held, Tally};

/// Bounds the memory that answers take until their clients have read them: whoever asks for much and
/// reads nothing is refused more, and costs the others nothing.
#[derive(Debug, Clone)]
pub(crate) struct Unread(Arc<Tally<UserId>>);

/// Memory that an answer may take, for as long as it is being read.
pub(crate) type Room = Held<UserId>;

/// An answer, and the room that it takes until the last of it was written to the connection.
struct Kept {
    bytes: Bytes,
    _room: Room,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Unread {
    /// So many bytes for one user, and for all together.
    pub(crate) fn new(each: usize, all: usize) -> Self {
        Self(Tally::new(each, all))
    }

    /// Room for an answer that is made while it is read.
    pub(crate) fn room(&self, user: UserId, bytes: usize) -> Result<Room, ApiError> {
        self.0.take(user, bytes).map_err(|full| match full {
            Full::Own => ApiError::TooMuchUnread,
            Full::All => ApiError::NoRoomLeft,
        })
    }

    /// Counts an answer for as long as anything of it is in memory.
    pub(crate) fn keep(&self, user: UserId, bytes: Bytes) -> Result<Bytes, ApiError> {
        let room = self.room(user, bytes.len())?;
        Ok(Bytes::from_owner(Kept { bytes, _room: room }))
    }
}
