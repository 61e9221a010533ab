//! What error codes mean, in sentences.

use crate::domain::OwnError;

/// Puts error codes into sentences for users and operators: our own here, and a provider's in its own
/// way.
#[derive(Debug, Clone, Copy)]
pub struct Glossary(fn(&str) -> &'static str);

impl Glossary {
    /// `provider` has a sentence for every code, also for one that is new to it.
    pub const fn new(provider: fn(&str) -> &'static str) -> Self {
        Self(provider)
    }

    pub fn explain(self, code: &str) -> &'static str {
        match OwnError::parse(code) {
            Some(own) => own.sentence(),
            None => (self.0)(code),
        }
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
    }
}
