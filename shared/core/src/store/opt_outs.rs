//! The port to who wants no texts.

use std::slice;

use async_trait::async_trait;

use super::Result;
use crate::domain::{Address, Consent, Standing, Timestamp, Wish, scopes_of};

/// Who wants no texts from which of our senders. Wherever a wish names a sender, it may be one of those that
/// stand for all of them.
#[async_trait]
pub trait OptOuts: Send + Sync {
    /// Records wishes. Where a later one is known, or one of the same time that is not outdone by it, nothing
    /// changes (see [`Wish::at`]), so repeats and any order are harmless. A [`Consent::Maybe`] changes nothing else than that it is listed as long as
    /// no wish is known that was said at the same time or later. Each wish is recorded by itself, so after
    /// an error some may be.
    async fn note_all(&self, wishes: &[Wish], now: Timestamp) -> Result<()>;

    /// Those of some recipients who want no texts from any of some senders, each once and in no particular
    /// order.
    async fn withdrawn(&self, senders: &[&str], recipients: &[Address]) -> Result<Vec<Address>>;

    /// Who wants no texts from a sender and was recorded at `since` or later, by the clocks of those who
    /// recorded it.
    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>>;

    /// What counts with a sender of what was recorded at `since` or later, by the clocks of those who
    /// recorded it, in no particular order; at most `limit`.
    async fn noted_since(
        &self,
        sender: &str,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Standing>>;

    /// Those of a wish's senders from which its recipient wants no texts, by the latest wish
    /// that was recorded.
    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>>;

    /// What counts for a recipient, by sender; of a sender that nothing was said about there is nothing.
    async fn standings(&self, recipient: &Address) -> Result<Vec<Standing>>;

    /// For whom that counts with a sender, in the order of the recipients, behind one of them, at most
    /// `limit`.
    async fn standing_with(
        &self,
        sender: &str,
        consent: Consent,
        after: Option<&Address>,
        limit: usize,
    ) -> Result<Vec<Standing>>;

    /// The same for a single wish.
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()> {
        self.note_all(slice::from_ref(wish), now).await
    }

    /// Those of some recipients who want no texts from a sender, or from any, in no particular order.
    async fn opted_out(&self, sender: &str, recipients: &[Address]) -> Result<Vec<Address>> {
        self.withdrawn(&scopes_of(sender), recipients).await
    }
}
