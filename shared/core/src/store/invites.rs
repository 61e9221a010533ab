//! The port to the invites.

use async_trait::async_trait;

use super::Result;
use crate::domain::{Invite, InviteHash, InviteName, KnownInvite, Timestamp};

/// How many invites are listed at most.
pub const LISTED_INVITES: usize = 1000;

/// Permissions to sign up, each for one user.
///
/// That an invite is used up is not stored by itself: it is used up while a user has its hash
/// ([`super::Accounts::sign_up`]), so no crash comes between the two. It is deleted before that user.
#[async_trait]
pub trait Invites: Send + Sync {
    /// Repeating it is harmless.
    async fn invite(&self, invite: &Invite) -> Result<()>;

    /// Whether somebody could sign up with it now.
    async fn is_open(&self, invite: &InviteHash, now: Timestamp) -> Result<bool>;

    /// The latest of them, the newest first, those that were used or expired a short while ago included.
    async fn invites(&self) -> Result<Vec<KnownInvite>>;

    /// Withdraws an invite that nobody has used; returns false if there is none of this name. A sign-up
    /// with it that is under way may still succeed.
    async fn revoke_invite(&self, name: &InviteName) -> Result<bool>;
}
