//! Notices that another primary was elected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mongodb::ServerType;
use mongodb::event::EventHandler;
use mongodb::event::sdam::{SdamEvent, TopologyDescription};
use mongodb::options::ServerAddress;
use tokio::sync::watch;
use tokio::time::timeout;

use super::SERVER_WITHIN;

/// The elections of primaries as this process sees them.
///
/// One that was elected a moment ago may not know yet which of its predecessor's writes a majority has.
/// Until it does, its reads show what was true before, and a status that somebody has seen would go
/// back.
#[derive(Debug, Clone)]
pub(super) struct Elections(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    latest: watch::Sender<u64>,
    /// The latest one whose primary has shown that a majority follows it.
    trusted: AtomicU64,
}

impl Elections {
    /// The primary that is found first counts as one that was elected. A single server never does.
    pub(super) fn new() -> Self {
        Self(Arc::new(Counts {
            latest: watch::Sender::new(0),
            trusted: AtomicU64::new(0),
        }))
    }

    /// Waits, not for ever, until the driver has told of the primary that it has found.
    pub(super) async fn first(&self) {
        let mut told = self.0.latest.subscribe();
        let _ = timeout(SERVER_WITHIN, told.wait_for(|latest| *latest > 0)).await;
    }

    /// Counts them as the driver tells of them.
    pub(super) fn watch(&self) -> EventHandler<SdamEvent> {
        let elections = self.clone();
        EventHandler::callback(move |event| {
            if let SdamEvent::TopologyDescriptionChanged(change) = event {
                let (before, now) = (&change.previous_description, &change.new_description);
                let now = primary(now);
                if now.is_some() && now != primary(before) {
                    elections.0.latest.send_modify(|latest| *latest += 1);
                }
            }
        })
    }

    pub(super) fn latest(&self) -> u64 {
        *self.0.latest.borrow()
    }

    pub(super) fn is_trusted(&self, election: u64) -> bool {
        self.0.trusted.load(Ordering::SeqCst) >= election
    }

    /// A majority follows the primary of this election.
    pub(super) fn trust(&self, election: u64) {
        self.0.trusted.fetch_max(election, Ordering::SeqCst);
    }
}

fn primary(servers: &TopologyDescription) -> Option<ServerAddress> {
    let servers = servers.servers();
    let mut primaries = servers
        .iter()
        .filter(|(_, server)| server.server_type() == ServerType::RsPrimary);
    primaries.next().map(|(address, _)| (*address).clone())
}
