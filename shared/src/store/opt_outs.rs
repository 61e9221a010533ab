//! The port to who wants no texts.

use async_trait::async_trait;

use super::Result;
use crate::domain::{PhoneNumber, Timestamp, UserId, Wish};

/// Who wants no texts from which of our senders.
#[async_trait]
pub trait OptOuts: Send + Sync {
    /// Takes note of a wish. Where one of the same time or a later one is known, nothing changes, so
    /// repeats and disorder do no harm.
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()>;

    /// Those of some recipients who want no texts from a sender, in no particular order.
    async fn opted_out(&self, sender: &str, recipients: &[PhoneNumber])
    -> Result<Vec<PhoneNumber>>;

    /// Who wants no texts from a sender and was noted at `since` or later, by the clocks of those who
    /// took note.
    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<PhoneNumber>>;

    /// Ends what still waits to be sent against a wish that was noted, at most `limit` messages; tells
    /// whose they were. Where a later wish is known it does nothing, so that a repeat ends no text
    /// that is wanted by now. What a worker has claimed is the provider's to refuse.
    async fn refuse_queued(&self, wish: &Wish, now: Timestamp, limit: usize)
    -> Result<Vec<UserId>>;
}
