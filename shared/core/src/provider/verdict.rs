//! The outcome of a request to send.

use std::time::Duration;

use super::RemoteMessage;

/// The outcome of a request to send, in the words of what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it.
    Accepted(RemoteMessage),
    /// The provider refuses this message for good.
    Rejected {
        code: String,
        /// A sentence for the user.
        detail: &'static str,
        /// Because the recipient wants no texts from our sender.
        opted_out: bool,
    },
    /// The provider did not process it because we are too fast.
    Throttled {
        code: String,
        /// How long the provider asks us to wait.
        retry_after: Option<Duration>,
        /// The sender's queue is full: wait for minutes.
        slow: bool,
    },
    /// It certainly was not sent, and it may be sent again.
    NotSent { reason: NotSentReason },
    /// It certainly was not sent: its sender has used up what a carrier allows it in a day.
    SpentToday {
        code: String,
        /// A sentence for operators.
        detail: &'static str,
    },
    /// Nothing can be sent until somebody repairs our account or our sender.
    Misconfigured {
        code: String,
        scope: Scope,
        /// A sentence for operators.
        detail: &'static str,
        /// After how long it makes sense to try again, if the provider's rules say so.
        resume_after: Option<Duration>,
    },
    /// It may have been sent, or not.
    Unknown {
        /// Words for the timeline.
        detail: &'static str,
    },
}

/// How we know that a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSentReason {
    /// No connection came about (name, network, TLS), so nothing was written.
    Unreachable,
    /// The request could not begin in time, so it was not made.
    DeadlinePassed,
    /// The provider says that it did not process it.
    NotProcessed { code: String },
}

/// What is at fault when nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Account,
    /// Our number or Messaging Service.
    Sender,
}
