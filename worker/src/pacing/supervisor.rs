//! Starts a pacer for each sender that has a rate, and looks what has become of the senders.

use std::collections::HashMap;
use std::sync::Arc;

use mysms_core::domain::{Class, Registry, SenderAddress};
use mysms_core::pace::SenderWatch;
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;
use tokio::task::{JoinError, JoinHandle};

use super::draw::paced;
use super::pacer::Pacer;
use crate::context::{Context, log_store_error};

/// Texts that leave their lines at a time.
const BATCH: usize = 250;

/// How often it is looked for texts that wait for a turn although nothing is paced. What is paced changes
/// seldom.
const LOOKS_FOR_TURNS: u32 = 15;

/// The pacers that were started.
type Started = HashMap<SenderAddress, JoinHandle<()>>;

/// Keeps the pacers in step with the senders until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    let mut started = Started::new();
    for round in 0_u32.. {
        let looked = look(&context, round.is_multiple_of(LOOKS_FOR_TURNS)).await;
        forget_ended(&mut started).await?;
        match looked {
            Ok(registry) => start(&context, &registry, &mut started),
            Err(error) => log_store_error(&error, false),
        }
        if !context.pause_for(SenderWatch::LOOK_INTERVAL).await {
            break;
        }
    }
    Ok(())
}

/// Reads the senders anew, and how their lines are. If there is nothing to pace any more, what has a turn
/// leaves its line; with `thorough` it is looked for that also where nothing has changed.
pub(crate) async fn look(context: &Context, thorough: bool) -> Result<Arc<Registry>> {
    let before = context.senders.registry().await?;
    let registry = context.senders.look().await?;
    context.settings.look().await?;
    if registry.is_paced() {
        super::standing::look(context, &registry).await?;
    } else if thorough || before.is_paced() {
        leave_lines(context).await?;
    }
    Ok(registry)
}

fn start(context: &Arc<Context>, registry: &Registry, started: &mut Started) {
    for sender in registry.senders() {
        let address = &sender.address;
        if paced(registry, address).is_none() || started.contains_key(address) {
            continue;
        }
        let pacer = Pacer::new(Arc::clone(context), address.clone());
        let running = context.lifecycle.tracker().spawn(pacer.run());
        started.insert(address.clone(), running);
    }
}

/// A pacer ends by itself when its sender is paced no more. One that panicked ends the process, as every
/// other loop does.
async fn forget_ended(started: &mut Started) -> std::result::Result<(), JoinError> {
    let ended: Vec<_> = started
        .extract_if(|_, running| running.is_finished())
        .collect();
    for (_, ended) in ended {
        ended.await?;
    }
    Ok(())
}

/// Lets what has a turn leave as everything does where nothing is paced.
async fn leave_lines(context: &Context) -> Result<()> {
    let account = &context.identity.account;
    let ledger = &context.ledger;
    let senders = ledger.waited_for(account).await?;
    let senders: Vec<_> = senders.iter().map(String::as_str).collect();
    for class in Class::ALL.into_iter().filter(|_| !senders.is_empty()) {
        while !context.stop().is_cancelled() {
            let waiting = ledger.waiting(account, &senders, class, BATCH).await?;
            let now = context.clock.now();
            if ledger.leave_lines(waiting, now).await?.is_empty() {
                break;
            }
        }
    }
    Ok(())
}
