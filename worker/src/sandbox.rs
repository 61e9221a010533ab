//! Sends the texts of the sandbox: what programs with a key for tests send, and nobody gets.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{SANDBOX_ACCOUNT, SANDBOX_SENDER};
use mysms_core::provider::Provider;
use mysms_core::queue::LocalQueue;
use runtime::config::DeliveryConfig;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;

use crate::context::Identity;
use crate::worker::{Parts, Worker};

/// Texts in flight: few, because what is tried must not slow down what is sent.
const CONCURRENCY: usize = 8;

/// How long texts wait for a look, on average.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// When it is known what becomes of a text that was sent.
const KNOWN_AFTER: Duration = Duration::from_secs(1);

/// Starts a worker that has the sandbox's texts taken by `provider`. It is found in no metric, has no jobs
/// and no duties: those of the real worker are for every account.
pub fn start(
    parts: &Parts,
    provider: Arc<dyn Provider>,
    config: &DeliveryConfig,
    lifecycle: &Lifecycle,
) {
    let parts = Parts {
        queue: Arc::new(LocalQueue::new(1)),
        metrics: Arc::new(Metrics::default()),
        provider,
        ..parts.clone()
    };
    let identity = Identity {
        account: SANDBOX_ACCOUNT.to_owned(),
        sender: SANDBOX_SENDER.to_owned(),
        credential: SANDBOX_ACCOUNT.to_owned(),
    };
    let config = DeliveryConfig {
        concurrency: CONCURRENCY,
        sweep_interval: LOOK_EVERY,
        status_polls: vec![KNOWN_AFTER],
        ..config.clone()
    };
    Worker::new(parts, identity, config, lifecycle.clone()).start_lanes();
}
