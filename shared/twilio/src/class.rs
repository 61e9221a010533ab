//! What may follow from an error code, and the form in which that is written down.

use std::time::Duration;

use mysms_core::provider::{Pressure, Scope};

/// What follows from an error code.
///
/// A code that arrives by callback is final for its message whatever the class, because another try
/// would be another message; the class then only tells users whether that may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The provider refuses this message for good.
    Permanent,
    /// It was not processed, and may be sent again later.
    Retry,
    /// It was not processed because there is too much at once; `slow` means: wait for minutes.
    Throttled { slow: bool },
    /// It was not processed because our sender has used up what a carrier allows it in a day.
    SpentToday,
    /// Nothing can be sent until the account or our sender is repaired.
    Config(Scope),
    /// A setting keeps this one message back; others can go.
    ConfigMessage,
    /// It may have been sent.
    Ambiguous,
    /// Says nothing about a message that we send.
    Unrelated,
}

/// What we know about some error codes.
#[derive(Debug, Clone, Copy)]
pub struct CodeRule {
    pub codes: &'static [u32],
    pub class: Class,
    /// A sentence for users and operators.
    pub detail: &'static str,
    /// Operators should look at it: our own mistake, or one that will come again.
    pub alert: bool,
    /// When it makes sense to try again, if the provider's rules tell.
    pub resume_after: Option<Duration>,
    /// What it asks of the sender that the message left from.
    pub pressure: Option<Pressure>,
}

impl CodeRule {
    pub(super) const fn new(codes: &'static [u32], class: Class, detail: &'static str) -> Self {
        Self {
            codes,
            class,
            detail,
            alert: false,
            resume_after: None,
            pressure: match class {
                Class::SpentToday => Some(Pressure::StopUntilMidnight),
                _ => None,
            },
        }
    }

    pub(super) const fn alert(mut self) -> Self {
        self.alert = true;
        self
    }

    /// The sender that the message left from is too fast.
    pub(super) const fn slows_down(mut self) -> Self {
        self.pressure = Some(Pressure::SlowDown);
        self
    }

    pub(super) const fn resume_after(mut self, wait: Duration) -> Self {
        self.resume_after = Some(wait);
        self
    }
}
