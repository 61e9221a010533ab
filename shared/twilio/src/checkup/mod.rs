//! Looks whether the account at the provider is set up so that nothing is lost.

mod account;
mod countries;
mod desk;
mod inbound;
mod senders;
mod services;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use mysms_core::provider::{Checkup, Health, Item, ReadFailure, Setup};
use runtime::config::ProviderConfig;

use self::desk::Desk;
use self::services::Services;
use super::client::Twilio;
use super::webhooks::inbound_url;

/// Looks with the credentials of the environment.
pub(crate) struct TwilioCheckup(Desk);

impl TwilioCheckup {
    pub(crate) fn new(twilio: Twilio, provider: &ProviderConfig) -> Self {
        let base = provider.public_base_url.clone();
        let inbound = base.as_deref().map(inbound_url);
        Self(Desk::new(twilio, inbound, base))
    }
}

#[async_trait]
impl Checkup for TwilioCheckup {
    async fn look(&self, wanted: &Setup<'_>) -> Vec<Item> {
        let desk = &self.0;
        let (mut items, goes_on) = account::look(desk).await;
        if !goes_on {
            return items;
        }
        items.push(account::callbacks(desk).await);
        let services = match Services::read(desk).await {
            Ok(services) => Some(services),
            Err(failure) => {
                items.push(unseen("services", "the Messaging Services", &failure));
                None
            }
        };
        for sender in wanted.senders {
            let looked = senders::look(desk, sender, services.as_ref(), wanted.countries);
            items.extend(looked.await);
        }
        items.extend(countries::look(desk, wanted.countries).await);
        items
    }
}

/// What could not be looked at. A key that may only send and list is good enough to work with.
fn unseen(about: &str, what: &str, failure: &ReadFailure) -> Item {
    let says = format!("It cannot be seen {what}: {failure}; {}.", failure.remedy());
    Item::new(about, Health::Unknown, says)
}
