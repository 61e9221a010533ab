//! The port by which the browsers of users are told of texts that come in, and whose a browser is.

use std::convert::Infallible;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::domain::{EndpointUrl, Message, Timestamp, UserId};
use crate::store::{Kind, Records, Result, editing};

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

/// Which user is told under an address of a push service: of several who asked for it in one browser the last one,
/// because nobody is to see what another is told.
#[derive(Clone, Copy)]
pub struct PushAddresses<'a>(pub &'a dyn Records);

impl PushAddresses<'_> {
    /// From now on it is this user's. Repeating it is harmless.
    pub async fn take(self, url: &EndpointUrl, owner: UserId, now: Timestamp) -> Result<()> {
        let key = key_of(url);
        let taken = editing::edit(self.0, (Kind::PushAddress, &key), now, |_| {
            Ok::<_, Infallible>(owner)
        });
        let Ok(_) = taken.await?;
        Ok(())
    }

    pub async fn is_of(self, url: &EndpointUrl, owner: UserId, now: Timestamp) -> Result<bool> {
        let key = key_of(url);
        let stored = self.0.record(Kind::PushAddress, &key, now).await?.record;
        let user: Option<UserId> = stored.map(|stored| stored.read()).transpose()?;
        Ok(user == Some(owner))
    }

    /// Forgets an address that is this user's still. Repeating it is harmless.
    pub async fn leave(self, url: &EndpointUrl, owner: UserId, now: Timestamp) -> Result<()> {
        let key = key_of(url);
        let stored = self.0.record(Kind::PushAddress, &key, now).await?.record;
        let Some(stored) = stored else {
            return Ok(());
        };
        if stored.read::<UserId>()? == owner {
            // Whoever takes it meanwhile puts another version there.
            self.0
                .replace(Kind::PushAddress, &key, stored.version, None)
                .await?;
        }
        Ok(())
    }
}

/// A digest: whoever knows the address itself may disturb the user.
fn key_of(url: &EndpointUrl) -> String {
    hex::encode(Sha256::digest(url.as_str()))
}
