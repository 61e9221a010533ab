use std::mem::{Discriminant, discriminant};

use serde::{Deserialize, Serialize};

use super::Stage;
use crate::Status;

/// What can go wrong. A request meets at most one kind that decides its answer.
///
/// Kinds with a `status` strike the callbacks of that status only, or all if there is none. A text
/// from a handset has one callback, of the status `received`, which may be late, lost or doubled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Create: a pause before the message is accepted.
    DelayAccept {
        /// Milliseconds.
        ms: u32,
    },
    /// Create: a pause between accepting and answering.
    DelayAnswer {
        /// Milliseconds.
        ms: u32,
    },
    /// Create: 429 with code 20429, nothing accepted.
    Throttle {
        /// The `Retry-After` header, which Twilio does not promise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u32>,
    },
    /// Create: a 5xx, nothing accepted.
    ErrorBefore {
        /// 500, 503, …
        status: u16,
    },
    /// Create: the message is accepted, the answer is a 5xx.
    ErrorAfter {
        /// 500, 503, …
        status: u16,
    },
    /// Create: the connection is reset, nothing accepted.
    ResetBefore,
    /// Create: the message is accepted, then the connection is reset.
    ResetAfter,
    /// Create: never answered, nothing accepted.
    HangBefore,
    /// Create: the message is accepted, the answer never comes.
    HangAfter,
    /// Create: the message is accepted, the 201 carries half a body.
    Unreadable,
    /// Create: refused with Twilio's error code.
    Reject {
        /// 21610, 21408, …
        code: u32,
        /// The HTTP status, where it is not the usual one of that code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// An accepted message ends here: delivered, undelivered, failed, or sent for ever.
    Outcome {
        /// The last status.
        status: Status,
        /// Its error code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u32>,
    },
    /// An accepted message shows in the list only later.
    ListLate {
        /// Milliseconds.
        ms: u32,
    },
    /// An accepted message's callbacks come later.
    CallbackLate {
        /// Milliseconds.
        ms: u32,
        /// Which of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    /// An accepted message's callbacks are never sent.
    CallbackLost {
        /// Which of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    /// An accepted message's callbacks are sent twice.
    CallbackDoubled {
        /// Which of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    /// The message reaches the status at once, and its callbacks up to there are sent, and answered,
    /// before the create request is.
    CallbackEarly {
        /// Up to which; without one, up to the first callback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
    },
    /// An accepted message's callbacks come last status first.
    CallbackReversed,
    /// List: refused.
    ListRefused {
        /// 401, 403, 500, …
        status: u16,
    },
    /// List: a pause before the answer.
    ListDelay {
        /// Milliseconds.
        ms: u32,
    },
    /// List: the first page shows half of what there is, and the page it points to fails with 500.
    ListIncomplete,
    /// Fetch: refused.
    FetchRefused {
        /// 401, 404, 500, …
        status: u16,
    },
    /// Emptying a body, or removing a record: refused.
    EraseRefused {
        /// 401, 403, 500, …
        status: u16,
    },
}

/// Of the kinds that share a slot, a request meets the first only.
#[derive(PartialEq, Eq)]
pub(super) enum Slot {
    Answer,
    Own(Discriminant<Kind>, Option<Status>),
}

impl Kind {
    pub(super) fn check(self) -> Result<(), &'static str> {
        match self {
            Self::Reject {
                status: Some(status),
                ..
            }
            | Self::ErrorBefore { status }
            | Self::ErrorAfter { status }
            | Self::ListRefused { status }
            | Self::FetchRefused { status }
            | Self::EraseRefused { status }
                if !(400..600).contains(&status) =>
            {
                Err("status is between 400 and 599")
            }
            Self::Outcome { status, .. } if !status.can_be_last() => {
                Err("an outcome is delivered, undelivered, failed or sent")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn strikes(self, stage: Stage) -> bool {
        match self {
            Self::CallbackLate { status, .. }
            | Self::CallbackLost { status }
            | Self::CallbackDoubled { status } => match stage {
                Stage::Accept => status != Some(Status::Received),
                Stage::Receive => status.is_none_or(|status| status == Status::Received),
                _ => false,
            },
            other => other.stage() == stage,
        }
    }

    fn stage(self) -> Stage {
        match self {
            Self::DelayAccept { .. }
            | Self::DelayAnswer { .. }
            | Self::Throttle { .. }
            | Self::ErrorBefore { .. }
            | Self::ErrorAfter { .. }
            | Self::ResetBefore
            | Self::ResetAfter
            | Self::HangBefore
            | Self::HangAfter
            | Self::Unreadable
            | Self::Reject { .. } => Stage::Create,
            Self::Outcome { .. }
            | Self::ListLate { .. }
            | Self::CallbackLate { .. }
            | Self::CallbackLost { .. }
            | Self::CallbackDoubled { .. }
            | Self::CallbackEarly { .. }
            | Self::CallbackReversed => Stage::Accept,
            Self::ListRefused { .. } | Self::ListDelay { .. } | Self::ListIncomplete => Stage::List,
            Self::FetchRefused { .. } => Stage::Fetch,
            Self::EraseRefused { .. } => Stage::Erase,
        }
    }

    pub(super) fn slot(self) -> Slot {
        let own = |status| Slot::Own(discriminant(&self), status);
        match self {
            Self::Throttle { .. }
            | Self::ErrorBefore { .. }
            | Self::ErrorAfter { .. }
            | Self::ResetBefore
            | Self::ResetAfter
            | Self::HangBefore
            | Self::HangAfter
            | Self::Unreadable
            | Self::Reject { .. }
            | Self::ListRefused { .. }
            | Self::ListIncomplete
            | Self::FetchRefused { .. }
            | Self::EraseRefused { .. } => Slot::Answer,
            Self::CallbackLate { status, .. }
            | Self::CallbackLost { status }
            | Self::CallbackDoubled { status }
            | Self::CallbackEarly { status } => own(status),
            _ => own(None),
        }
    }
}
