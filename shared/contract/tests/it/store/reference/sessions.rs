use async_trait::async_trait;
use mysms_core::domain::{Renewal, Session, SessionId, Timestamp, UserId};
use mysms_core::store::{Renewed, Result, Sessions};

use super::Reference;

#[async_trait]
impl Sessions for Reference {
    async fn begin(&self, session: &Session) -> Result<()> {
        let mut state = self.state();
        let known = state.sessions.entry(session.id);
        known.or_insert_with(|| session.clone());
        Ok(())
    }

    async fn renew(&self, renewal: &Renewal) -> Result<Renewed> {
        let mut state = self.state();
        let Some(session) = state.sessions.get_mut(&renewal.session) else {
            return Ok(Renewed::Unknown);
        };
        if session.token == renewal.from {
            session.token = renewal.to;
            session.renewed_at = renewal.now;
            session.until = session.until.max(renewal.until);
        }
        let is_latest = session.token == renewal.to;
        Ok(if is_latest {
            Renewed::Done
        } else {
            Renewed::Before
        })
    }

    async fn go_on(&self, from: &Session, to: &Session) -> Result<Renewed> {
        let mut state = self.state();
        let Some(session) = state.sessions.get_mut(&from.id) else {
            return Ok(Renewed::Unknown);
        };
        let latest = |session: &Session| (session.token, session.cookie.map(|cookie| cookie.turn));
        if latest(session) == latest(from) {
            session.token = to.token;
            session.renewed_at = to.renewed_at;
            session.until = to.until;
            session.cookie = to.cookie;
        }
        let is_latest = latest(session) == latest(to);
        Ok(if is_latest {
            Renewed::Done
        } else {
            Renewed::Before
        })
    }

    async fn sessions_of(
        &self,
        user: UserId,
        generation: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>> {
        let state = self.state();
        let good = |session: &&Session| {
            session.user == user && session.generation >= generation && session.until >= now
        };
        let mut found: Vec<_> = state.sessions.values().filter(good).cloned().collect();
        found.sort_by_key(|session| std::cmp::Reverse((session.renewed_at, session.id)));
        found.truncate(limit);
        Ok(found)
    }

    async fn session(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let state = self.state();
        let found = state.sessions.get(&id);
        Ok(found.filter(|session| session.user == user).cloned())
    }

    async fn forget(&self, id: SessionId) -> Result<()> {
        self.state().sessions.remove(&id);
        Ok(())
    }

    async fn forget_all(&self, user: UserId) -> Result<()> {
        self.state()
            .sessions
            .retain(|_, session| session.user != user);
        Ok(())
    }
}
