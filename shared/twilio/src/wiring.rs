//! Twilio as the ports of a provider.

use std::sync::Arc;

use mysms_core::clock::Clock;
use mysms_core::provider::{Callbacks, Checkup, MediaSource, Provider};
use runtime::config::{DeliveryConfig, ProviderConfig};

use crate::checkup::TwilioCheckup;
use crate::media::TwilioMedia;
use crate::sandbox::Sandbox;
use crate::{ClientError, Twilio, TwilioWebhooks};

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

/// What looks at the provider's settings.
pub fn checkup(
    provider: &ProviderConfig,
    delivery: &DeliveryConfig,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Checkup>, ClientError> {
    let twilio = Twilio::new(provider, delivery.provider_timeout, 1, clock)?;
    Ok(Arc::new(TwilioCheckup::new(twilio, provider)))
}

/// What takes the texts of the sandbox.
pub fn sandbox(clock: Arc<dyn Clock>) -> Arc<dyn Provider> {
    Arc::new(Sandbox::new(clock))
}

/// What opens the files that the provider keeps, of at most so many bytes.
pub fn media(provider: &ProviderConfig, largest: u64) -> Result<Arc<dyn MediaSource>, ClientError> {
    Ok(Arc::new(TwilioMedia::new(provider, largest)?))
}

/// The API's side of the provider.
pub fn callbacks(provider: &ProviderConfig) -> Arc<dyn Callbacks> {
    Arc::new(TwilioWebhooks::new(provider))
}
