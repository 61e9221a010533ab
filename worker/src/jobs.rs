//! Takes jobs from the queue: the fast way from the API to the provider.

use std::sync::Arc;

use shared::domain::MessageId;
use shared::lifecycle::TaskResult;
use shared::queue::Delivery;

use crate::admission::Admission;
use crate::context::{Context, log_store_error};

/// Handles jobs until the soft stop. A job is acknowledged once its last id is claimed or dropped:
/// from the claim on the lease stands for it, and what is dropped has its alarm in the ledger.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    let stop = context.stop();
    loop {
        let delivery = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            delivery = context.queue.receive() => delivery,
        };
        handle(&context, delivery).await;
    }
}

#[tracing::instrument(name = "job", skip_all, fields(trace.id = delivery.job.trace.as_deref()))]
async fn handle(context: &Arc<Context>, delivery: Delivery) {
    let mut ids = delivery.job.ids.as_slice();
    while !ids.is_empty() {
        let sent = send_some(context, ids).await;
        if sent == 0 {
            break;
        }
        ids = &ids[sent..];
    }
    delivery.acknowledge();
}

/// Claims and sends the first of `ids`; tells how many are done with, 0 when sending has to wait.
async fn send_some(context: &Arc<Context>, ids: &[MessageId]) -> usize {
    let permits = context.permits(ids.len()).await;
    if permits.is_empty() {
        return 0;
    }
    let admission = match context.gate.admit().await {
        Ok(admission) => admission,
        Err(error) => {
            log_store_error(&error, true);
            return 0;
        }
    };
    let (count, probe) = match admission {
        Admission::Free => (permits.len(), false),
        Admission::Probe => (1, true),
        Admission::Shut => return 0,
    };
    match context.claim_and_send(&ids[..count], permits, probe).await {
        Ok(_) if !probe => count,
        Ok(_) => 0,
        Err(error) => {
            log_store_error(&error, true);
            context.rest().await;
            0
        }
    }
}
