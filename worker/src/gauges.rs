//! The gauges, some of which have to be read in the ledger now and then.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{Lane, Sender};
use mysms_core::store::{Pause, Result, SenderKey};
use runtime::lifecycle::TaskResult;
use runtime::metrics::PausedBy;

use crate::context::{Context, log_store_error};

const READ_EVERY: Duration = Duration::from_secs(5);

/// Sets the gauges until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    loop {
        set_own(&context);
        // They keep their values while the ledger is away, which another metric shows.
        if let Err(error) = set_shared(&context).await {
            log_store_error(&error, false);
        }
        if !context.pause_for(READ_EVERY).await {
            return Ok(());
        }
    }
}

fn set_own(context: &Context) {
    let metrics = &context.metrics;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    metrics
        .concurrency_limit
        .set(number(context.concurrency.limit()));
    metrics
        .concurrency_max
        .set(number(context.config.concurrency));
    let open = context.gate.is_provider_unreachable();
    metrics.breaker_open.set(i64::from(open));
}

pub(crate) async fn set_shared(context: &Context) -> Result<()> {
    let metrics = &context.metrics;
    for lane in Lane::ALL {
        metrics.set_ledger_age(lane, age(context, lane).await?);
    }
    metrics.set_waiting(crate::pacing::waiting(context).await?);
    let paused = context.pauses.paused().await?;
    let registry = context.senders.registry().await?;
    let rests = |sender: &Sender| SenderKey::of_carriers(&sender.account, sender.address.as_str());
    let resting: Vec<_> = registry.senders().iter().map(rests).collect();
    let begun_by = |pause: &Pause| match pause {
        pause if pause.is_by_operator() => PausedBy::Operator,
        pause if resting.contains(&pause.sender) => PausedBy::Carrier,
        _ => PausedBy::Provider,
    };
    for by in PausedBy::ALL.iter().copied() {
        let those = paused.iter().filter(|pause| begun_by(pause) == by);
        metrics.set_paused(by, those.count());
    }
    Ok(())
}

/// How long ago the oldest due message of a lane fell due: two reads by index, of one message each.
async fn age(context: &Context, lane: Lane) -> Result<Duration> {
    let now = context.clock.now();
    let account = &context.identity.account;
    let oldest = context.ledger.due(account, lane, now, 1).await?;
    let oldest = context.ledger.read(&oldest).await?;
    let due_at = oldest.first().and_then(|message| message.alarm(lane));
    Ok(due_at.map_or(Duration::ZERO, |at| now.since(at)))
}
