//! What keeps senders from sending at their rates.

use std::collections::HashMap;

use mysms_core::domain::{Line, Sender, SenderAddress, Timestamp};
use mysms_core::store::{Pause, Result};

use super::{Outgoing, line};

/// What keeps one sender from sending at its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub sender: SenderAddress,
    pub what: Hindrance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// Nothing leaves it until it is tried again.
    Paused { until: Timestamp },
    /// The provider found it too fast.
    Slowed { percent: u32 },
    /// It has sent what it may in a day, or the rest is too little for what waits.
    Spent { until: Timestamp },
}

impl Outgoing {
    /// What keeps senders from sending, given all pauses. Where texts wait for no turn, only those count.
    pub(crate) async fn troubles(&self, pauses: &[Pause]) -> Result<Vec<Trouble>> {
        let registry = self.watch.registry().await?;
        let lines = if registry.is_paced() {
            self.lines.all().await?
        } else {
            HashMap::new()
        };
        let now = self.clock.now();
        let mut troubles = Vec::new();
        for sender in registry.senders() {
            let mut add = |what| {
                let sender = sender.address.clone();
                troubles.push(Trouble { sender, what });
            };
            let id = line(sender);
            let own = pauses.iter().filter(|pause| pause.sender.is_of(&id));
            if let Some(until) = own.map(|pause| pause.probe_at).max() {
                add(Hindrance::Paused { until });
            }
            let Some(state) = lines.get(id.as_str()) else {
                continue;
            };
            let percent = state.percent(now);
            if percent < 100 {
                add(Hindrance::Slowed { percent });
            }
            if let Some(until) = spent_until(sender, state, now) {
                add(Hindrance::Spent { until });
            }
        }
        Ok(troubles)
    }
}

/// When the day ends of which a sender has used all that it can.
fn spent_until(sender: &Sender, line: &Line, now: Timestamp) -> Option<Timestamp> {
    let day = sender.cap.as_ref()?.at(now);
    line.is_spent(day).then_some(day.ends)
}
