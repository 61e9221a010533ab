//! Keys for programs: what a user lets one do in their name, without a password.

mod scope;
mod token;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PhoneNumber, SenderAddress, Timestamp, UserId};

pub use scope::{Scope, UnknownScope};
pub use token::{KeyId, KeyToken, SecretHash};

/// How many keys a user may have.
pub const MOST_KEYS: usize = 50;

/// To how many numbers a key of a team may send.
pub const MOST_RECIPIENTS: usize = 100;

/// How many senders a key may name.
pub const MOST_KEY_SENDERS: usize = 20;

/// What a program may do in its user's name. Only the hash of its secret is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub owner: UserId,
    pub name: KeyName,
    pub secret: SecretHash,
    pub grant: Grant,
    pub created_at: Timestamp,
    /// Never, if absent.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used: Option<Timestamp>,
}

/// What a key is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub mode: Mode,
    pub scopes: Vec<Scope>,
    /// From where its texts may leave; from wherever those of its user may, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Vec<SenderAddress>>,
    /// The numbers of the team, which a key of [`Mode::Team`] sends to, and to no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<PhoneNumber>,
}

/// How far what a key sends goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// To everybody.
    Live,
    /// To the numbers of the team alone.
    Team,
    /// To nobody: all of it stays in the sandbox.
    Test,
}

/// What a user calls a key: 1 to 64 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

#[derive(Debug, thiserror::Error)]
#[error("must be 1 to 64 characters, without line breaks and the like")]
pub struct InvalidKeyName;

#[derive(Debug, thiserror::Error)]
#[error("must be one of {}", Mode::ALL.map(Mode::as_str).join(", "))]
pub struct UnknownMode;

impl ApiKey {
    /// In whose name its program acts: its owner's, who is another user in the sandbox.
    pub fn user(&self) -> UserId {
        match self.grant.mode {
            Mode::Live | Mode::Team => self.owner,
            Mode::Test => self.owner.in_sandbox(),
        }
    }

    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Grant {
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether a text may go to a number.
    pub fn reaches(&self, recipient: &PhoneNumber) -> bool {
        self.mode != Mode::Team || self.recipients.contains(recipient)
    }
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::Live, Self::Team, Self::Test];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Team => "team",
            Self::Test => "test",
        }
    }

    pub fn parse(text: &str) -> Result<Self, UnknownMode> {
        let known = Self::ALL.into_iter().find(|mode| mode.as_str() == text);
        known.ok_or(UnknownMode)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl KeyName {
    const LONGEST: usize = 64;

    /// Reads a name, dropping white space around it.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyName> {
        let name = text.trim();
        let fits = (1..=Self::LONGEST).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidKeyName)
        }
    }

    /// Reads what [`Self::as_str`] gave.
    pub fn restore(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_at_most_64_characters() {
        assert_eq!(
            KeyName::parse(" CI – nightly\n").unwrap().as_str(),
            "CI – nightly"
        );
        assert!(KeyName::parse(&"ж".repeat(64)).is_ok());
        for bad in ["", " ", "a\nb", "a\u{0}b", &"x".repeat(65)] {
            assert!(KeyName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_of_a_team_reaches_its_numbers_and_no_other() {
        let number = |text| PhoneNumber::parse(text).unwrap();
        let mut grant = Grant {
            mode: Mode::Team,
            scopes: vec![Scope::MessagesSend],
            senders: None,
            recipients: vec![number("+14155550123")],
        };
        assert!(grant.reaches(&number("+1 (415) 555-0123")));
        assert!(!grant.reaches(&number("+14155550124")));
        grant.mode = Mode::Live;
        assert!(grant.reaches(&number("+14155550124")));
        assert!(grant.allows(Scope::MessagesSend) && !grant.allows(Scope::MessagesRead));
    }
}
