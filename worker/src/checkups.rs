//! Looks now and then whether the account at the provider is set up so that nothing is lost, and tells
//! operators what is not.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::provider::{Checkup, Health, Item, Setup};
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;

use crate::context::{Context, log_store_error};

/// Until the first look: a process that is started again and again does not ask each time.
const FIRST_AFTER: Duration = Duration::from_secs(30);

const EVERY: Duration = Duration::from_hours(1);

/// Looks until the soft stop.
pub(crate) async fn run(context: Arc<Context>, checkup: Arc<dyn Checkup>) -> TaskResult {
    let mut wait = FIRST_AFTER;
    while context.pause_for(wait).await {
        if let Err(error) = look(&context, &*checkup).await {
            log_store_error(&error, true);
        }
        wait = EVERY;
    }
    Ok(())
}

/// Which countries are allowed is for the API to know; `admin twilio check` compares them.
pub(crate) async fn look(context: &Context, checkup: &dyn Checkup) -> Result<()> {
    let registry = context.senders.registry().await?;
    let setup = Setup {
        senders: registry.senders(),
        countries: None,
    };
    let items = checkup.look(&setup).await;
    let broken = items
        .into_iter()
        .filter(|item| item.health == Health::Broken);
    let broken: Vec<_> = broken.map(|item| line(&item)).collect();
    if context.status.set_account(broken.clone()) {
        for line in broken {
            tracing::warn!("{line} `admin twilio check` tells more");
        }
    }
    Ok(())
}

fn line(Item { about, says, .. }: &Item) -> String {
    format!("{about}: {says}")
}
