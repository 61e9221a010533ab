//! What a worker knows of pauses.

use std::collections::{HashMap, HashSet};

use mysms_core::domain::Timestamp;
use mysms_core::store::{Pause, SenderKey};

#[derive(Debug, Default)]
pub(super) struct State {
    /// What was last read from the ledger or written to it; [`super::PauseWatch::refresh`] keeps it fresh.
    /// `None` before the first read, when nobody may send: an operator's pause must outlive a worker's
    /// restart.
    pub(super) known: Option<HashMap<SenderKey, Pause>>,
    /// What this worker learned and the ledger may not have. It counts more than what is read.
    pub(super) unsaved: HashMap<SenderKey, Pause>,
    /// What this worker has the right to probe.
    pub(super) probing: HashSet<SenderKey>,
}

impl State {
    pub(super) fn find(&self, key: &SenderKey) -> Option<&Pause> {
        let known = || self.known.as_ref()?.get(key);
        self.unsaved.get(key).or_else(known)
    }

    /// How a sender stands that may be paused under these keys.
    pub(super) fn standing(&self, keys: &[SenderKey]) -> Standing {
        if self.known.is_none() {
            return Standing::Unknown;
        }
        if self.find(&SenderKey::operators()).is_some() {
            return Standing::Shut;
        }
        let pauses = keys.iter().filter_map(|key| self.find(key).cloned());
        Standing::Paused(pauses.collect())
    }
}

/// What is known of a sender's pauses.
pub(super) enum Standing {
    /// The ledger was not asked yet.
    Unknown,
    /// Operators paused everything.
    Shut,
    /// These hold, if any.
    Paused(Vec<Pause>),
}

/// Whether a paused sender may be probed, and nobody does.
pub(super) fn is_due(pause: &Pause, now: Timestamp) -> bool {
    let probing = pause.probing_until.is_some_and(|until| until > now);
    !probing && pause.probe_at <= now
}
