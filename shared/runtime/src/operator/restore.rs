use std::io::{self, Write};
use std::time::Duration;

use mysms_core::domain::{Restored, Timestamp};
use mysms_core::ledger::Ledger;
use mysms_core::store::{Acts, StoreError};

use super::{NotYet, Progress, Since, confirm, record};

/// Messages made doubts of in one go.
const BATCH: usize = 500;

/// What an operator says about a restored ledger.
#[derive(Debug, Clone, Copy)]
pub struct AfterRestore {
    /// When the backup was begun, or earlier.
    pub since: Since,
    /// Do not ask.
    pub yes: bool,
    /// The lease that workers have.
    pub lease: Duration,
}

/// Why a restored ledger is not ready.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Since(#[from] NotYet),
    #[error("the ledger did not do what it was asked; run it again")]
    Store(#[from] StoreError),
    #[error("the terminal cannot be used")]
    Terminal(#[from] io::Error),
}

impl AfterRestore {
    /// Makes doubts of what was open in a ledger restored from a backup, before any worker starts;
    /// false if the operator would rather not. It may be run again.
    pub async fn run(
        self,
        ledger: &Ledger,
        acts: &dyn Acts,
        now: Timestamp,
    ) -> Result<bool, RestoreError> {
        let restored = Restored {
            since: self.since.resolve(now)?,
            now,
            until: now + self.lease,
        };
        let since = restored.since;
        let mut output = io::stdout();
        writeln!(
            output,
            "What was waiting or being sent at the time of the backup may have been sent since {since}.\n\
             It will be looked up in the provider's list, and sent only if it is not there.\n\
             No worker may be running."
        )?;
        if !self.yes && !confirm("Go on?")? {
            writeln!(output, "Nothing was done.")?;
            return Ok(false);
        }
        record(acts, "after-restore", None, now).await?;
        let mut progress = Progress::default();
        let mut total = 0;
        loop {
            let count = ledger.doubt(restored, BATCH).await?;
            if count == 0 {
                break;
            }
            total += count;
            progress.tell(|| format!("{total} messages so far"))?;
        }
        let until = restored.until;
        writeln!(
            output,
            "{total} messages will be looked up, from {until} on. The workers may start."
        )?;
        Ok(true)
    }
}
