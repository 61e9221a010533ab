use secrecy::{ExposeSecret, SecretString};

use super::variables::{JWT_SECRET_KEY, JWT_SECRET_KEY_PREVIOUS};
use super::{Env, Variable};

/// Fewer bytes could be guessed from a single token.
const SHORTEST_KEY: usize = 32;

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
    if key.expose_secret().len() < SHORTEST_KEY {
        env.refuse(variable, "must have at least 32 bytes");
        return None;
    }
    Some(key)
}
