//! What an endpoint was told of a message.

use std::time::Duration;

use super::{Progress, Replay};
use crate::domain::{Message, MessageId, TIMELINE_LIMIT, Timestamp};

/// For how long it is remembered what an endpoint was told last of a message.
pub const TOLD_KEPT: Duration = Duration::from_hours(30 * 24);

/// What an endpoint was told of a message: the latest that it took. All of it only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    pub message: MessageId,
    pub version: u32,
    /// The `updated_at` of that version: what users do not see changes the version alone.
    pub changed_at: Timestamp,
    /// How many entries of the timeline it was told.
    pub steps: u32,
    /// After how many replays.
    pub replays: u32,
}

impl Telling {
    pub fn of(message: &Message, replays: u32) -> Self {
        Self {
            message: message.id,
            version: message.version,
            changed_at: message.updated_at,
            steps: u32::try_from(message.timeline.len()).unwrap_or(u32::MAX),
            replays,
        }
    }

    /// What is known once both were told.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            message: self.message,
            version: self.version.max(other.version),
            changed_at: self.changed_at.max(other.changed_at),
            steps: self.steps.max(other.steps),
            replays: self.replays.max(other.replays),
        }
    }

    /// Whether a change of the message was told with it.
    pub fn covers(&self, changed_at: Timestamp) -> bool {
        self.changed_at >= changed_at
    }

    /// How many entries of a timeline were told. A timeline that is full has lost its beginning, so all of
    /// it counts as new.
    pub fn told_steps(&self, message: &Message) -> usize {
        let told = usize::try_from(self.steps).unwrap_or(usize::MAX);
        if message.timeline.len() >= TIMELINE_LIMIT || told > message.timeline.len() {
            return 0;
        }
        told
    }
}

impl Progress {
    /// Whether something that was told counts, or is to be told again by a replay.
    pub fn counts(&self, told: &Telling, message: &Message) -> bool {
        match self.replay {
            Some(Replay { since, .. }) => {
                told.replays >= self.replays || message.updated_at < since
            }
            None => true,
        }
    }
}
