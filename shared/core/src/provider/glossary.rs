//! What error codes mean, in sentences and for the pace of a sender.

use super::Pressure;
use crate::domain::OwnError;

/// Knows what error codes mean: our own here, and a provider's in its own way.
#[derive(Debug, Clone, Copy)]
pub struct Glossary {
    sentence: fn(&str) -> &'static str,
    pressure: fn(&str) -> Option<Pressure>,
}

impl Glossary {
    /// `provider` has a sentence for every code, also for one that is new to it. No code asks anything of
    /// a sender.
    pub const fn new(provider: fn(&str) -> &'static str) -> Self {
        Self {
            sentence: provider,
            pressure: |_| None,
        }
    }

    /// The same, where some codes ask something of the sender.
    #[must_use]
    pub const fn with_pressures(mut self, provider: fn(&str) -> Option<Pressure>) -> Self {
        self.pressure = provider;
        self
    }

    /// A sentence for users and operators.
    pub fn explain(self, code: &str) -> &'static str {
        match OwnError::parse(code) {
            Some(own) => own.sentence(),
            None => (self.sentence)(code),
        }
    }

    /// What a code asks of the sender that a text left from.
    pub fn pressure(self, code: &str) -> Option<Pressure> {
        (self.pressure)(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_codes_are_explained_by_us_and_all_others_by_the_provider() {
        let glossary = Glossary::new(|_| "The provider's sentence.");
        for own in OwnError::ALL {
            assert_eq!(glossary.explain(own.as_str()), own.sentence());
        }
        assert_eq!(glossary.explain("30003"), "The provider's sentence.");
        assert_eq!(glossary.pressure("30003"), None);
    }
}
