//! How login tokens end before their time.

use serde::{Deserialize, Serialize};

use super::{SessionId, Timestamp, TokenId, UserId};

/// A login token, as far as it matters for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    pub id: TokenId,
    /// The login that it goes back to.
    pub session: SessionId,
    pub user: UserId,
    /// The user's generation when they logged in; absent from tokens of a version without any.
    pub generation: Option<u32>,
    /// In whole seconds.
    pub issued_at: Timestamp,
}

/// What has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revocation {
    /// All tokens of a session, none of which is good for anything after `until` anyway. Or the one
    /// token with this id, if it was ended by a process that knows of no sessions.
    Session { id: SessionId, until: Timestamp },
    /// All tokens of a user from before their present generation, which began at `at`.
    User {
        user: UserId,
        generation: u32,
        at: Timestamp,
    },
}

impl Revocation {
    pub fn ends(&self, token: &IssuedToken) -> bool {
        match *self {
            Self::Session { id, .. } => token.session == id || SessionId::of_lone(token.id) == id,
            Self::User {
                user,
                generation,
                at,
            } => {
                let earlier = match token.generation {
                    Some(own) => own < generation,
                    None => token.issued_at <= at,
                };
                token.user == user && earlier
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_767_225_600_500);

    #[test]
    fn a_new_generation_ends_the_tokens_of_those_before() {
        let user = UserId::generate(AT);
        let token = IssuedToken {
            id: TokenId::generate(),
            session: SessionId::generate(),
            user,
            generation: Some(1),
            issued_at: AT + Duration::from_secs(9),
        };
        let since = |generation| Revocation::User {
            user,
            generation,
            at: AT,
        };
        // Not its time counts but which password its login saw.
        assert!(since(2).ends(&token));
        assert!(!since(1).ends(&token));
        let foreign = IssuedToken {
            user: UserId::generate(AT),
            ..token
        };
        assert!(!since(2).ends(&foreign));
        // One that knows no generation goes by its time.
        let old = |issued_at| IssuedToken {
            generation: None,
            issued_at,
            ..token
        };
        assert!(since(1).ends(&old(AT - Duration::from_millis(500))));
        assert!(!since(1).ends(&old(AT + Duration::from_millis(500))));
    }

    #[test]
    fn a_session_ends_with_all_of_its_tokens_and_no_other() {
        let token = IssuedToken {
            id: TokenId::generate(),
            session: SessionId::generate(),
            user: UserId::generate(AT),
            generation: Some(0),
            issued_at: AT,
        };
        let renewed = IssuedToken {
            id: TokenId::generate(),
            ..token
        };
        let ended = |id| Revocation::Session { id, until: AT };
        assert!(ended(token.session).ends(&token) && ended(token.session).ends(&renewed));
        assert!(!ended(SessionId::generate()).ends(&token));
        // As a process of an earlier version ends it.
        let alone = ended(SessionId::of_lone(token.id));
        assert!(alone.ends(&token) && !alone.ends(&renewed));
    }
}
