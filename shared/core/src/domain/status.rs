//! Where a message is on its way, in one total order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a message is. The order of the variants is the order of their ranks: what the provider says
/// later in the order wins, whatever the order in which it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waiting for a worker.
    Queued,
    /// A worker is calling the provider, or its call has an unknown outcome.
    Sending,
    /// The provider has it.
    Accepted,
    /// The carrier has it.
    Sent,
    Canceled,
    Failed,
    /// The carrier says that the recipient did not get it.
    Undelivered,
    /// The recipient has it.
    Delivered,
}

#[derive(Debug, thiserror::Error)]
#[error("is not a message status")]
pub struct UnknownStatus;

impl Status {
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Sent,
        Self::Canceled,
        Self::Failed,
        Self::Undelivered,
        Self::Delivered,
    ];

    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// No worker has anything left to do. A stronger terminal status may still arrive.
    pub const fn is_terminal(self) -> bool {
        self.rank() >= Self::Canceled.rank()
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// What a sweeper looks for in the ledger; each lane has a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// `queued`: to be sent.
    Send,
    /// `sending` after the end of its lease: the outcome is unknown and has to be looked up.
    Resolve,
    /// `accepted` or `sent` without a word for too long: the provider is asked.
    Poll,
    /// Tombstones whose texts the provider still has, whatever their status. It goes by an alarm of its
    /// own, `erase_at`.
    Erase,
}

impl Lane {
    pub const ALL: [Self; 4] = [Self::Send, Self::Resolve, Self::Poll, Self::Erase];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Resolve => "resolve",
            Self::Poll => "poll",
            Self::Erase => "erase",
        }
    }

    /// Of the messages whose `wake_at` is an alarm of the lane; none of one that goes by `erase_at`.
    pub const fn statuses(self) -> &'static [Status] {
        match self {
            Self::Send => &[Status::Queued],
            Self::Resolve => &[Status::Sending],
            Self::Poll => &[Status::Accepted, Status::Sent],
            Self::Erase => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_protocol_and_order_the_statuses() {
        let ranks: Vec<u8> = Status::ALL.into_iter().map(Status::rank).collect();
        assert_eq!(ranks, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(Status::ALL.is_sorted());
        for status in Status::ALL {
            assert_eq!(status.as_str().parse::<Status>().unwrap(), status);
        }
    }
}
