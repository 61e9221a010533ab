//! From which sender a text leaves.

use std::collections::HashMap;

use mysms_core::domain::{Message, NoSender, Registry, Sender, SenderAddress, Wanted};
use mysms_core::store::{Excerpt, Order, Result};

use super::Outgoing;

/// So many of the latest texts are looked at for one from a sender that is known.
const LATEST: usize = 5;

/// Why a text leaves from nowhere, and the field at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsendable {
    pub field: &'static str,
    pub why: NoSender,
}

impl Outgoing {
    /// Chooses the sender of a text, and finds the one of the last text itself. The store is asked only
    /// where there is a choice.
    pub(crate) async fn choose(
        &self,
        registry: &Registry,
        wanted: Wanted<'_>,
    ) -> Result<std::result::Result<Sender, Unsendable>> {
        let able: Vec<_> = registry.able(wanted).collect();
        let mut last = None;
        let mut loads = HashMap::new();
        if wanted.from.is_none() && able.len() > 1 {
            last = self.last(registry, wanted).await?;
            let is_last = |sender: &&Sender| Some(sender.address.as_str()) == last.as_deref();
            if !able.iter().any(is_last) {
                loads = self.loads(registry, &able).await;
            }
        }
        let wanted = Wanted {
            last: last.as_deref(),
            ..wanted
        };
        let load = |sender: &Sender| loads.get(&sender.address).copied().unwrap_or_default();
        let chosen = registry.choose(wanted, load).cloned();
        Ok(chosen.map_err(|why| Unsendable {
            field: if wanted.from.is_some() {
                "from"
            } else {
                "recipient"
            },
            why,
        }))
    }

    /// The sender of the newest text that the user and the recipient exchanged, of those that are known.
    async fn last(&self, registry: &Registry, wanted: Wanted<'_>) -> Result<Option<String>> {
        let newest = Excerpt {
            counterpart: wanted.recipient.clone().into(),
            order: Order::NewestFirst,
            after: None,
            limit: LATEST,
        };
        let read = self.conversations.exchanged(wanted.user, &newest);
        let messages = self.store_timeout.once(read).await?;
        let mut addresses = messages.iter().filter_map(Message::our_address);
        let known = addresses.find(|address| registry.get(address).is_some());
        Ok(known.map(str::to_owned))
    }

    /// How many seconds each of some senders has to do. One that nothing is known of has nothing to do.
    async fn loads(&self, registry: &Registry, senders: &[&Sender]) -> HashMap<SenderAddress, f64> {
        let mut loads = HashMap::new();
        for sender in senders {
            if let Some(rate) = registry.rate_of(sender)
                && let Some(backlog) = self.backlog(sender).await
            {
                loads.insert(sender.address.clone(), backlog.seconds(sender, rate));
            }
        }
        loads
    }
}
