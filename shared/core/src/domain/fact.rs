//! What the provider said about a SID.

use super::{MessageId, ProviderId, Status, Timestamp};

/// A status that only the provider can give: `accepted` or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderStatus(Status);

impl ProviderStatus {
    pub const ACCEPTED: Self = Self(Status::Accepted);
    pub const SENT: Self = Self(Status::Sent);
    pub const DELIVERED: Self = Self(Status::Delivered);
    pub const UNDELIVERED: Self = Self(Status::Undelivered);
    pub const FAILED: Self = Self(Status::Failed);
    pub const CANCELED: Self = Self(Status::Canceled);

    /// `None` for a status that is ours to give.
    pub fn of(status: Status) -> Option<Self> {
        (status >= Status::Accepted).then_some(Self(status))
    }

    pub const fn status(self) -> Status {
        self.0
    }
}

/// Something the provider said about a SID. Facts are merged by rank and need no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The message that the fact was addressed to; the owner of the SID gets it all the same.
    pub message: Option<MessageId>,
    pub sid: ProviderId,
    /// The provider account that speaks.
    pub account: String,
    pub status: ProviderStatus,
    pub code: Option<String>,
    /// Our words for the timeline.
    pub detail: Option<String>,
    pub at: Timestamp,
    /// When to ask the provider if nothing more is heard; `None` never asks.
    pub poll_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_we_can_say_is_no_status_of_the_provider() {
        let given = Status::ALL.into_iter().filter_map(ProviderStatus::of);
        let expected = [
            ProviderStatus::ACCEPTED,
            ProviderStatus::SENT,
            ProviderStatus::CANCELED,
            ProviderStatus::FAILED,
            ProviderStatus::UNDELIVERED,
            ProviderStatus::DELIVERED,
        ];
        assert!(given.eq(expected));
    }
}
