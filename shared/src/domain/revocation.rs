//! How login tokens end before their time.

use super::{Timestamp, TokenId, UserId};

/// A login token, as far as it matters for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedToken {
    pub id: TokenId,
    pub user: UserId,
    /// The user's generation when they logged in; absent from tokens of a version without any.
    pub generation: Option<u32>,
    /// In whole seconds.
    pub issued_at: Timestamp,
}

/// What has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revocation {
    /// One token, which is good for nothing after `until` anyway.
    Token { id: TokenId, until: Timestamp },
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
            Self::Token { id, .. } => token.id == id,
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
    fn one_token_ends_alone() {
        let token = IssuedToken {
            id: TokenId::generate(),
            user: UserId::generate(AT),
            generation: Some(0),
            issued_at: AT,
        };
        let ended = |id| Revocation::Token { id, until: AT };
        assert!(ended(token.id).ends(&token));
        assert!(!ended(TokenId::generate()).ends(&token));
    }
}
