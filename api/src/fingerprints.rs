use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use shared::config::TokenConfig;

/// What idempotency keys were used for, so that a request that is repeated is told from another one.
///
/// A message remembers that as an HMAC, also when it is deleted: a plain hash of a number and a short
/// text gives both back to whoever tries all of them.
pub(crate) struct Fingerprints {
    /// The current one first.
    keys: Vec<Hmac<Sha256>>,
}

impl Fingerprints {
    /// With keys of their own, made from those that sign tokens: whoever rotates those rotates these.
    pub(crate) fn new(tokens: &TokenConfig) -> Self {
        let secrets = [Some(&tokens.secret), tokens.previous.as_ref()];
        let keys = secrets.into_iter().flatten().filter_map(|secret| {
            let purpose = b"mysms: what an Idempotency-Key was used for";
            let derived = keyed(secret.expose_secret().as_bytes())?.chain_update(purpose);
            keyed(&derived.finalize().into_bytes())
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// The fingerprint of a request.
    pub(crate) fn of(&self, described: &[u8]) -> String {
        let sealed = self.keys.first().map(|key| seal(key, described));
        sealed.unwrap_or_else(|| plain_hash(described))
    }

    /// Whether a fingerprint is one of this request, be it of before the keys were rotated, or of a
    /// version that had none.
    pub(crate) fn fits(&self, fingerprint: &str, described: &[u8]) -> bool {
        self.keys
            .iter()
            .any(|key| seal(key, described) == fingerprint)
            || plain_hash(described) == fingerprint
    }
}

/// A key of any length will do.
fn keyed(secret: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret).ok()
}

fn seal(key: &Hmac<Sha256>, described: &[u8]) -> String {
    let sealed = key.clone().chain_update(described).finalize();
    hex::encode(sealed.into_bytes())
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
