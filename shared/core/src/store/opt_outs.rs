//! The port to who wants no texts.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Address, Timestamp, Wish};

/// Who wants no texts from which of our senders.
#[async_trait]
pub trait OptOuts: Send + Sync {
    /// Records a wish. Where one of the same time or a later one is known, nothing changes, so repeats and
    /// any order are harmless.
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()>;

    /// Those of some recipients who want no texts from a sender, in no particular order.
    async fn opted_out(&self, sender: &str, recipients: &[Address]) -> Result<Vec<Address>>;

    /// Who wants no texts from a sender and was recorded at `since` or later, by the clocks of those who
    /// recorded it.
    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>>;

    /// Those of a wish's senders from which its recipient wants no texts, by the latest wish
    /// that was recorded.
    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>>;
}
