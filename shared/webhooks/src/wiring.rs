//! How programs get the client.

use std::sync::Arc;

use mysms_core::clock::Clock;
use mysms_core::post::Post;
use runtime::config::WebhooksConfig;

use crate::guard::Policy;
use crate::poster::{ClientError, Poster};

/// What calls the endpoints of users; one for a whole process.
pub fn post(config: &WebhooksConfig, clock: Arc<dyn Clock>) -> Result<Arc<dyn Post>, ClientError> {
    Ok(Arc::new(Poster::new(Policy::new(config), clock)?))
}
