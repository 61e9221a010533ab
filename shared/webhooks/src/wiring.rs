//! How programs get the client.

use std::sync::Arc;

use mysms_core::clock::Clock;
use runtime::config::WebhooksConfig;

use crate::guard::Policy;
use crate::poster::{ClientError, Poster};

/// What calls the endpoints of users and their browsers' push services; one for a whole process.
pub fn poster(config: &WebhooksConfig, clock: Arc<dyn Clock>) -> Result<Arc<Poster>, ClientError> {
    Ok(Arc::new(Poster::new(Policy::new(config), clock)?))
}
