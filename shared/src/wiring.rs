//! Which provider stands behind the ports. Another one is its own folder, and a choice here.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{DeliveryConfig, ProviderConfig};
use crate::domain::ProviderId;
use crate::provider::{Callbacks, Glossary, Provider};
use crate::twilio::{self, ClientError, Twilio, TwilioWebhooks, sid};

/// What the error codes of stored messages mean, also for whoever is told of no provider.
pub const GLOSSARY: Glossary = twilio::GLOSSARY;

/// Reads a provider's name for a message, as a person types it.
pub fn provider_id(text: &str) -> Option<ProviderId> {
    sid::parse(text).ok()
}

/// The worker's side of the provider. `clock` is what claims are made by.
pub fn provider(
    provider: &ProviderConfig,
    delivery: &DeliveryConfig,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Provider>, ClientError> {
    let (timeout, connections) = (delivery.provider_timeout, delivery.concurrency);
    let twilio = Twilio::new(provider, timeout, connections, clock)?;
    Ok(Arc::new(twilio))
}

/// The API's side of the provider.
pub fn callbacks(provider: &ProviderConfig) -> Arc<dyn Callbacks> {
    Arc::new(TwilioWebhooks::new(provider))
}
