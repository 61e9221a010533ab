//! Erases messages that have been at rest for longer than `RETENTION_DAYS`.

use std::time::Duration;

use mysms_core::domain::{MessageId, Timestamp};
use mysms_core::ledger::Old;
use mysms_core::store::Result;

use crate::context::Context;

/// Messages looked at in one go, and how often without a pause.
const BATCH: usize = 500;
const BATCHES: usize = 200;

/// What was kept because it was not yet at rest is looked at again after so long.
const FROM_THE_BEGINNING: Duration = Duration::from_hours(24);

/// How far the old messages were looked at, in the order in which they were accepted: what was passed
/// is not read again every time.
#[derive(Debug)]
pub(crate) struct Retention {
    after: MessageId,
    begun: Timestamp,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            after: MessageId::boundary(Timestamp::EPOCH),
            begun: Timestamp::EPOCH,
        }
    }
}

impl Retention {
    /// Looks at those that have become old, or at part of them if they are many.
    pub(crate) async fn erase(&mut self, context: &Context) -> Result<()> {
        let Some(kept) = context.config.retention else {
            return Ok(());
        };
        let now = context.clock.now();
        if now.since(self.begun) >= FROM_THE_BEGINNING {
            *self = Self {
                begun: now,
                ..Self::default()
            };
        }
        for _ in 0..BATCHES {
            let old = Old {
                after: self.after,
                before: now - kept,
                limit: BATCH,
            };
            let erased = context.ledger.erase_old(old, now).await?;
            context.metrics.erased.inc_by(erased.count);
            let Some(last) = erased.last else { break };
            self.after = last;
            if context.stop().is_cancelled() {
                break;
            }
        }
        Ok(())
    }
}
