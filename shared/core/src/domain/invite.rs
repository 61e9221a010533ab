//! Leave to sign up, given by an operator.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Timestamp, UserId};

/// What somebody is given to sign up with: 32 hexadecimal digits, of which 122 bits are random. It has no
/// `Debug`, because whoever reads it may use it.
pub struct InviteCode(Uuid);

/// The lower-case hexadecimal SHA-256 of a code, which is all that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InviteHash(String);

/// The beginning of a hash, by which operators name an invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteName(String);

/// What is stored of an invite. It is used up once a user has its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    pub hash: InviteHash,
    /// For whom it is, in the operator's words.
    pub note: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An invite as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInvite {
    pub invite: Invite,
    pub used_by: Option<UserId>,
}

#[derive(Debug, thiserror::Error)]
#[error("must be the 8 hexadecimal digits that `invites` shows")]
pub struct InvalidInviteName;

const NAME_LENGTH: usize = 8;

impl InviteCode {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads what [`Self::reveal`] gave, in whatever case and with whatever white space around it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.len() == 32 && text.is_ascii();
        Uuid::try_parse(text).ok().filter(|_| digits).map(Self)
    }

    pub fn reveal(&self) -> String {
        self.0.simple().to_string()
    }

    pub fn hash(&self) -> InviteHash {
        InviteHash(hex::encode(Sha256::digest(self.reveal())))
    }
}

impl InviteHash {
    /// Reads what [`Self::as_str`] gave.
    pub fn restore(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn name(&self) -> InviteName {
        InviteName(self.0.chars().take(NAME_LENGTH).collect())
    }
}

impl InviteName {
    pub fn parse(text: &str) -> Result<Self, InvalidInviteName> {
        let digits = text.len() == NAME_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let name = digits.then(|| Self(text.to_ascii_lowercase()));
        name.ok_or(InvalidInviteName)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InviteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Invite {
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_by_its_hash_however_it_is_written() {
        let code = InviteCode::generate();
        let written = format!(" {}\n", code.reveal().to_uppercase());
        let read = InviteCode::parse(&written).unwrap();
        assert_eq!(read.hash(), code.hash());
        assert_ne!(InviteCode::generate().hash(), code.hash());
        assert!(!code.hash().as_str().contains(&code.reveal()));
        let name = code.hash().name();
        assert_eq!(InviteName::parse(name.as_str()).unwrap(), name);
        assert!(code.hash().as_str().starts_with(name.as_str()));
    }

    #[test]
    fn anything_else_is_no_code_and_no_name() {
        let whole = InviteCode::generate().0.hyphenated().to_string();
        for text in ["", "1", "g123456789abcdef0123456789abcdef", &whole] {
            assert!(InviteCode::parse(text).is_none(), "{text}");
        }
        for text in ["", "1234567", "123456789", "1234567g"] {
            assert!(InviteName::parse(text).is_err(), "{text}");
        }
    }
}
