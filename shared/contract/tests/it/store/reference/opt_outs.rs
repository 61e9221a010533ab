use async_trait::async_trait;
use mysms_core::domain::{Address, Consent, Timestamp, Wish};
use mysms_core::store::{OptOuts, Result};

use super::Reference;

/// What a recipient said last about a sender.
pub(super) struct Known {
    sender: String,
    recipient: Address,
    consent: Consent,
    at: Timestamp,
    noted_at: Timestamp,
}

#[async_trait]
impl OptOuts for Reference {
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()> {
        let mut state = self.state();
        for sender in &wish.senders {
            let same = |known: &Known| known.sender == *sender && known.recipient == wish.recipient;
            if state
                .wishes
                .iter()
                .any(|known| same(known) && known.at >= wish.at)
            {
                continue;
            }
            state.wishes.retain(|known| !same(known));
            state.wishes.push(Known {
                sender: sender.clone(),
                recipient: wish.recipient.clone(),
                consent: wish.consent,
                at: wish.at,
                noted_at: now,
            });
        }
        Ok(())
    }

    async fn opted_out(&self, sender: &str, recipients: &[Address]) -> Result<Vec<Address>> {
        Ok(self.unwilling(|known| known.sender == sender && recipients.contains(&known.recipient)))
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        Ok(self.unwilling(|known| known.sender == sender && known.noted_at >= since))
    }

    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let mut unwanted = wish.senders.clone();
        unwanted.retain(|sender| {
            let of_both =
                |known: &Known| known.sender == *sender && known.recipient == wish.recipient;
            !self.unwilling(of_both).is_empty()
        });
        Ok(unwanted)
    }
}

impl Reference {
    fn unwilling(&self, asked: impl Fn(&Known) -> bool) -> Vec<Address> {
        let state = self.state();
        let unwilling = state
            .wishes
            .iter()
            .filter(|known| known.consent == Consent::Withdrawn && asked(known));
        unwilling.map(|known| known.recipient.clone()).collect()
    }
}
