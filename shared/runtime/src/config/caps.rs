use super::signup::is_simulated;
use super::variables::{
    SEGMENTS_PER_DAY, SEGMENTS_PER_DAY_ABROAD, SEGMENTS_PER_DAY_TOTAL, TEXTS_PER_PREFIX_PER_HOUR,
    TEXTS_PER_RECIPIENT_PER_HOUR,
};
use super::{Env, ProviderConfig, RecipientsConfig, Variable};

/// How much may be sent, counted for all processes together. `None`: without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CapsConfig {
    /// Segments of each user and day (UTC).
    pub user: Option<u32>,
    /// Segments of all users and day.
    pub total: Option<u32>,
    /// Of these, those to recipients outside the sender's country.
    pub abroad: Option<u32>,
    /// Texts to one number and hour, whoever sends them.
    pub recipient: Option<u32>,
    /// Texts to the numbers that differ in their last four digits alone, and hour.
    pub prefix: Option<u32>,
}

/// What holds where texts cost money, unless something else is asked for.
const BY_DEFAULT: CapsConfig = CapsConfig {
    user: Some(1000),
    total: None,
    abroad: None,
    recipient: Some(20),
    prefix: Some(100),
};

impl CapsConfig {
    pub fn read(
        env: &mut Env,
        provider: Option<&ProviderConfig>,
        recipients: Option<&RecipientsConfig>,
    ) -> Option<Self> {
        let unset = if is_simulated(env, provider) {
            Self::default()
        } else {
            BY_DEFAULT
        };
        let user = read_cap(env, SEGMENTS_PER_DAY, unset.user);
        let total = read_cap(env, SEGMENTS_PER_DAY_TOTAL, unset.total);
        let abroad = read_cap(env, SEGMENTS_PER_DAY_ABROAD, unset.abroad);
        let recipient = read_cap(env, TEXTS_PER_RECIPIENT_PER_HOUR, unset.recipient);
        let prefix = read_cap(env, TEXTS_PER_PREFIX_PER_HOUR, unset.prefix);
        if matches!(abroad, Some(Some(_))) && recipients.is_some_and(|known| known.home.is_none()) {
            env.refuse(
                SEGMENTS_PER_DAY_ABROAD,
                "has no country to be abroad from: name it first in RECIPIENT_COUNTRIES, as a Messaging Service has none",
            );
        }
        Some(Self {
            user: user?,
            total: total?,
            abroad: abroad?,
            recipient: recipient?,
            prefix: prefix?,
        })
    }
}

/// `none` switches it off.
#[expect(
    clippy::option_option,
    reason = "the outer one tells, as everywhere here, whether there was a problem"
)]
fn read_cap(env: &mut Env, variable: Variable, unset: Option<u32>) -> Option<Option<u32>> {
    if !env.is_set(variable) {
        return Some(unset);
    }
    let expected = format!("`none` or a whole number from 1 to {}", u32::MAX);
    env.parsed(variable, expected, |text| match text {
        "none" => Some(None),
        number => number.parse().ok().filter(|number| *number > 0).map(Some),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Simulator;
    use crate::config::testing::{TWILIO, accepted, refused};

    fn read(env: &mut Env) -> Option<CapsConfig> {
        let provider = ProviderConfig::read(env, Simulator::Embedded);
        let recipients = RecipientsConfig::read(env, provider.as_ref());
        CapsConfig::read(env, provider.as_ref(), recipients.as_ref())
    }

    #[test]
    fn what_costs_money_is_limited_unless_somebody_says_otherwise() {
        assert_eq!(accepted(&[], read), CapsConfig::default());
        assert_eq!(accepted(TWILIO, read), BY_DEFAULT);
        let set = [
            ("SEGMENTS_PER_DAY", "none"),
            ("SEGMENTS_PER_DAY_TOTAL", "5000"),
            ("SEGMENTS_PER_DAY_ABROAD", "50"),
            ("TEXTS_PER_RECIPIENT_PER_HOUR", "5"),
            ("TEXTS_PER_PREFIX_PER_HOUR", "none"),
        ];
        let expected = CapsConfig {
            user: None,
            total: Some(5000),
            abroad: Some(50),
            recipient: Some(5),
            prefix: None,
        };
        assert_eq!(accepted(&set, read), expected);
        assert_eq!(accepted(&[TWILIO, &set].concat(), read), expected);
    }

    #[test]
    fn a_cap_is_none_or_a_number_from_one_on() {
        for text in ["0", "-1", "None", "1.5", "off"] {
            let pairs = [("SEGMENTS_PER_DAY", text), ("SEGMENTS_PER_DAY_TOTAL", text)];
            assert_eq!(refused(&pairs, read).len(), 2, "{text}");
        }
    }

    #[test]
    fn abroad_needs_a_country_to_be_abroad_from() {
        let service = [
            TWILIO[0],
            TWILIO[1],
            TWILIO[2],
            (
                "TWILIO_MESSAGING_SERVICE_SID",
                "MG00000000000000000000000000000001",
            ),
            ("SEGMENTS_PER_DAY_ABROAD", "50"),
        ];
        let with = |countries| [&service[..], &[("RECIPIENT_COUNTRIES", countries)]].concat();
        let problems = refused(&with("any"), read);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("SEGMENTS_PER_DAY_ABROAD "));
        assert_eq!(accepted(&with("GB,+1"), read).abroad, Some(50));
    }
}
