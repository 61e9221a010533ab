//! What somebody has been shown of each message.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

/// The statuses in the order in which they follow each other.
const STATUSES: [&str; 8] = [
    "queued",
    "sending",
    "accepted",
    "sent",
    "canceled",
    "failed",
    "undelivered",
    "delivered",
];

/// The place from which on a status never goes back: the provider has the text.
const TAKEN: usize = 2;

/// The part of a message that is looked at.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Shown {
    pub(super) id: String,
    status: String,
    /// Counts its changes.
    version: Option<u64>,
}

/// The newest that was shown of each message.
#[derive(Debug, Default)]
pub(super) struct Seen {
    newest: HashMap<String, (usize, Option<u64>)>,
    went_back: BTreeMap<String, String>,
}

impl Seen {
    /// `how` says how it came to be shown.
    pub(super) fn note(&mut self, shown: Shown, how: &str) {
        let rank = STATUSES.iter().position(|status| *status == shown.status);
        let rank = rank.unwrap_or(0);
        let newest = self.newest.entry(shown.id.clone());
        let (highest, version) = newest.or_insert((rank, shown.version));
        if rank < *highest && *highest >= TAKEN {
            let from = STATUSES[*highest];
            let why = format!("from {from} back to {}{how}", shown.status);
            self.went_back.insert(shown.id.clone(), why);
        }
        if let (Some(now), Some(before)) = (shown.version, *version)
            && now < before
        {
            let why = format!("from version {before} back to {now}{how}");
            self.went_back.insert(shown.id, why);
        }
        *highest = rank.max(*highest);
        *version = shown.version.max(*version);
    }

    /// Whether a newer state was shown before.
    pub(super) fn is_outdated(&self, shown: &Shown) -> bool {
        let newest = self.newest.get(&shown.id);
        newest.is_some_and(|(_, version)| shown.version < *version)
    }

    /// It was told that a message is no more.
    pub(super) fn forget(&mut self, id: &str) {
        self.newest.remove(id);
    }

    pub(super) fn went_back(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.went_back.iter();
        all.map(|(id, why)| (&**id, &**why))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.newest.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(states: &[(&str, Option<u64>)]) -> Vec<String> {
        let mut seen = Seen::default();
        for (status, version) in states {
            let shown = Shown {
                id: "a".to_owned(),
                status: (*status).to_owned(),
                version: *version,
            };
            seen.note(shown, "");
        }
        seen.went_back().map(|(_, why)| why.to_owned()).collect()
    }

    #[test]
    fn a_status_goes_back_only_before_the_provider_has_the_text() {
        assert!(seen(&[("queued", None), ("sending", None), ("queued", None)]).is_empty());
        let back = seen(&[("sent", None), ("accepted", None), ("delivered", None)]);
        assert_eq!(back, ["from sent back to accepted"]);
    }

    #[test]
    fn a_version_never_goes_back() {
        assert!(seen(&[("queued", None), ("sending", Some(2)), ("queued", Some(3))]).is_empty());
        let back = seen(&[("sending", Some(2)), ("queued", Some(1))]);
        assert_eq!(back, ["from version 2 back to 1"]);
    }
}
