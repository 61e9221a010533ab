use runtime::config::TokenConfig;
use sha2::{Digest, Sha256};

use crate::seals::Seals;

/// What idempotency keys were used for, so that a request that is repeated is told from another one. A
/// message remembers that, also when it is deleted.
pub(crate) struct Fingerprints(Seals);

impl Fingerprints {
    pub(crate) fn new(tokens: &TokenConfig) -> Self {
        Self(Seals::new(tokens, b"what an Idempotency-Key was used for"))
    }

    /// The fingerprint of a request.
    pub(crate) fn of(&self, described: &[u8]) -> String {
        hex::encode(self.0.digest(&[described]))
    }

    /// Whether a fingerprint is one of this request, be it of before the keys were rotated, or of a
    /// version that had none.
    pub(crate) fn fits(&self, fingerprint: &str, described: &[u8]) -> bool {
        let mut sealed = self.0.digests(&[described]).map(hex::encode);
        sealed.any(|sealed| sealed == fingerprint) || plain_hash(described) == fingerprint
    }
}

fn plain_hash(described: &[u8]) -> String {
    hex::encode(Sha256::digest(described))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed_with(secret: &str, previous: Option<&str>) -> Fingerprints {
        Fingerprints::new(&TokenConfig {
            secret: secret.into(),
            previous: previous.map(Into::into),
        })
    }

    const CODE: &[u8] = b"+14155550123 Your code is 483920";

    #[test]
    fn without_the_key_nobody_finds_a_text_by_trying() {
        let fingerprint = keyed_with("a", None).of(CODE);
        assert_ne!(fingerprint, plain_hash(CODE));
        assert_ne!(fingerprint, keyed_with("b", None).of(CODE));
    }

    #[test]
    fn a_repeat_is_recognised_though_the_keys_were_rotated_meanwhile() {
        let before = keyed_with("a", None).of(CODE);
        let after = keyed_with("b", Some("a"));
        for known in [before, after.of(CODE), plain_hash(CODE)] {
            assert!(after.fits(&known, CODE));
            assert!(!after.fits(&known, b"+14155550123 Your code is 483921"));
        }
    }
}
