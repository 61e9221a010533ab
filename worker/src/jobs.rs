//! Takes jobs from the queue: the fast way from the API to the provider.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use mysms_core::domain::MessageId;
use mysms_core::queue::{Delivery, JOB_LIMIT, Queue};
use runtime::lifecycle::TaskResult;
use tracing::Span;

use crate::admission::Admission;
use crate::context::{Context, log_store_error};

/// The pause between two questions whether texts may be sent yet.
const LISTENING: Duration = Duration::from_millis(50);

/// Handles jobs until the soft stop. Where texts wait for their turn, a job only tells for whom. A job is acknowledged once all ids that were taken with it are
/// claimed or dropped: from the claim on the lease stands for an id, and what is dropped has its
/// alarm in the ledger.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    let stop = context.stop();
    while context.gate.listens() {
        // A job that is dropped waits for its alarm.
        if !context.pause_for(LISTENING).await {
            return Ok(());
        }
    }
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            delivery = context.queue.receive() => delivery,
        };
        let jobs = with_what_waits(first, &*context.queue);
        let wanted = Wanted::by(&jobs);
        match context.senders.registry().await {
            Ok(registry) if registry.is_paced() => {
                crate::pacing::take_hints(&context, &registry, wanted.spans).await;
            }
            Ok(_) => handle(&context, &wanted).await,
            // What is asked for has its alarm in the ledger.
            Err(error) => {
                log_store_error(&error, true);
                context.rest().await;
            }
        }
        jobs.into_iter().for_each(Delivery::acknowledge);
    }
}

/// A job and those that wait behind it, to be claimed together.
fn with_what_waits(first: Delivery, queue: &dyn Queue) -> Vec<Delivery> {
    let mut ids = first.job.ids.len();
    let mut jobs = vec![first];
    while ids < JOB_LIMIT
        && let Some(next) = queue.receive().now_or_never()
    {
        ids += next.job.ids.len();
        jobs.push(next);
    }
    jobs
}

/// The messages that jobs ask for.
struct Wanted {
    ids: Vec<MessageId>,
    /// What each one's sending is logged in, under the trace of its request.
    spans: HashMap<MessageId, Span>,
}

impl Wanted {
    fn by(jobs: &[Delivery]) -> Self {
        let messages = || jobs.iter().flat_map(|delivery| delivery.job.messages());
        let span = |trace| tracing::info_span!("job", trace.id = trace);
        Self {
            ids: messages().map(|(id, _)| id).collect(),
            spans: messages().map(|(id, trace)| (id, span(trace))).collect(),
        }
    }

    fn span(&self, id: MessageId) -> Span {
        self.spans.get(&id).cloned().unwrap_or_else(Span::none)
    }
}

async fn handle(context: &Arc<Context>, wanted: &Wanted) {
    let mut ids = wanted.ids.as_slice();
    while !ids.is_empty() {
        let sent = send_some(context, wanted, ids).await;
        if sent == 0 {
            break;
        }
        ids = &ids[sent..];
    }
}

/// Claims and sends the first of `ids`; returns how many are done, 0 when sending has to wait.
async fn send_some(context: &Arc<Context>, wanted: &Wanted, ids: &[MessageId]) -> usize {
    let permits = context.permits(ids.len()).await;
    if permits.is_empty() {
        return 0;
    }
    let sender = context.identity.sender.as_str();
    let admission = match context.gate.admit(sender).await {
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
    let claimed = context.claim_and_send(&ids[..count], permits, probe, |id| wanted.span(id));
    match claimed.await {
        Ok(_) if !probe => count,
        Ok(_) => 0,
        Err(error) => {
            log_store_error(&error, true);
            context.rest().await;
            0
        }
    }
}
