//! Which provider stands behind the ports. Another one is its own folder, and a choice here.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{DeliveryConfig, ProviderConfig};
use crate::provider::{Callbacks, Glossary, Provider};
use crate::twilio::{self, ClientError, Twilio, TwilioWebhooks};

/// What the error codes of stored messages mean, also for whoever is told of no provider.
pub const GLOSSARY: Glossary = twilio::GLOSSARY;

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
