//! What is done about what recipients want.

use std::sync::Arc;

use crate::domain::{Consent, Timestamp, Wish};
use crate::ledger::Ledger;
use crate::queue::{Announcement, Announcements};
use crate::store::{OptOuts, Result, Unwilling};

/// Messages that are ended in one go.
const BATCH: usize = 200;

/// Does what recipients want.
pub struct Wishes {
    ledger: Ledger,
    opt_outs: Arc<dyn OptOuts>,
    unwilling: Arc<Unwilling>,
    announcements: Arc<dyn Announcements>,
}

impl Wishes {
    pub fn new(
        ledger: Ledger,
        opt_outs: Arc<dyn OptOuts>,
        unwilling: Arc<Unwilling>,
        announcements: Arc<dyn Announcements>,
    ) -> Self {
        Self {
            ledger,
            opt_outs,
            unwilling,
            announcements,
        }
    }

    /// Takes note of a wish, in this process at once, and ends what still waits to be sent against the
    /// latest one that is known. It may be repeated, also after an error.
    pub async fn heed(&self, wish: &Wish, now: Timestamp) -> Result<()> {
        self.opt_outs.note(wish, now).await?;
        if wish.consent == Consent::Given {
            return Ok(());
        }
        self.unwilling.add(&wish.senders, &wish.recipient);
        let senders = self.opt_outs.refused_senders(wish).await?;
        loop {
            let refuse = self
                .ledger
                .refuse_queued(&wish.recipient, &senders, now, BATCH);
            let refused = refuse.await?;
            for owner in refused.owners {
                let announcement = Announcement::of_messages(owner, now);
                self.announcements.announce(announcement);
            }
            if !refused.more {
                return Ok(());
            }
        }
    }
}
