//! The labels, each with the values that it may have.

use mysms_core::domain::{Answer, Class, DisabledBy, FactEffect, Lane, Status};
use mysms_core::ledger::FactOutcome;
use mysms_core::provider::{NotSentReason, Verdict};
use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};

/// A lane as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OfLane(pub Lane);

impl OfLane {
    fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

/// A class of texts as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OfClass(pub Class);

impl OfClass {
    fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

/// A status as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OfStatus(pub Status);

impl OfStatus {
    fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

/// Lets the values of a type be labels of this name.
macro_rules! label {
    ($label:literal, $name:ident) => {
        impl EncodeLabelSet for $name {
            fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> std::fmt::Result {
                [($label, self.as_str())].encode(encoder)
            }
        }
    };
}

macro_rules! values {
    ($(#[$doc:meta])* $label:literal $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        label!($label, $name);
    };
}

values! {
    /// What became of an attempt to send.
    "outcome" AttemptOutcome {
        Accepted = "accepted",
        Rejected = "rejected",
        Throttled = "throttled",
        Misconfigured = "misconfigured",
        /// The sender had used up its day.
        SpentToday = "spent_today",
        Unreachable = "unreachable",
        /// The worker was held up beyond the start window.
        HeldUp = "held_up",
        /// The provider says that it did not process it.
        NotProcessed = "not_processed",
        Unknown = "unknown",
    }
}

values! {
    /// What became of a status callback.
    "outcome" CallbackOutcome {
        Raised = "raised",
        /// The message was further on already.
        Late = "late",
        /// It was known.
        Repeated = "repeated",
        /// It is about a second SID of its message.
        Surplus = "surplus",
        ForeignAccount = "foreign_account",
        NoMessage = "no_message",
        BadSignature = "bad_signature",
        Unreadable = "unreadable",
    }
}

values! {
    /// What became of a text that was received.
    "outcome" InboundOutcome {
        Assigned = "assigned",
        /// Nobody had written to its author.
        Unassigned = "unassigned",
        /// It was stored before.
        Known = "known",
        BadSignature = "bad_signature",
        Unreadable = "unreadable",
    }
}

values! {
    /// A limit that is counted for all processes together.
    "cap" Cap {
        User = "user",
        Total = "total",
        Abroad = "abroad",
        Recipient = "recipient",
        Prefix = "prefix",
    }
}

values! {
    /// What somebody tried that matters to the safety of accounts.
    "event" SecurityEvent {
        SignUp = "sign_up",
        LogIn = "log_in",
        LogOut = "log_out",
        RenewToken = "renew_token",
        /// A browser is to stay logged in.
        KeepSession = "keep_session",
        /// It shows its cookie to go on.
        RefreshSession = "refresh_session",
        EndSession = "end_session",
        ChangePassword = "change_password",
        DeleteUser = "delete_user",
        CreateKey = "create_key",
        EndKey = "end_key",
        /// A token or a key that does not hold came with any request.
        Token = "token",
        /// Something came in the provider's name that it did not sign.
        Signature = "signature",
    }
}

values! {
    /// What became of it.
    "outcome" SecurityOutcome {
        Done = "done",
        Refused = "refused",
        /// Somebody tried too often.
        Limited = "limited",
        /// We could not do it.
        Failed = "failed",
    }
}

values! {
    /// What became of a call of an endpoint or of a browser's push service.
    "outcome" WebhookOutcome {
        Taken = "taken",
        /// It answered, but took nothing.
        Refused = "refused",
        /// There was no answer.
        Unanswered = "unanswered",
    }
}

/// What an endpoint was disabled by, as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Disabled(pub DisabledBy);

impl Disabled {
    fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl From<Answer> for WebhookOutcome {
    fn from(answer: Answer) -> Self {
        match answer {
            answer if answer.is_taken() => Self::Taken,
            Answer::Status(_) => Self::Refused,
            Answer::Failed(_) => Self::Unanswered,
        }
    }
}

values! {
    /// Who began a pause.
    "by" PausedBy {
        Provider = "provider",
        /// A carrier, because the sender has used up what it may send in a day.
        Carrier = "carrier",
        Operator = "operator",
    }
}

impl From<&Verdict> for AttemptOutcome {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted(_) => Self::Accepted,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::Throttled { .. } => Self::Throttled,
            Verdict::Misconfigured { .. } => Self::Misconfigured,
            Verdict::SpentToday { .. } => Self::SpentToday,
            Verdict::Unknown { .. } => Self::Unknown,
            Verdict::NotSent { reason } => match reason {
                NotSentReason::Unreachable => Self::Unreachable,
                NotSentReason::DeadlinePassed => Self::HeldUp,
                NotSentReason::NotProcessed { .. } => Self::NotProcessed,
            },
        }
    }
}

impl From<FactOutcome> for CallbackOutcome {
    fn from(outcome: FactOutcome) -> Self {
        match outcome {
            FactOutcome::Applied { effect, .. } => match effect {
                FactEffect::Raised => Self::Raised,
                FactEffect::Recorded => Self::Late,
                FactEffect::Unchanged => Self::Repeated,
            },
            FactOutcome::Surplus { .. } => Self::Surplus,
            FactOutcome::ForeignAccount { .. } => Self::ForeignAccount,
            FactOutcome::NoMessage => Self::NoMessage,
        }
    }
}

label!("status", OfStatus);
label!("lane", OfLane);
label!("class", OfClass);
label!("by", Disabled);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByRoute {
    method: &'static str,
    /// The pattern that the router knows.
    route: String,
}

impl ByRoute {
    pub(super) fn new(method: &str, route: &str) -> Self {
        const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
        let known = METHODS.into_iter().find(|known| *known == method);
        let route = if route.is_empty() { "none" } else { route };
        Self {
            // A client may make up methods.
            method: known.unwrap_or("other"),
            route: route.to_owned(),
        }
    }
}
