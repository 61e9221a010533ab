//! What a process knows of tokens that have ended.

use std::collections::HashMap;
use std::time::Duration;

use mysms_core::domain::{IssuedToken, Revocation, SessionId, Timestamp, UserId};
use tokio::time::Instant;

use crate::auth::tokens::LONGEST_VALIDITY;

/// How old what this process knows may be. While it is older, each request asks the store.
pub(super) const FRESH: Duration = Duration::from_secs(4);

#[derive(Default)]
pub(super) struct Known {
    pub(super) sessions: HashMap<SessionId, Revocation>,
    pub(super) users: HashMap<UserId, Revocation>,
    pub(super) latest: Option<Look>,
}

/// When the store was last looked at, by the clock on the wall and by one that only goes forward.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    pub(super) begun: Instant,
}

impl Known {
    pub(super) fn has_ended(&self, token: &IssuedToken) -> bool {
        let with_session = self.sessions.get(&token.session);
        let alone = self.sessions.get(&SessionId::of_lone(token.id));
        let with_all = self.users.get(&token.user);
        with_session
            .into_iter()
            .chain(alone)
            .chain(with_all)
            .any(|revocation| revocation.ends(token))
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.latest
            .is_some_and(|latest| latest.begun.elapsed() < FRESH)
    }

    pub(super) fn add(&mut self, revocation: Revocation) {
        match revocation {
            Revocation::Session { id, .. } => {
                self.sessions.insert(id, revocation);
            }
            Revocation::User { user, .. } => {
                let known = self.users.entry(user).or_insert(revocation);
                // The later generation is the greater one; an old look must not bring back less.
                *known = (*known).max(revocation);
            }
        }
    }

    pub(super) fn forget_expired(&mut self, now: Timestamp) {
        self.sessions
            .retain(|_, revocation| matters(revocation, now));
        self.users.retain(|_, revocation| matters(revocation, now));
    }
}

/// Whether a token that has ended so could still be good otherwise.
fn matters(revocation: &Revocation, now: Timestamp) -> bool {
    match *revocation {
        Revocation::Session { until, .. } => until >= now,
        Revocation::User { at, .. } => at + LONGEST_VALIDITY >= now,
    }
}
