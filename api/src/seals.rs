use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use runtime::config::TokenConfig;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Digests of what the store is not to hold itself, which nobody can make without our keys: whoever sees
/// the store could otherwise try all numbers, addresses or short texts.
pub(crate) struct Seals {
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
}

impl Seals {
    /// With keys for one purpose, made from those that sign tokens (as HKDF extracts them, RFC 5869):
    /// whoever rotates those rotates these.
    pub(crate) fn new(tokens: &TokenConfig, purpose: &[u8]) -> Self {
        let derive = |secret: &SecretString| {
            let derived = keyed(purpose).chain_update(secret.expose_secret());
            keyed(&derived.finalize().into_bytes())
        };
        Self {
            current: derive(&tokens.secret),
            previous: tokens.previous.as_ref().map(derive),
        }
    }

    /// The digest by the current key.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        digest(&self.current, parts)
    }

    /// Whether a digest was made by one of the keys; that takes as long whatever is wrong with it.
    pub(crate) fn verify(&self, parts: &[&[u8]], digest: &[u8]) -> bool {
        let keys = [Some(&self.current), self.previous.as_ref()];
        let mut keys = keys.into_iter().flatten();
        keys.any(|key| updated(key, parts).verify_slice(digest).is_ok())
    }

    /// All digests by which it may be known: that by the current key, then that by the previous one.
    pub(crate) fn digests(&self, parts: &[&[u8]]) -> impl Iterator<Item = [u8; 32]> + use<> {
        let previous = self.previous.as_ref().map(|key| digest(key, parts));
        [self.digest(parts)].into_iter().chain(previous)
    }
}

/// As much of a digest as tells things apart that nobody chooses.
pub(crate) fn half(digest: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

fn digest(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    updated(key, parts).finalize().into_bytes().into()
}

fn updated(key: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac
}

/// A key of at most 64 bytes.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = Key::<Hmac<Sha256>>::default();
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    Hmac::new(&block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seals(secret: &str, previous: Option<&str>, purpose: &[u8]) -> Vec<[u8; 32]> {
        let tokens = TokenConfig {
            secret: secret.into(),
            previous: previous.map(Into::into),
        };
        Seals::new(&tokens, purpose)
            .digests(&[b"a", b"b"])
            .collect()
    }

    #[test]
    fn each_secret_and_each_purpose_has_a_key_of_its_own() {
        let one = seals("one", None, b"numbers");
        assert_eq!(one.len(), 1);
        assert_ne!(one, seals("two", None, b"numbers"));
        assert_ne!(one, seals("one", None, b"networks"));
        let rotated = seals("two", Some("one"), b"numbers");
        assert_eq!(rotated[1], one[0], "what was sealed before is still known");
    }
}
