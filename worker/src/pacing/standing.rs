//! How the senders' lines are, for operators.

use std::collections::HashMap;

use mysms_core::domain::{LineId, Registry, Sender, SenderAddress, Timestamp};
use mysms_core::store::Result;

use super::draw::paced;
use crate::admission::Cause;
use crate::context::Context;

/// What keeps senders from sending at their rates, by their addresses.
pub(super) type Standings = HashMap<SenderAddress, Standing>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Which part of its rate a sender sends at.
    percent: u32,
    /// Until when it has used up its day, or too much of it for what waits.
    spent_until: Option<Timestamp>,
}

/// Reads how the lines of all senders are.
pub(super) async fn look(context: &Context, registry: &Registry) -> Result<()> {
    let lines = context.lines.all().await?;
    let now = context.clock.now();
    let standing = |sender: &Sender| {
        let (_, rate) = paced(registry, &sender.address)?;
        let id = LineId::new(&sender.account, sender.address.as_str());
        let line = lines.get(id.as_str())?;
        let today = sender.terms(rate, now).today;
        let spent = today.filter(|today| line.is_spent(*today));
        let standing = Standing {
            percent: line.percent(now),
            spent_until: spent.map(|today| today.ends),
        };
        Some((sender.address.clone(), standing))
    };
    let standings: Standings = registry.senders().iter().filter_map(standing).collect();
    let count = |is: fn(&Standing) -> bool| {
        let those = standings.values().filter(|standing| is(standing));
        i64::try_from(those.count()).unwrap_or(i64::MAX)
    };
    let metrics = &context.metrics;
    metrics.senders_slowed.set(count(|it| it.percent < 100));
    metrics
        .senders_spent
        .set(count(|it| it.spent_until.is_some()));
    context.pacers.lock().standings = standings;
    Ok(())
}

/// Tells operators what keeps each sender from sending at its rate.
pub(crate) fn report(context: &Context, registry: &Registry) {
    let mut troubles = Vec::new();
    let state = context.pacers.lock();
    for sender in registry.senders() {
        let address = &sender.address;
        let cause = context.gate.cause_of(address.as_str());
        troubles.extend(cause.map(|cause| paused(address, cause)));
        let Some(standing) = state.standings.get(address) else {
            continue;
        };
        if let Some(until) = standing.spent_until {
            troubles.push(format!(
                "{address} has sent what it may in a day, until {until}"
            ));
        }
        if standing.percent < 100 {
            let percent = standing.percent;
            troubles.push(format!(
                "{address} sends at {percent} % of its rate, because the provider found it too fast"
            ));
        }
    }
    drop(state);
    context.status.set_senders(troubles);
}

fn paused(address: &SenderAddress, cause: Cause) -> String {
    let Cause {
        code,
        reason,
        until,
    } = cause;
    let code = code.unwrap_or_default();
    match until {
        Some(until) => {
            format!("{address} is paused: {reason} ({code}), to be tried again at {until}")
        }
        None => format!("{address} is paused: {reason} ({code})"),
    }
}
