//! The port by which the browsers of users are told of texts that come in.

use async_trait::async_trait;

use crate::domain::Message;
use crate::store::Result;

/// Tells the browsers of users. What it tells is a hint, which may be lost or doubled: the text itself is in
/// the ledger.
#[async_trait]
pub trait Bell: Send + Sync {
    /// By what browsers know that it is this installation that tells them: an uncompressed point of P-256.
    /// It is the same for good.
    async fn public_key(&self) -> Result<Vec<u8>>;

    /// Tells those of a text's owner that want to know of it. Never waits and never fails.
    fn ring(&self, message: &Message);
}
