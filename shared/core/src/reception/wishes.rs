//! What is done about what recipients want.

use std::sync::Arc;

use crate::domain::{
    Address, Consent, ConsentEntry, Evidence, Timestamp, Wish, all_senders_beside, is_all_senders,
};
use crate::ledger::Ledger;
use crate::pace::SenderWatch;
use crate::queue::{Announcement, Announcements};
use crate::store::{Consents, OptOuts, Result, Unwilling};
use crate::stores::Stores;

/// Messages that are ended in one go.
const BATCH: usize = 200;

/// Does what recipients want.
pub struct Wishes {
    ledger: Ledger,
    opt_outs: Arc<dyn OptOuts>,
    consents: Arc<dyn Consents>,
    unwilling: Arc<Unwilling>,
    senders: Arc<SenderWatch>,
    announcements: Arc<dyn Announcements>,
}

impl Wishes {
    pub fn new(
        stores: &Stores,
        unwilling: Arc<Unwilling>,
        senders: Arc<SenderWatch>,
        announcements: Arc<dyn Announcements>,
    ) -> Self {
        Self {
            ledger: stores.ledger.clone(),
            opt_outs: Arc::clone(&stores.opt_outs),
            consents: Arc::clone(&stores.consents),
            unwilling,
            senders,
            announcements,
        }
    }

    /// Takes note of a wish, in this process at once, and ends what still waits to be sent against the
    /// latest one that is known. It may be repeated, also after an error.
    ///
    /// The wish is recorded before its evidence: of a process that dies in between, the wish is kept that
    /// everything heeds, and whoever repeats it adds the evidence.
    pub async fn heed(&self, wish: &Wish, evidence: &Evidence, now: Timestamp) -> Result<()> {
        self.opt_outs.note(wish, now).await?;
        if wish.consent == Consent::Withdrawn {
            self.unwilling.add(&wish.senders, &wish.recipient);
        }
        let entries = ConsentEntry::of(wish, evidence, now);
        self.consents.keep(&entries).await?;
        if wish.consent == Consent::Withdrawn {
            let refused = self.opt_outs.refused_senders(wish).await?;
            let senders = self.expand(refused).await?;
            self.refuse_queued(&wish.recipient, &senders, now).await?;
        }
        Ok(())
    }

    /// The senders that are meant, where all of them are.
    async fn expand(&self, mut senders: Vec<String>) -> Result<Vec<String>> {
        if let Some(place) = senders.iter().position(|sender| is_all_senders(sender)) {
            let scope = senders.swap_remove(place);
            let registry = self.senders.registry().await?;
            let all = registry.senders().iter().map(|it| it.address.as_str());
            // Nothing of another world.
            let ours = all.filter(|sender| all_senders_beside(sender) == scope);
            senders.extend(ours.map(str::to_owned));
        }
        Ok(senders)
    }

    async fn refuse_queued(
        &self,
        recipient: &Address,
        senders: &[String],
        now: Timestamp,
    ) -> Result<()> {
        loop {
            let refuse = self.ledger.refuse_queued(recipient, senders, now, BATCH);
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
