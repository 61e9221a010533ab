use super::variables::{
    ACCOUNT_ATTEMPTS_PER_MINUTE, ACCOUNT_FAILURES_PER_HOUR, AUTH_ATTEMPTS_PER_MINUTE,
    OTP_PER_MINUTE, SENDS_PER_MINUTE, SIGNUPS_PER_HOUR, SMS_PROVIDER,
};
use super::{Env, Variable};

/// How much somebody may ask of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Signups, logins, whatever else needs a password, and wrong API keys, per minute and client address.
    pub attempts_per_address: u32,
    /// Signups, wrong passwords, renewed tokens and new API keys, per minute, account and client address.
    pub attempts_per_account: u32,
    /// Wrong passwords per hour and account, from wherever it has not logged in before.
    pub failures_per_account: u32,
    /// Users who are made per hour and client address. `None`: as many as may try.
    pub sign_ups_per_address: Option<u32>,
    /// Texts per user, counted by each process for itself. `None`: without limit.
    pub sends_per_minute: Option<u32>,
    /// Of these, texts of class `otp`.
    pub otp_per_minute: Option<u32>,
}

/// Users whom one address may make in an hour where each of them can spend money.
const SIGN_UPS_WITH_TWILIO: u32 = 3;

/// Login codes of one user in a minute, where senders have rates that others wait for.
const OTP_WITH_TWILIO: u32 = 100;

impl LimitsConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let attempts_per_address = env.number(AUTH_ATTEMPTS_PER_MINUTE, 1..=u32::MAX);
        let attempts_per_account = env.number(ACCOUNT_ATTEMPTS_PER_MINUTE, 1..=u32::MAX);
        let failures_per_account = env.number(ACCOUNT_FAILURES_PER_HOUR, 1..=u32::MAX);
        let sign_ups_per_address = with_twilio(env, SIGNUPS_PER_HOUR, SIGN_UPS_WITH_TWILIO);
        let sends_per_minute = optional(env, SENDS_PER_MINUTE);
        let otp_per_minute = with_twilio(env, OTP_PER_MINUTE, OTP_WITH_TWILIO);
        Some(Self {
            attempts_per_address: attempts_per_address?,
            attempts_per_account: attempts_per_account?,
            failures_per_account: failures_per_account?,
            sign_ups_per_address: sign_ups_per_address?,
            sends_per_minute: sends_per_minute?,
            otp_per_minute: otp_per_minute?,
        })
    }
}

/// Unset, it depends on the provider: with the simulator nobody can spend anything or wait for others, and
/// a user for each try is what people have there.
#[expect(
    clippy::option_option,
    reason = "the outer one tells, as everywhere here, whether there was a problem"
)]
fn with_twilio(env: &mut Env, variable: Variable, unset: u32) -> Option<Option<u32>> {
    if !env.is_set(variable) && env.says(SMS_PROVIDER, "twilio") {
        return Some(Some(unset));
    }
    optional(env, variable)
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
            failures_per_account: 100,
            sign_ups_per_address: None,
            sends_per_minute: None,
            otp_per_minute: None,
        };
        assert_eq!(accepted(&[], LimitsConfig::read), expected);
        let pairs = [("SENDS_PER_MINUTE", "30")];
        let limits = accepted(&pairs, LimitsConfig::read);
        assert_eq!(limits.sends_per_minute, Some(30));
    }

    #[test]
    fn where_texts_cost_money_few_users_are_made_and_few_codes_sent() {
        let twilio = ("SMS_PROVIDER", "twilio");
        let limits = accepted(&[twilio], LimitsConfig::read);
        assert_eq!(limits.sign_ups_per_address, Some(3));
        assert_eq!(limits.otp_per_minute, Some(100));
        let pairs = [twilio, ("SIGNUPS_PER_HOUR", "50")];
        let limits = accepted(&pairs, LimitsConfig::read);
        assert_eq!(limits.sign_ups_per_address, Some(50));
        let pairs = [("SMS_PROVIDER", "simulator"), ("SIGNUPS_PER_HOUR", "5")];
        let limits = accepted(&pairs, LimitsConfig::read);
        assert_eq!(limits.sign_ups_per_address, Some(5));
    }

    #[test]
    fn a_limit_is_a_number_from_one_on() {
        let pairs = [
            ("AUTH_ATTEMPTS_PER_MINUTE", "0"),
            ("ACCOUNT_ATTEMPTS_PER_MINUTE", "none"),
            ("ACCOUNT_FAILURES_PER_HOUR", "0"),
            ("SIGNUPS_PER_HOUR", "none"),
            ("SENDS_PER_MINUTE", "0"),
            ("OTP_PER_MINUTE", "0"),
        ];
        assert_eq!(refused(&pairs, LimitsConfig::read).len(), pairs.len());
    }
}
