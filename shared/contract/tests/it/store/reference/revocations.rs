use async_trait::async_trait;
use mysms_core::domain::{IssuedToken, Revocation, SessionId, Timestamp};
use mysms_core::store::{Result, Revocations};

use super::Reference;

#[async_trait]
impl Revocations for Reference {
    async fn revoke(&self, id: SessionId, until: Timestamp, now: Timestamp) -> Result<()> {
        let ended = (now, Revocation::Session { id, until });
        self.state().logged_out.entry(id).or_insert(ended);
        Ok(())
    }

    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<Revocation>> {
        let state = self.state();
        let tokens = state.logged_out.values().copied();
        let users = state.ended.values().map(|ended| match *ended {
            Revocation::User { at, .. } => (at, *ended),
            Revocation::Session { until, .. } => (until, *ended),
        });
        let all = tokens.chain(users).filter(|(at, _)| *at >= since);
        Ok(all.map(|(_, ended)| ended).collect())
    }

    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool> {
        let all = self.revoked_since(Timestamp::EPOCH).await?;
        Ok(all.iter().any(|ended| ended.ends(token)))
    }
}
