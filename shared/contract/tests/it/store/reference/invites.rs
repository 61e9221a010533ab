use async_trait::async_trait;
use mysms_core::domain::{Invite, InviteHash, InviteName, KnownInvite, Timestamp};
use mysms_core::store::{Invites, Result};

use super::{Reference, State};

#[async_trait]
impl Invites for Reference {
    async fn invite(&self, invite: &Invite) -> Result<()> {
        let mut state = self.state();
        if !state.invites.contains(invite) {
            state.invites.push(invite.clone());
        }
        Ok(())
    }

    async fn is_open(&self, invite: &InviteHash, now: Timestamp) -> Result<bool> {
        Ok(self.state().is_open(invite, now))
    }

    async fn invites(&self) -> Result<Vec<KnownInvite>> {
        let state = self.state();
        let known = |invite: &Invite| KnownInvite {
            used_by: state.invited.get(&invite.hash).copied(),
            invite: invite.clone(),
        };
        let mut known: Vec<_> = state.invites.iter().map(known).collect();
        known.sort_by_key(|known| std::cmp::Reverse(known.invite.created_at));
        Ok(known)
    }

    async fn revoke_invite(&self, name: &InviteName) -> Result<bool> {
        let mut state = self.state();
        let named = |invite: &Invite| {
            invite.hash.name() == *name && !state.invited.contains_key(&invite.hash)
        };
        let Some(place) = state.invites.iter().position(named) else {
            return Ok(false);
        };
        state.invites.remove(place);
        Ok(true)
    }
}

impl State {
    pub(super) fn is_open(&self, invite: &InviteHash, now: Timestamp) -> bool {
        let good = |known: &Invite| known.hash == *invite && now < known.expires_at;
        self.invites.iter().any(good) && !self.invited.contains_key(invite)
    }
}
