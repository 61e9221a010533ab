//! The port through which operators see whether the account is set up so that nothing is lost.

use std::fmt;

use async_trait::async_trait;

use super::ReadFailure;
use crate::domain::{Country, Sender};

/// Looks at the provider's settings, and changes those that an operator wants changed.
#[async_trait]
pub trait Checkup: Send + Sync {
    /// Looks at everything that sending and receiving depend on. What cannot be read is said as well, so
    /// nothing is missing because of a key that may not look.
    async fn look(&self, wanted: &Setup<'_>) -> Vec<Item>;
}

/// What the provider's settings have to fit.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// What texts leave from.
    pub senders: &'a [Sender],
    /// The countries whose numbers may get texts; `None` if all may.
    pub countries: Option<&'a [Country]>,
}

/// One thing that was looked at.
pub struct Item {
    /// The account, a sender, a country.
    pub about: String,
    pub health: Health,
    /// A sentence.
    pub says: String,
    /// What would mend it, if it can be done from here.
    pub change: Option<Box<dyn Change>>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Good,
    /// The provider did not let us look.
    Unknown,
    /// It works, but not always as one would expect.
    Unwise,
    /// Texts are lost or refused.
    Broken,
}

/// A setting of the provider's that can be changed from here.
#[async_trait]
pub trait Change: Send + Sync {
    /// What it does, as a sentence without its end: `set … to …`.
    fn says(&self) -> String;

    /// What the setting has been used for, if somebody else's it seems to be: it must not be changed unless
    /// an operator has seen this.
    fn replaces(&self) -> Option<&str>;

    async fn make(&self) -> Result<(), ReadFailure>;
}

impl Item {
    pub fn new(about: impl fmt::Display, health: Health, says: impl Into<String>) -> Self {
        Self {
            about: about.to_string(),
            health,
            says: says.into(),
            change: None,
        }
    }

    #[must_use]
    pub fn with(self, change: impl Change + 'static) -> Self {
        Self {
            change: Some(Box::new(change)),
            ..self
        }
    }
}

impl Health {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Unwise => "unwise",
            Self::Broken => "broken",
        }
    }
}
