//! The port to all that was ever said about our texts.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Address, ConsentEntry, JournalPlace};

/// What people said about our texts, and from where that is known. Nothing changes or forgets an entry, also
/// when the user leaves who made it: it is the evidence for what was sent, and not sent.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Keeps entries; one whose id is known stays as it is. Each is kept by itself, so after an error some
    /// may be, and repeating it is harmless.
    async fn keep(&self, entries: &[ConsentEntry]) -> Result<()>;

    /// The entries behind a place, of one recipient or of all, at most `limit`: by recipient, of one
    /// recipient in the order in which they were said.
    async fn entries(
        &self,
        recipient: Option<&Address>,
        after: Option<&JournalPlace>,
        limit: usize,
    ) -> Result<Vec<ConsentEntry>>;
}
