//! The port to the senders that are paused because their account or number is at fault.

use std::fmt;

use async_trait::async_trait;

use super::Result;
use crate::domain::{LeaseToken, LineId, Timestamp};

/// Whose sending is paused: a provider account, a sender and a fingerprint of the credential, so
/// that a worker with an old token pauses itself and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SenderKey(String);

impl SenderKey {
    /// `credential` is a fingerprint, never the credential itself.
    pub fn new(account: &str, sender: &str, credential: &str) -> Self {
        Self(format!("{account}/{sender}/{credential}"))
    }

    /// The key of a sender whatever the credential: for what is the carriers' to say, not the provider's.
    pub fn of_carriers(account: &str, sender: &str) -> Self {
        Self(format!("{account}/{sender}"))
    }

    /// The key of the pause that an operator begins and ends. It holds for every sender, and no
    /// sender's own key is like it, so nothing that workers learn from the provider touches it.
    pub fn operators() -> Self {
        Self("operator".to_owned())
    }

    /// Whether it is one of the keys of a sender, by the name of its line.
    pub fn is_of(&self, line: &LineId) -> bool {
        let rest = self.0.strip_prefix(line.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether it is the key under which carriers pause a sender, by the name of its line.
    pub fn is_of_carriers(&self, line: &LineId) -> bool {
        self.0 == line.as_str()
    }

    /// The key as it is stored.
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SenderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why and since when a sender is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub sender: SenderKey,
    /// The provider's error code, or `operator`.
    pub code: String,
    /// A sentence for operators.
    pub reason: String,
    pub since: Timestamp,
    /// When one message may be sent as a probe.
    pub probe_at: Timestamp,
    /// Failed probes so far.
    pub failures: u32,
    /// Until when a worker is probing.
    pub probing_until: Option<Timestamp>,
}

impl Pause {
    /// An operator's pause of all sending; it lasts until an operator ends it.
    pub fn by_operator(reason: String, now: Timestamp) -> Self {
        Self {
            sender: SenderKey::operators(),
            code: "operator".to_owned(),
            reason,
            since: now,
            probe_at: NEVER,
            failures: 0,
            probing_until: None,
        }
    }

    pub fn is_by_operator(&self) -> bool {
        self.sender == SenderKey::operators()
    }
}

/// When an operator's pause is probed.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// The paused senders, seen alike by all workers and by the API.
#[async_trait]
pub trait Pauses: Send + Sync {
    /// Pauses a sender, or postpones the probe of a paused one: code, reason, probe time and failures are
    /// replaced, `since` stays as it first was, and nobody is probing any more.
    async fn pause(&self, pause: Pause) -> Result<()>;

    async fn find(&self, sender: &SenderKey) -> Result<Option<Pause>>;

    /// All paused senders, for `/readyz` and operators.
    async fn paused(&self) -> Result<Vec<Pause>>;

    /// Takes the right to probe until `until`, if a probe is due at `now` and nobody holds the right;
    /// exactly one of those who race gets it. Repeated with the same token it answers the same.
    async fn take_probe(
        &self,
        sender: &SenderKey,
        token: LeaseToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool>;

    /// Ends the pause; harmless if there is none.
    async fn resume(&self, sender: &SenderKey) -> Result<()>;
}
