use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};

use super::variables::{JWT_SECRET_KEY, JWT_SECRET_KEY_PREVIOUS};
use super::{Env, Variable};

/// Fewer bytes could be guessed from a single token.
const SHORTEST_KEY: usize = 32;

/// A random key of the least length has more different bytes than this but once in a million times,
/// even in hexadecimal digits.
const LEAST_VARIETY: usize = 8;

/// Why a key cannot sign tokens: the rest of a sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    #[error("must have at least 32 bytes")]
    Short,
    #[error("must be random: it consists of a few characters")]
    Monotonous,
}

/// Whether a key can sign tokens, wherever it comes from.
pub fn check_key(key: &SecretString) -> Result<(), WeakKey> {
    let bytes = key.expose_secret().as_bytes();
    let variety: HashSet<_> = bytes.iter().collect();
    if bytes.len() < SHORTEST_KEY {
        Err(WeakKey::Short)
    } else if variety.len() < LEAST_VARIETY {
        Err(WeakKey::Monotonous)
    } else {
        Ok(())
    }
}

/// The keys of the login tokens.
#[derive(Clone)]
pub struct TokenConfig {
    /// Signs and verifies.
    pub secret: SecretString,
    /// Verifies only, while the key is being rotated.
    pub previous: Option<SecretString>,
}

impl TokenConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        if !env.is_set(JWT_SECRET_KEY) {
            env.refuse(JWT_SECRET_KEY, "must be set");
        }
        Self::read_optional(env)
    }

    /// `None` also, without a problem, when no key is set: for `mysms`, which then makes its own.
    pub fn read_optional(env: &mut Env) -> Option<Self> {
        let secret = read_key(env, JWT_SECRET_KEY);
        let previous = read_key(env, JWT_SECRET_KEY_PREVIOUS);
        if previous.is_some() && !env.is_set(JWT_SECRET_KEY) {
            env.refuse(JWT_SECRET_KEY_PREVIOUS, "needs JWT_SECRET_KEY beside it");
        }
        Some(Self {
            secret: secret?,
            previous,
        })
    }
}

fn read_key(env: &mut Env, variable: Variable) -> Option<SecretString> {
    let key = env.optional_secret(variable)?;
    if let Err(weak) = check_key(&key) {
        env.refuse(variable, weak.to_string());
        return None;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "an earlier key, which is long enough";

    #[test]
    fn the_previous_key_is_kept_beside_the_current_one() {
        let pairs = [("JWT_SECRET_KEY", KEY), ("JWT_SECRET_KEY_PREVIOUS", OTHER)];
        let tokens = accepted(&pairs, TokenConfig::read);
        assert_eq!(tokens.secret.expose_secret(), KEY);
        assert_eq!(tokens.previous.unwrap().expose_secret(), OTHER);
        assert!(accepted(&pairs[..1], TokenConfig::read).previous.is_none());
    }

    #[test]
    fn a_missing_or_short_key_is_refused() {
        let short = "must have at least 32 bytes";
        let cases = [
            (vec![], "JWT_SECRET_KEY must be set".to_owned()),
            (
                vec![("JWT_SECRET_KEY", &KEY[1..])],
                format!("JWT_SECRET_KEY {short}"),
            ),
            (
                vec![("JWT_SECRET_KEY", KEY), ("JWT_SECRET_KEY_PREVIOUS", "x")],
                format!("JWT_SECRET_KEY_PREVIOUS {short}"),
            ),
            (
                vec![("JWT_SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")],
                format!("JWT_SECRET_KEY {}", WeakKey::Monotonous),
            ),
        ];
        for (pairs, problem) in cases {
            assert_eq!(refused(&pairs, TokenConfig::read), [problem]);
        }
    }

    #[test]
    fn only_where_it_is_optional_may_the_key_be_missing() {
        let none = accepted(&[], |env| Some(TokenConfig::read_optional(env)));
        assert!(none.is_none());
        let half = refused(
            &[("JWT_SECRET_KEY_PREVIOUS", OTHER)],
            TokenConfig::read_optional,
        );
        assert_eq!(
            half,
            ["JWT_SECRET_KEY_PREVIOUS needs JWT_SECRET_KEY beside it"]
        );
        refused(&[("JWT_SECRET_KEY", "short")], |env| {
            Some(TokenConfig::read_optional(env))
        });
    }
}
