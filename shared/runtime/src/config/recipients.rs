use mysms_core::domain::{Country, PhoneNumber};

use super::signup::is_simulated;
use super::variables::RECIPIENT_COUNTRIES;
use super::{Env, ProviderConfig, Sender};

/// To whom texts may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientsConfig {
    pub allowed: Recipients,
    /// What is not abroad: the country of the sender's number or, of a service, the first that is allowed.
    pub home: Option<Country>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    Any,
    Only {
        countries: Vec<Country>,
        /// Each begins with `+`.
        prefixes: Vec<String>,
    },
}

impl RecipientsConfig {
    /// Numbers that cost the most, and pay a share of it to whoever brings texts to them, are abroad: so
    /// with a real provider only the sender's own country is allowed unless more is asked for.
    pub fn read(env: &mut Env, provider: Option<&ProviderConfig>) -> Option<Self> {
        let own = provider.and_then(|provider| country_of(&provider.sender));
        let allowed = if env.is_set(RECIPIENT_COUNTRIES) {
            env.parsed(
                RECIPIENT_COUNTRIES,
                "`any`, or a list of countries such as US and prefixes such as +4479",
                Recipients::parse,
            )
        } else if is_simulated(env, provider) {
            Some(Recipients::Any)
        } else {
            let own = own.map(|country| Recipients::Only {
                countries: vec![country],
                prefixes: Vec::new(),
            });
            if own.is_none() && provider.is_some() {
                env.refuse(
                    RECIPIENT_COUNTRIES,
                    "must be set, because no number of the sender tells its country: a list of countries, or `any`",
                );
            }
            own
        };
        let allowed = allowed?;
        let home = own.or_else(|| allowed.first());
        Some(Self { allowed, home })
    }
}

impl Recipients {
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        match self {
            Self::Any => true,
            Self::Only {
                countries,
                prefixes,
            } => {
                let begins = |prefix: &String| number.as_str().starts_with(prefix.as_str());
                let country = || number.country();
                prefixes.iter().any(begins)
                    || country().is_some_and(|country| countries.contains(&country))
            }
        }
    }

    /// These, and all numbers that begin like this.
    #[must_use]
    pub fn with(&self, prefix: &str) -> Self {
        let mut more = self.clone();
        if let Self::Only { prefixes, .. } = &mut more {
            prefixes.push(prefix.to_owned());
        }
        more
    }

    /// The whole countries that are allowed; `None` if all are.
    pub fn countries(&self) -> Option<&[Country]> {
        match self {
            Self::Any => None,
            Self::Only { countries, .. } => Some(countries),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "any" {
            return Some(Self::Any);
        }
        let (mut countries, mut prefixes) = (Vec::new(), Vec::new());
        for item in text.split(',').map(str::trim) {
            if is_prefix(item) {
                prefixes.push(item.to_owned());
            } else {
                countries.push(Country::parse(item)?);
            }
        }
        Some(Self::Only {
            countries,
            prefixes,
        })
    }

    fn first(&self) -> Option<Country> {
        self.countries()?.first().copied()
    }
}

fn country_of(sender: &Sender) -> Option<Country> {
    match sender {
        Sender::Number(number) => number.country(),
        Sender::Service(_) => None,
    }
}

fn is_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (1..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Simulator;
    use crate::config::testing::{Pairs, TWILIO, accepted, refused};

    const BY_SERVICE: Pairs<'static> = &[
        TWILIO[0],
        TWILIO[1],
        TWILIO[2],
        (
            "TWILIO_MESSAGING_SERVICE_SID",
            "MG00000000000000000000000000000001",
        ),
    ];

    fn read(env: &mut Env) -> Option<RecipientsConfig> {
        let provider = ProviderConfig::read(env, Simulator::Embedded);
        RecipientsConfig::read(env, provider.as_ref())
    }

    fn with<'a>(pairs: Pairs<'a>, countries: &'a str) -> Vec<(&'a str, &'a str)> {
        [pairs, &[("RECIPIENT_COUNTRIES", countries)]].concat()
    }

    fn allows(config: &RecipientsConfig, number: &str) -> bool {
        config.allowed.allow(&PhoneNumber::parse(number).unwrap())
    }

    #[test]
    fn texts_that_cost_money_stay_in_the_country_of_the_number_that_sends_them() {
        let config = accepted(TWILIO, read);
        assert_eq!(config.home, Country::parse("US"));
        for (number, allowed) in [
            ("+14155550123", true),
            // Other countries with the same calling code.
            ("+12684641234", false),
            ("+16137827274", false),
            ("+18765550123", false),
            ("+447400123456", false),
            ("+979123456789", false),
        ] {
            assert_eq!(allows(&config, number), allowed, "{number}");
        }
        let simulated = accepted(&[], read);
        assert_eq!(simulated.allowed, Recipients::Any);
        assert!(allows(&simulated, "+979123456789"));
    }

    #[test]
    fn countries_and_prefixes_are_named_together() {
        let config = accepted(&with(TWILIO, "ca, GB ,+4479,+1415"), read);
        assert_eq!(config.home, Country::parse("US"), "the sender's");
        for (number, allowed) in [
            ("+16137827274", true),
            ("+447400123456", true),
            // Guernsey has numbers that begin like that, too.
            ("+447911123456", true),
            ("+447781123456", false),
            ("+14155550123", true),
            ("+12125550123", false),
        ] {
            assert_eq!(allows(&config, number), allowed, "{number}");
        }
        assert_eq!(
            accepted(&with(TWILIO, "any"), read).allowed,
            Recipients::Any
        );
    }

    #[test]
    fn numbers_that_begin_in_some_way_can_be_allowed_beside() {
        let config = accepted(&with(TWILIO, "DE"), read);
        for (number, allowed) in [
            ("+15005530003", true),
            ("+4915123456789", true),
            ("+15005630003", false),
            ("+14155550123", false),
        ] {
            let config = RecipientsConfig {
                allowed: config.allowed.with("+150055"),
                ..config
            };
            assert_eq!(allows(&config, number), allowed, "{number}");
        }
        assert_eq!(Recipients::Any.with("+150055"), Recipients::Any);
    }

    #[test]
    fn a_service_has_no_country_of_its_own() {
        let problems = refused(BY_SERVICE, read);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("RECIPIENT_COUNTRIES must be set"));
        let config = accepted(&with(BY_SERVICE, "+4479,GB,US"), read);
        assert_eq!(config.home, Country::parse("GB"));
        assert_eq!(accepted(&with(BY_SERVICE, "any"), read).home, None);
    }

    #[test]
    fn what_is_no_country_and_no_prefix_is_refused() {
        for text in [
            "XX", "USA", "US,", "+", "+0", "44", "any,US", "US;CA", "+44x",
        ] {
            let problems = refused(&with(TWILIO, text), read);
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        }
    }
}
