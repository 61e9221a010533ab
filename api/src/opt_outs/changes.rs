//! What people want, when that changes, for those who watch.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{Address, Consent, Standing, Timestamp, scopes_of};
use mysms_core::store::{OptOuts, Result};
use tokio::sync::{Mutex, broadcast};

use crate::store_timeout::StoreTimeout;

/// How far a look goes back behind the one before, because clocks differ.
const OVERLAP: Duration = Duration::from_mins(2);

/// The most changes of one sender that are told one by one.
const MOST: usize = 1000;

/// Looks that whoever watches may be behind.
const BEHIND: usize = 64;

/// What a look found.
#[derive(Debug, Clone)]
pub(crate) enum Heard {
    Changed(Arc<[Standing]>),
    /// Too much to be told one by one.
    Much,
}

/// What was told.
pub(super) struct Changes {
    pub(super) heard: broadcast::Sender<Heard>,
    /// Held by looks, one at a time.
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// What the next look may find again: what was said last, by sender and recipient.
    standings: HashMap<(String, Address), (Consent, Timestamp)>,
    looked_at: Option<Timestamp>,
    /// What was noted before is not told one by one.
    told_as_much: Option<Timestamp>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            heard: broadcast::Sender::new(BEHIND),
            seen: Mutex::default(),
        }
    }
}

impl Changes {
    /// Looks at what was noted about some senders since the latest look, and tells it; the first look tells
    /// nothing.
    pub(super) async fn look(
        &self,
        store: &dyn OptOuts,
        store_timeout: StoreTimeout,
        senders: &[&str],
        now: Timestamp,
    ) -> Result<()> {
        let scopes: BTreeSet<_> = senders
            .iter()
            .flat_map(|sender| scopes_of(sender))
            .collect();
        let mut seen = self.seen.lock().await;
        let since = seen.looked_at.unwrap_or(now) - OVERLAP;
        let since = seen.told_as_much.map_or(since, |at| at.max(since));
        let (mut changed, mut found, mut much) = (Vec::new(), HashMap::new(), false);
        for scope in scopes {
            let noted = store.noted_since(scope, since, MOST + 1);
            let noted = store_timeout.once(noted).await?;
            much |= noted.len() > MOST;
            for standing in noted {
                let key = (standing.sender.clone(), standing.recipient.clone());
                let said = (standing.consent, standing.at);
                if seen.standings.get(&key) != Some(&said) {
                    changed.push(standing);
                }
                found.insert(key, said);
            }
        }
        let is_first = seen.looked_at.replace(now).is_none();
        seen.standings = found;
        if much {
            seen.told_as_much = Some(now);
        }
        let heard = if much {
            Heard::Much
        } else {
            Heard::Changed(changed.into())
        };
        let is_news = !matches!(&heard, Heard::Changed(changed) if changed.is_empty());
        if is_news && !is_first {
            // It fails when nobody listens.
            let _ = self.heard.send(heard);
        }
        Ok(())
    }
}
