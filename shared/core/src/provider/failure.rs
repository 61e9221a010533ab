//! Why something could not be read from the provider.

use std::error::Error;
use std::time::Duration;

/// Why something could not be read from the provider. Reading has no effect, so it may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    /// No whole answer came, or not in time.
    #[error("the provider did not answer")]
    Unavailable {
        source: Box<dyn Error + Send + Sync>,
        /// No connection came about at all.
        unreachable: bool,
    },
    /// The provider refused, for instance because the API key is restricted.
    #[error("the provider refused the request with error {code}: {detail}")]
    Refused { code: String, detail: &'static str },
    /// It does not answer now because it is asked too often.
    #[error("the provider is asked too often")]
    Throttled {
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
    },
    /// An answer without an error code of the provider.
    #[error("the provider answered with HTTP status {0}")]
    Status(u16),
    #[error("the provider's answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// The list could not be read to its end.
    #[error("the provider's list has more than {pages} pages")]
    TooLong { pages: usize },
}

impl ReadFailure {
    /// No connection came about at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Unavailable {
                unreachable: true,
                ..
            }
        )
    }

    /// Whether it was refused for what does not pass by itself, such as missing rights.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { code, .. } => !code.starts_with("205"),
            Self::Status(status) => (400..500).contains(status),
            _ => false,
        }
    }

    /// What an operator can look at, in a few words.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "check the key's permissions",
            Self::Unavailable { .. } => "check the network and the provider's address",
            Self::Throttled { .. } => "look whether something else uses the account",
            Self::Status(_) | Self::Unreadable(_) | Self::TooLong { .. } => {
                "look whether the provider has an incident"
            }
        }
    }
}
