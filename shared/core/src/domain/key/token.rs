//! A key as its program sends it: `mk_live_<id>_<secret>`.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Mode;

/// Names a key without being worth anything: 16 characters of `a` to `z` and `2` to `7`, 80 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

/// A whole key. It has no `Debug`, because whoever reads it may use it.
pub struct KeyToken {
    mode: Mode,
    id: KeyId,
    secret: String,
}

/// The SHA-256 of a secret, which is all that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

const PREFIX: &str = "mk_";
const ID_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const ID_LENGTH: usize = 16;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 256 bits in base 62.
const SECRET_LENGTH: usize = 43;

/// A check sum of 32 bits in base 62, by which a key is told from what only looks like one.
const CHECK_LENGTH: usize = 6;

impl KeyId {
    pub fn generate() -> Self {
        let random: [u8; ID_LENGTH] = rand::random();
        let letter = |byte: u8| char::from(ID_ALPHABET[usize::from(byte % 32)]);
        Self(random.into_iter().map(letter).collect())
    }

    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == ID_LENGTH && text.bytes().all(|byte| ID_ALPHABET.contains(&byte));
        valid.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyToken {
    pub fn generate(mode: Mode) -> Self {
        Self {
            mode,
            id: KeyId::generate(),
            secret: base62::<SECRET_LENGTH>(rand::random::<[u8; 32]>()),
        }
    }

    /// Whether a text claims to be a key, so that nothing else is made of it.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Whether a text claims to be a key for the sandbox.
    pub fn is_one_for_tests(text: &str) -> bool {
        let mode = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('_').next());
        mode == Some(Mode::Test.as_str())
    }

    /// Reads what [`Self::reveal`] gave; `None` if so much as one character is another.
    pub fn parse(text: &str) -> Option<Self> {
        let split = text.len().checked_sub(CHECK_LENGTH)?;
        let (checked, check) = text.split_at_checked(split)?;
        let mut parts = checked.strip_prefix(PREFIX)?.split('_');
        let mode = Mode::parse(parts.next()?).ok()?;
        let (id, secret) = (KeyId::parse(parts.next()?)?, parts.next()?);
        let whole = secret.len() == SECRET_LENGTH
            && secret.bytes().all(|byte| ALPHABET.contains(&byte))
            && parts.next().is_none();
        (whole && check == check_sum(checked)).then(|| Self {
            mode,
            id,
            secret: secret.to_owned(),
        })
    }

    /// The key as its program sends it.
    pub fn reveal(&self) -> String {
        let checked = format!("{PREFIX}{}_{}_{}", self.mode, self.id, self.secret);
        let check = check_sum(&checked);
        checked + &check
    }

    /// The same secret under another id, as whoever guesses would write it.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_id(&self, id: &KeyId) -> Self {
        Self {
            mode: self.mode,
            id: id.clone(),
            secret: self.secret.clone(),
        }
    }

    /// The same id and secret with another mode.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_mode(&self, mode: Mode) -> Self {
        Self {
            mode,
            ..self.with_id(&self.id)
        }
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(&self.secret).into())
    }
}

impl SecretHash {
    /// Reads what [`Self::to_hex`] gave.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Compares in a time that does not depend on where they differ.
    pub fn is_same(&self, other: &Self) -> bool {
        let difference = self.0.iter().zip(&other.0);
        difference.fold(0, |found, (one, other)| found | (one ^ other)) == 0
    }
}

/// The number that some bytes are, in so many digits of base 62.
fn base62<const DIGITS: usize>(mut bytes: [u8; 32]) -> String {
    let mut digits = [0; DIGITS];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut bytes {
            let value = rest << 8 | u32::from(*byte);
            // A number below 62 × 256 divided by 62 is below 256.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        *digit = ALPHABET[rest as usize];
    }
    digits.into_iter().map(char::from).collect()
}

fn check_sum(text: &str) -> String {
    let mut bytes = [0; 32];
    bytes[28..].copy_from_slice(&crc32(text.as_bytes()).to_be_bytes());
    base62::<CHECK_LENGTH>(bytes)
}

/// The usual one, of ISO 3309.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
    let each = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_shown_and_known_by_its_hash() {
        for mode in Mode::ALL {
            let key = KeyToken::generate(mode);
            let read = KeyToken::parse(&key.reveal()).unwrap();
            assert_eq!((read.mode(), read.id()), (mode, key.id()));
            assert!(read.hash().is_same(&key.hash()));
            assert!(!read.hash().is_same(&KeyToken::generate(mode).hash()));
            let stored = SecretHash::from_hex(&key.hash().to_hex()).unwrap();
            assert_eq!(stored, key.hash());
            assert!(!key.reveal().contains(&stored.to_hex()));
        }
    }

    #[test]
    fn a_key_looks_as_scanners_are_told() {
        let pattern = regex::Regex::new("^mk_(live|team|test)_[a-z2-7]{16}_[0-9A-Za-z]{49}$");
        let pattern = pattern.unwrap();
        for _ in 0..100 {
            let key = KeyToken::generate(Mode::Live).reveal();
            assert!(pattern.is_match(&key), "{key}");
        }
    }

    #[test]
    fn whatever_differs_in_one_character_is_no_key() {
        let key = KeyToken::generate(Mode::Live).reveal();
        for (place, letter) in key.char_indices() {
            let other = if letter == 'a' { "b" } else { "a" };
            let mut changed = key.clone();
            changed.replace_range(place..=place, other);
            assert!(KeyToken::parse(&changed).is_none(), "{changed}");
        }
        let longer = format!("{key}a");
        for text in [
            "",
            "mk_",
            "mk_live_",
            "mk_live__",
            "жжж",
            &key[1..],
            &longer,
        ] {
            assert!(KeyToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_check_sum_is_the_one_that_everybody_computes() {
        // `printf 123456789 | crc32 /dev/stdin`
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            base62::<6>({
                let mut bytes = [0; 32];
                bytes[31] = 61;
                bytes
            }),
            "00000z"
        );
        assert_eq!(base62::<43>([u8::MAX; 32]).len(), 43);
    }
}
