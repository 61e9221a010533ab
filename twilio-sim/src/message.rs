use serde::{Deserialize, Serialize};

use crate::{keyword::Keyword, media::Medium, senders::Load};

/// In UTF-16 units, so that emoji and the like count as two.
pub(crate) const LONGEST_BODY: usize = 1600;

/// Where a message is, in Twilio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Taken by a Messaging Service, which has yet to choose a sender.
    Accepted,
    /// Waiting for its sender's turn.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// The carrier has it.
    Sent,
    /// The handset has it.
    Delivered,
    /// The carrier could not deliver it.
    Undelivered,
    /// It was never sent.
    Failed,
    /// An inbound message.
    Received,
}

impl Status {
    /// The word that stands in resources and callbacks.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Received => "received",
        }
    }

    /// Whether an outbound message may rest there.
    pub(crate) fn can_be_last(self) -> bool {
        matches!(
            self,
            Self::Sent | Self::Delivered | Self::Undelivered | Self::Failed
        )
    }
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Sent by this API.
    #[default]
    OutboundApi,
    /// Sent during a call.
    OutboundCall,
    /// Sent as the answer to an inbound message.
    OutboundReply,
    /// Sent to us.
    Inbound,
}

/// A message of the account. Its whole life is laid down when it is accepted: the status is a
/// function of time, so a simulator that was away knows where its messages are.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) to: String,
    /// The sender; with a Messaging Service it shows only once the message has left `accepted`.
    pub(crate) from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    pub(crate) body: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) media: Vec<Medium>,
    /// How many there were, though some may be deleted.
    #[serde(default)]
    pub(crate) num_media: usize,
    /// Where its callbacks go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status_callback: Option<String>,
    #[serde(default)]
    pub(crate) direction: Direction,
    /// What the handset asked of Twilio itself by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order>,
    /// Put there by the control API, not by a create request.
    #[serde(default)]
    pub(crate) foreign: bool,
    /// How the create request came; absent for what came otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arrival: Option<Arrival>,
    /// What its account's owner had erased of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) erased: Option<Erased>,
    pub(crate) created_ms: i64,
    /// From when on the list shows it.
    pub(crate) listed_ms: i64,
    /// At least one, in order of time.
    pub(crate) steps: Vec<Step>,
    /// In the order in which they are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) callbacks: Vec<Callback>,
}

/// What Twilio shows of a message no more. The ledger keeps it: it is the book that others are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Erased {
    Body,
    Record,
}

/// A create request, and how its sender took the text.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Arrival {
    /// When the request was read, before anything was done with it.
    pub(crate) at_ms: i64,
    pub(crate) segments: u32,
    /// When it leaves the queue of its sender; `None` if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leaves_ms: Option<i64>,
}

/// A keyword, and for whose texts it holds: see [`crate::senders::Senders::scope`].
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) keyword: Keyword,
    pub(crate) scope: String,
}

/// A status and the moment it is reached.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) at_ms: i64,
    pub(crate) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
}

/// A callback that the account's owner is owed.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub(crate) due_ms: i64,
    pub(crate) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<u32>,
    /// Delivered or given up.
    #[serde(default)]
    pub(crate) done: bool,
    /// Given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) failed: bool,
}

/// A message as it is at one moment.
pub(crate) struct Snapshot<'a> {
    pub(crate) message: &'a Message,
    pub(crate) step: Step,
    pub(crate) date_sent_ms: Option<i64>,
}

impl Message {
    pub(crate) fn new_sid() -> String {
        format!("SM{:032x}", rand::random::<u128>())
    }

    /// As the answer to its create request shows it, whatever the delays are.
    pub(crate) fn as_created(&self) -> Snapshot<'_> {
        self.snapshot(1)
    }

    pub(crate) fn at(&self, now_ms: i64) -> Snapshot<'_> {
        self.snapshot(
            self.steps
                .partition_point(|step| step.at_ms <= now_ms)
                .max(1),
        )
    }

    /// What its create request named: the Messaging Service, or else the number, code or name.
    pub(crate) fn sender(&self) -> &str {
        self.service.as_deref().unwrap_or(&self.from)
    }

    /// What its sender carried, and until when, if it was sent by a create request and leaves at all.
    pub(crate) fn departure(&self) -> Option<(Load, i64)> {
        let arrival = self.arrival?;
        let load = Load {
            now_ms: self.created_ms,
            segments: arrival.segments,
            validity_seconds: u32::MAX,
        };
        Some((load, arrival.leaves_ms?))
    }

    /// When the handset got it, if it has by now.
    pub(crate) fn delivered_ms(&self, now_ms: i64) -> Option<i64> {
        let delivered = |step: &&Step| step.status == Status::Delivered && step.at_ms <= now_ms;
        self.steps.iter().find(delivered).map(|step| step.at_ms)
    }

    /// Its body as it is shown.
    pub(crate) fn shown_body(&self) -> &str {
        match self.erased {
            None => &self.body,
            Some(_) => "",
        }
    }

    /// Whether nothing will change any more.
    pub(crate) fn is_final(&self, now_ms: i64) -> bool {
        self.steps.iter().all(|step| step.at_ms <= now_ms)
    }

    pub(crate) fn date_sent_ms(&self, now_ms: i64) -> Option<i64> {
        self.at(now_ms).date_sent_ms
    }

    /// The next callback to send.
    pub(crate) fn owed(&self) -> Option<(usize, Callback)> {
        let index = self.callbacks.iter().position(|callback| !callback.done)?;
        Some((index, self.callbacks[index]))
    }

    fn snapshot(&self, reached: usize) -> Snapshot<'_> {
        let reached = &self.steps[..reached];
        let sent = |step: &&Step| matches!(step.status, Status::Sent | Status::Received);
        Snapshot {
            message: self,
            step: reached[reached.len() - 1],
            date_sent_ms: reached.iter().find(sent).map(|step| step.at_ms),
        }
    }
}

impl Snapshot<'_> {
    /// The sender as far as it is known yet.
    pub(crate) fn from(&self) -> Option<&str> {
        (self.step.status != Status::Accepted).then_some(self.message.from.as_str())
    }

    /// A Messaging Service counts only when it has chosen its sender.
    pub(crate) fn segments(&self) -> u32 {
        match self.step.status {
            Status::Accepted => 0,
            _ => crate::segments::count(&self.message.body),
        }
    }
}
