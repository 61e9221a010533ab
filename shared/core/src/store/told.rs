//! The port to what endpoints were told.

use async_trait::async_trait;

use super::Result;
use crate::domain::{EndpointId, MessageId, Telling, Timestamp};

/// What each endpoint was told of each message: the latest that it took.
///
/// It is forgotten [`TOLD_KEPT`](crate::domain::TOLD_KEPT) after it was noted last, or later.
#[async_trait]
pub trait Told: Send + Sync {
    /// What an endpoint was told of some messages as a majority has it, in no particular order. Those that
    /// it was never told of, or so long ago that it is forgotten, are left out.
    async fn told(&self, endpoint: EndpointId, messages: &[MessageId]) -> Result<Vec<Telling>>;

    /// Notes durably what an endpoint was told, of each message once. What is known never goes back,
    /// whatever is noted in which order.
    async fn note_told(
        &self,
        endpoint: EndpointId,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<()>;

    /// Forgets what an endpoint was told of at most `limit` messages; returns of how many.
    async fn forget_told(&self, endpoint: EndpointId, limit: usize) -> Result<u64>;

    /// Forgets what was noted last before a time, of at most `limit` messages; returns of how many. A store
    /// that forgets by itself returns 0.
    async fn forget_told_before(&self, before: Timestamp, limit: usize) -> Result<u64>;
}
