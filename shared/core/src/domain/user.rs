//! Who may send.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{InviteHash, Timestamp, UserId};

/// A name that can sign in: 3 to 64 ASCII letters, digits, `.`, `_`, `-` or `@`.
///
/// It is kept as the user wrote it; two names that differ only in case are the same user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

#[derive(Debug, thiserror::Error)]
#[error("must be 3 to 64 characters: ASCII letters, digits, '.', '_', '-' or '@'")]
pub struct InvalidUsername;

impl Username {
    /// Reads a name, dropping white space around it.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        let name = text.trim();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
        if (3..=64).contains(&name.len()) && name.bytes().all(allowed) {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidUsername)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which the name is unique.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    pub fn hash(&self) -> UsernameHash {
        let digest = Sha256::digest(self.folded());
        UsernameHash(hex::encode(digest))
    }
}

/// The lower-case hexadecimal SHA-256 of a folded username; it stands for the user in paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UsernameHash(String);

impl UsernameHash {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UsernameHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user who is about to be created.
#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    pub username: Username,
    /// The password's argon2id hash in PHC form.
    pub password_hash: String,
    pub created_at: Timestamp,
    /// What they were let in with, which lets nobody else in then.
    pub invite: Option<InviteHash>,
}

/// A user as the store knows it. It has no `Debug`, because the password's hash stays out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    pub password_hash: String,
    pub created_at: Timestamp,
    /// Counts the changes that ended all tokens. A token carries the one of its login, so a login
    /// that such a change overtook gets nothing that holds.
    pub generation: u32,
    pub known_networks: KnownNetworks,
}

/// Stands for a network without telling which: the keyed hash of it, which only the API can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkMark(String);

impl NetworkMark {
    /// What says too little to tell two networks apart must not be handed over here.
    pub fn from_digest(digest: [u8; 16]) -> Self {
        Self(hex::encode(digest))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The networks from which a user has logged in, the latest first, and no more than are of use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownNetworks(Vec<NetworkMark>);

impl KnownNetworks {
    pub const MOST: usize = 8;

    /// As they were stored.
    pub fn restored(marks: impl IntoIterator<Item = String>) -> Self {
        Self(
            marks
                .into_iter()
                .map(NetworkMark)
                .take(Self::MOST)
                .collect(),
        )
    }

    /// Puts a network first, and forgets the oldest if there are too many.
    pub fn remember(&mut self, mark: NetworkMark) {
        self.0.retain(|known| *known != mark);
        self.0.insert(0, mark);
        self.0.truncate(Self::MOST);
    }

    pub fn contains(&self, mark: &NetworkMark) -> bool {
        self.0.contains(mark)
    }

    pub fn iter(&self) -> impl Iterator<Item = &NetworkMark> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_equal_whatever_their_case() {
        let name = Username::parse("  John_Doe ").unwrap();
        assert_eq!(name.as_str(), "John_Doe");
        assert_eq!(name.hash(), Username::parse("john_doe").unwrap().hash());
        // `printf john_doe | sha256sum`
        assert_eq!(
            name.hash().as_str(),
            "99682b662166cd8e4adc60d43c67b7a8227b3cdd74452dbdf71b6ca42a366363"
        );
    }

    #[test]
    fn names_outside_the_alphabet_are_refused() {
        for bad in [
            "",
            "ab",
            "jo hn",
            "jöhn",
            "john\n",
            "a\u{0}bc",
            "john\u{202e}doe",
            &"x".repeat(65),
        ] {
            let accepted = Username::parse(bad).is_ok();
            assert_eq!(accepted, bad == "john\n", "{bad:?}");
        }
    }
}
