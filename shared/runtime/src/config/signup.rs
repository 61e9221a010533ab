use super::variables::SIGNUP;
use super::{Env, ProviderConfig};

/// Who may make themselves a user. Whoever has an invite may in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUpMode {
    /// Anybody who reaches the API.
    #[default]
    Open,
    /// Those with an invite, for which the web client asks.
    Invite,
    /// Nobody, as the web client says.
    Closed,
}

impl SignUpMode {
    /// Whoever may sign up may spend money, so with a real provider somebody has to have decided who
    /// that is.
    pub fn read(env: &mut Env, provider: Option<&ProviderConfig>) -> Option<Self> {
        if env.is_set(SIGNUP) {
            return env.parsed(SIGNUP, "`open`, `invite` or `closed`", Self::parse);
        }
        if is_simulated(env, provider) {
            return Some(Self::Open);
        }
        env.refuse(
            SIGNUP,
            "must be set with SMS_PROVIDER=twilio, because users spend your money: `closed` lets nobody \
             sign up, `invite` only who has a code from `admin invite`, `open` everybody who reaches the API",
        );
        None
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Invite, Self::Closed]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

/// Whether no text costs anything. Without a provider, whose problem was told already, it is what
/// `SMS_PROVIDER` does not deny.
pub(super) fn is_simulated(env: &Env, provider: Option<&ProviderConfig>) -> bool {
    match provider {
        Some(provider) => provider.simulated,
        None => !env.says(super::variables::SMS_PROVIDER, "twilio"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Simulator;
    use crate::config::testing::{TWILIO, accepted, refused};

    fn read(env: &mut Env) -> Option<SignUpMode> {
        let provider = ProviderConfig::read(env, Simulator::Embedded);
        SignUpMode::read(env, provider.as_ref())
    }

    #[test]
    fn where_texts_cost_money_somebody_has_to_decide() {
        assert_eq!(accepted(&[], read), SignUpMode::Open);
        let problems = refused(TWILIO, read);
        assert_eq!(problems.len(), 1, "{problems:?}");
        for part in ["SIGNUP must be set", "`closed`", "`invite`", "`open`"] {
            assert!(problems[0].contains(part), "{problems:?}");
        }
        for (text, mode) in [
            ("open", SignUpMode::Open),
            ("invite", SignUpMode::Invite),
            ("closed", SignUpMode::Closed),
        ] {
            let set = [("SIGNUP", text)];
            assert_eq!(accepted(&set, read), mode);
            assert_eq!(accepted(&[TWILIO, &set].concat(), read), mode);
        }
        assert_eq!(refused(&[("SIGNUP", "on")], read).len(), 1);
    }

    #[test]
    fn it_is_asked_for_together_with_whatever_else_is_missing() {
        let problems = refused(&[("SMS_PROVIDER", "twilio")], read);
        assert!(
            problems
                .iter()
                .any(|problem| problem.starts_with("SIGNUP "))
        );
    }
}
