//! What an endpoint recognises us by.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;

/// For how long the former secret signs beside a new one.
pub const ROTATED_WITHIN: Duration = Duration::from_hours(24);

const PREFIX: &str = "whsec_";

/// A key that events are signed with: 24 to 64 bytes, written as `whsec_` and Base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(Vec<u8>);

/// The text is no such key.
#[derive(Debug, thiserror::Error)]
#[error("must be whsec_ and the Base64 of 24 to 64 bytes")]
pub struct InvalidSecret;

/// The keys of an endpoint: one, or two for a while after a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    current: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    former: Option<Former>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Former {
    secret: Secret,
    until: Timestamp,
}

impl Secret {
    /// A fresh one, of 32 bytes.
    pub fn generate() -> Self {
        Self(rand::random::<[u8; 32]>().to_vec())
    }

    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidSecret)?;
        let valid = (24..=64).contains(&bytes.len());
        valid.then_some(Self(bytes)).ok_or(InvalidSecret)
    }

    /// The bytes to sign with.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As its owner sees it.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl TryFrom<String> for Secret {
    type Error = InvalidSecret;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.reveal()
    }
}

impl Secrets {
    pub fn new(current: Secret) -> Self {
        Self {
            current,
            former: None,
        }
    }

    pub fn current(&self) -> &Secret {
        &self.current
    }

    /// Until when the former one signs too, if it still does.
    pub fn rotated_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.former.as_ref().map(|former| former.until);
        until.filter(|until| *until > now)
    }

    /// Those that sign now, the newest first.
    pub fn signing(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let former = self.former.iter().filter(move |former| former.until > now);
        std::iter::once(&self.current).chain(former.map(|former| &former.secret))
    }

    /// Signs with a new one from now on, and with the current one for [`ROTATED_WITHIN`]. Repeating it is
    /// harmless.
    pub fn rotate(&mut self, next: Secret, now: Timestamp) {
        if next == self.current {
            return;
        }
        self.former = Some(Former {
            secret: std::mem::replace(&mut self.current, next),
            until: now + ROTATED_WITHIN,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn signing(secrets: &Secrets, now: Timestamp) -> Vec<&Secret> {
        secrets.signing(now).collect()
    }

    #[test]
    fn a_secret_is_read_as_it_was_shown_and_never_logged() {
        let secret = Secret::generate();
        let shown = secret.reveal();
        assert_eq!(Secret::parse(&shown).unwrap(), secret);
        assert_ne!(secret, Secret::generate());
        assert!(!format!("{:?}", Secrets::new(secret.clone())).contains(&shown[6..]));
        // The example of the Standard Webhooks.
        let known = Secret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        assert_eq!(known.as_bytes().len(), 24);
    }

    #[test]
    fn what_is_too_short_too_long_or_written_otherwise_is_refused() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for good in [24, 32, 64] {
            assert!(Secret::parse(&of(good)).is_ok(), "{good}");
        }
        let bare = STANDARD.encode([7; 32]);
        for bad in [
            of(0),
            of(23),
            of(65),
            bare.clone(),
            format!("whsec_{bare}\n"),
        ] {
            assert!(Secret::parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_former_secret_signs_for_a_day_and_never_more_than_two_do() {
        let [first, second, third] = [Secret::generate(), Secret::generate(), Secret::generate()];
        let mut secrets = Secrets::new(first.clone());
        assert_eq!(signing(&secrets, NOW), [&first]);
        secrets.rotate(second.clone(), NOW);
        let later = NOW + Duration::from_hours(1);
        secrets.rotate(second.clone(), later);
        let end = NOW + ROTATED_WITHIN;
        assert_eq!(secrets.rotated_until(later), Some(end));
        assert_eq!(signing(&secrets, later), [&second, &first]);
        assert_eq!(signing(&secrets, end), [&second]);
        secrets.rotate(third.clone(), later);
        assert_eq!(signing(&secrets, later), [&third, &second]);
        let stored = serde_json::to_string(&secrets).unwrap();
        assert_eq!(serde_json::from_str::<Secrets>(&stored).unwrap(), secrets);
    }
}
