use super::variables::{ACCOUNT_ATTEMPTS_PER_MINUTE, AUTH_ATTEMPTS_PER_MINUTE, SENDS_PER_MINUTE};
use super::{Env, Variable};

/// How much somebody may ask of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Signups and logins per client address.
    pub attempts_per_address: u32,
    /// Signups, logins and whatever else needs a password or renews a token, per account and client
    /// address.
    pub attempts_per_account: u32,
    /// Texts per user, counted by each process for itself. `None`: without limit.
    pub sends_per_minute: Option<u32>,
}

impl LimitsConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let attempts_per_address = env.number(AUTH_ATTEMPTS_PER_MINUTE, 1..=u32::MAX);
        let attempts_per_account = env.number(ACCOUNT_ATTEMPTS_PER_MINUTE, 1..=u32::MAX);
        let sends_per_minute = optional(env, SENDS_PER_MINUTE);
        Some(Self {
            attempts_per_address: attempts_per_address?,
            attempts_per_account: attempts_per_account?,
            sends_per_minute: sends_per_minute?,
        })
    }
}

/// `Some(None)` when it is not set.
#[expect(
    clippy::option_option,
    reason = "the outer one tells, as everywhere here, whether there was a problem"
)]
fn optional(env: &mut Env, variable: Variable) -> Option<Option<u32>> {
    if !env.is_set(variable) {
        return Some(None);
    }
    env.number(variable, 1..=u32::MAX).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    #[test]
    fn only_attempts_are_limited_unless_it_is_asked_for() {
        let expected = LimitsConfig {
            attempts_per_address: 60,
            attempts_per_account: 10,
            sends_per_minute: None,
        };
        assert_eq!(accepted(&[], LimitsConfig::read), expected);
        let pairs = [("SENDS_PER_MINUTE", "30")];
        let limits = accepted(&pairs, LimitsConfig::read);
        assert_eq!(limits.sends_per_minute, Some(30));
    }

    #[test]
    fn a_limit_is_a_number_from_one_on() {
        let pairs = [
            ("AUTH_ATTEMPTS_PER_MINUTE", "0"),
            ("ACCOUNT_ATTEMPTS_PER_MINUTE", "none"),
            ("SENDS_PER_MINUTE", "0"),
        ];
        assert_eq!(refused(&pairs, LimitsConfig::read).len(), pairs.len());
    }
}
