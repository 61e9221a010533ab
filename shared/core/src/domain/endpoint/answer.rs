//! What came of calling an endpoint.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::EventType;
use crate::domain::{MessageId, Timestamp};

/// Attempts that are listed of an endpoint.
pub const LISTED_ATTEMPTS: usize = 100;

/// What an endpoint answered to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// There was no answer.
    Failed(PostFailure),
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostFailure {
    /// The name has no address.
    UnknownHost,
    /// The address or the port is none that may be called.
    Forbidden,
    /// No connection.
    Unreachable,
    /// No connection that can be trusted.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection broke before there was an answer, or what came is none.
    Broken,
}

/// One attempt to tell an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Timestamp,
    /// The `webhook-id`.
    pub event: String,
    #[serde(rename = "type")]
    pub kind: EventType,
    pub answer: Answer,
    pub duration_ms: u64,
}

/// The latest attempts, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempts(Vec<Attempt>);

impl Answer {
    /// The endpoint has the event.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    /// The endpoint wants no more events, ever.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Status(410))
    }
}

impl PostFailure {
    pub const ALL: [Self; 6] = [
        Self::UnknownHost,
        Self::Forbidden,
        Self::Unreachable,
        Self::Tls,
        Self::Timeout,
        Self::Broken,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownHost => "unknown_host",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
        }
    }
}

impl Attempt {
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.duration_ms)
    }
}

impl Attempts {
    /// Notes an attempt, and forgets the oldest if there are too many.
    pub fn note(&mut self, attempt: Attempt) {
        self.0.push(attempt);
        let excess = self.0.len().saturating_sub(LISTED_ATTEMPTS);
        self.0.drain(..excess);
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.0.iter()
    }
}

/// The name of the event that tells of a message in a version: the same whenever it is told.
pub fn event_id(message: MessageId, version: u32) -> String {
    format!("msg_{message}_{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_attempts_are_listed() {
        let mut attempts = Attempts::default();
        for second in 0..150 {
            attempts.note(Attempt {
                at: Timestamp::from_millis(second * 1000),
                event: "msg_1_1".to_owned(),
                kind: EventType::MessageUpdated,
                answer: Answer::Failed(PostFailure::Timeout),
                duration_ms: 15_000,
            });
        }
        let listed: Vec<_> = attempts
            .iter()
            .map(|attempt| attempt.at.as_seconds())
            .collect();
        assert_eq!(listed, (50..150).collect::<Vec<_>>());
        let written = serde_json::to_string(&attempts).unwrap();
        assert!(
            written.contains(r#""answer":{"failed":"timeout"}"#),
            "{written}"
        );
        assert_eq!(
            serde_json::from_str::<Attempts>(&written).unwrap(),
            attempts
        );
    }

    #[test]
    fn only_success_is_taken() {
        let taken = |status| Answer::Status(status).is_taken();
        assert!(taken(200) && taken(204) && taken(299));
        assert!(
            [100, 199, 300, 302, 410, 500]
                .into_iter()
                .all(|status| !taken(status))
        );
        assert!(
            PostFailure::ALL
                .into_iter()
                .all(|failure| !Answer::Failed(failure).is_taken())
        );
    }
}
