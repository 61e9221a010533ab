//! Why a message failed, where it was not the provider that refused it.

/// Our own error codes. They stand beside those of the provider, which are its own business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnError {
    /// There was no time left to send it.
    Expired,
    /// It was never found out whether the provider took it.
    OutcomeUnknown,
    /// Its recipient wants no texts from us.
    RecipientOptedOut,
    /// A file that it brings was removed before the provider could fetch it.
    FileGone,
}

impl OwnError {
    pub const ALL: [Self; 4] = [
        Self::Expired,
        Self::OutcomeUnknown,
        Self::RecipientOptedOut,
        Self::FileGone,
    ];

    /// The error code of such messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::RecipientOptedOut => "recipient_opted_out",
            Self::FileGone => "file_gone",
        }
    }

    /// `None` for a code of the provider.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == code)
    }

    /// A sentence for users and operators.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "It could not be sent in time, so it was not sent.",
            Self::OutcomeUnknown => {
                "The provider never said whether it took the message; it may have arrived."
            }
            Self::RecipientOptedOut => {
                "The recipient wants no texts from us. After a STOP only a START from them changes that."
            }
            Self::FileGone => "A file that it brings was removed, so it was not sent.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_ours_is_read_as_it_is_written_and_no_other() {
        for own in OwnError::ALL {
            assert_eq!(OwnError::parse(own.as_str()), Some(own));
            assert!(own.sentence().ends_with('.'));
        }
        for other in ["", "30003", "EXPIRED", "expired "] {
            assert_eq!(OwnError::parse(other), None, "{other}");
        }
    }
}
