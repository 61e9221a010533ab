//! What is done now and then, whatever is paused: messages that expired beyond recovery are ended, old
//! tombstones purged, and what operators should know is logged.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::domain::{MessageId, SANDBOX_ACCOUNT, Settlement, TOLD_KEPT, TOMBSTONE_KEPT};
use mysms_core::store::{Overdue, Result, StoreError};
use runtime::lifecycle::TaskResult;

use crate::context::{Context, log_store_error};
use crate::retention::Retention;

const INTERVAL: Duration = Duration::from_mins(1);

/// Every how many of these it is looked through what is left of deleted conversations.
const FORGETTING: u32 = 60;

/// Messages ended, or tombstones purged, in one go.
const BATCH: usize = 500;

/// How long a doubt past its time waits to be looked for once more, by a worker of its account, before
/// it is given up without a look. A ledger restored from an old backup has many of them.
const LAST_LOOK: Duration = Duration::from_hours(1);

/// Does all of this once a minute until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    check_list_access(&context).await;
    let mut retention = Retention::default();
    for round in 0_u32.. {
        let done = async {
            maintain(&context).await?;
            if round.is_multiple_of(FORGETTING) {
                context.ledger.forget_left(context.clock.now()).await?;
            }
            retention.erase(&context).await
        };
        if context.gate.knows_the_time()
            && let Err(error) = done.await
        {
            log_store_error(&error, true);
        }
        if !context.pause_for(INTERVAL).await {
            break;
        }
    }
    Ok(())
}

/// Keeps what this worker knows of the senders' pauses fresh until the soft stop.
pub(crate) async fn watch_pause(context: Arc<Context>) -> TaskResult {
    loop {
        if let Err(error) = context.gate.refresh().await {
            log_store_error(&error, false);
        }
        report(&context).await;
        if !context.rest().await {
            return Ok(());
        }
    }
}

/// Tells operators what keeps messages waiting.
pub(crate) async fn report(context: &Context) {
    let mut cause = context.gate.cause();
    match context.senders.registry().await {
        Ok(registry) if registry.is_paced() => crate::pacing::report(context, &registry),
        Ok(registry) => {
            context.status.set_senders(Vec::new());
            let only = registry.environment().address.as_str();
            cause = cause.or_else(|| context.gate.cause_of(only));
        }
        // The senders are looked for again, and the failure is logged there.
        Err(_) => {}
    }
    context
        .status
        .set_paused(cause.map(|cause| match cause.code {
            Some(code) => format!("sending is paused: {} ({code})", cause.reason),
            None => format!("sending waits: {}", cause.reason),
        }));
    let (limit, most) = (context.concurrency.limit(), context.config.concurrency);
    let slowed = (limit < most).then(|| format!("throttled: {limit} of {most} sends at once"));
    context.status.set_throttled(slowed);
}

pub(crate) async fn maintain(context: &Context) -> Result<()> {
    expire_unsent(context).await?;
    give_up_doubts(context).await?;
    note_foreign_accounts(context).await?;
    let purge_before = context.clock.now() - TOMBSTONE_KEPT;
    while context.upkeep.purge(purge_before, BATCH).await? > 0 {}
    let told_before = context.clock.now() - TOLD_KEPT;
    while context.told.forget_told_before(told_before, BATCH).await? > 0 {}
    while context
        .uploads
        .remove_overdue_uploads(context.clock.now(), BATCH)
        .await?
        > 0
    {}
    Ok(())
}

async fn expire_unsent(context: &Context) -> Result<()> {
    loop {
        let now = context.clock.now();
        let ids = context
            .upkeep
            .overdue(Overdue::Unsent { now }, BATCH)
            .await?;
        let mut expired = 0;
        for id in &ids {
            let ended = context.ledger.expire(*id, now).await;
            if unless_unreadable(*id, ended)? == Some(true) {
                expired += 1;
                context.count_expired();
            }
        }
        if expired < BATCH {
            return Ok(());
        }
    }
}

async fn give_up_doubts(context: &Context) -> Result<()> {
    let overdue = Overdue::Doubtful {
        now: context.clock.now() - LAST_LOOK,
        expired_before: context.given_up_if_expired_before(),
    };
    for id in context.upkeep.overdue(overdue, BATCH).await? {
        let given_up = give_up(context, id).await;
        unless_unreadable(id, given_up)?;
    }
    Ok(())
}

/// `None` for a message that this program cannot read, so that it does not keep the others from their
/// end.
fn unless_unreadable<T>(id: MessageId, done: Result<T>) -> Result<Option<T>> {
    match done {
        Err(error @ StoreError::Corrupt { .. }) => {
            let error = Chain(&error);
            tracing::error!(message.id = %id, %error, "a message cannot be ended");
            Ok(None)
        }
        done => done.map(Some),
    }
}

async fn give_up(context: &Context, id: MessageId) -> Result<()> {
    let claim = context.new_claim();
    let Some(message) = context.ledger.take_resolve(id, claim).await? else {
        return Ok(());
    };
    let settlement = Settlement::GiveUp {
        expired_before: context.given_up_if_expired_before(),
    };
    let now = context.clock.now();
    let ledger = &context.ledger;
    let settled = ledger
        .settle(id, claim.token, settlement.clone(), now)
        .await?;
    context.count_settled(settled, &settlement);
    if settled {
        context.announce([message.owner], now);
        tracing::error!(message.id = %id, "the outcome of a message stays unknown, given up");
    }
    Ok(())
}

async fn note_foreign_accounts(context: &Context) -> Result<()> {
    let mut accounts = context.upkeep.open_accounts().await?;
    let own = [&*context.identity.account, SANDBOX_ACCOUNT];
    accounts.retain(|account| !own.contains(&account.as_str()));
    if context.status.set_foreign_accounts(accounts.len()) && !accounts.is_empty() {
        tracing::warn!(
            ?accounts,
            "messages of other provider accounts are left alone; a worker with those accounts has to send them"
        );
    }
    Ok(())
}

/// A restricted key may send but not list; then no doubt could ever be settled.
pub(crate) async fn check_list_access(context: &Context) {
    if let Err(failure) = context.provider.check().await {
        tracing::error!(error = %Chain(&failure), "the provider's message list cannot be read, so \
            unknown outcomes cannot be settled: {}", failure.remedy());
        let reason = format!("the provider's message list cannot be read: {failure}");
        context.status.set_list_refused(Some(reason));
    }
}
