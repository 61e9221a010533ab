use std::collections::BTreeSet;

use async_trait::async_trait;
use mysms_core::domain::{Address, Consent, Standing, Timestamp, Wish};
use mysms_core::store::{OptOuts, Result};

use super::Reference;

/// What a recipient said last about a sender.
pub(super) struct Known {
    sender: String,
    recipient: Address,
    consent: Consent,
    at: Timestamp,
    noted_at: Timestamp,
    /// The latest that was unclear.
    maybe_at: Option<Timestamp>,
}

#[async_trait]
impl OptOuts for Reference {
    async fn note_all(&self, wishes: &[Wish], now: Timestamp) -> Result<()> {
        for wish in wishes {
            for sender in &wish.senders {
                self.note_one(sender, wish, now);
            }
        }
        Ok(())
    }

    async fn withdrawn(&self, senders: &[&str], recipients: &[Address]) -> Result<Vec<Address>> {
        let found = self.unwilling(|known| {
            senders.contains(&known.sender.as_str()) && recipients.contains(&known.recipient)
        });
        let each_once: BTreeSet<_> = found.into_iter().collect();
        Ok(each_once.into_iter().collect())
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        Ok(self.unwilling(|known| known.sender == sender && known.noted_at >= since))
    }

    async fn noted_since(
        &self,
        sender: &str,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let mut found =
            self.all_standing(|known| known.sender == sender && known.noted_at >= since);
        found.truncate(limit);
        Ok(found)
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

    async fn standings(&self, recipient: &Address) -> Result<Vec<Standing>> {
        let mut found = self.all_standing(|known| known.recipient == *recipient);
        found.sort_by(|one, other| one.sender.cmp(&other.sender));
        Ok(found)
    }

    async fn standing_with(
        &self,
        sender: &str,
        consent: Consent,
        after: Option<&Address>,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let mut found = self.all_standing(|known| {
            known.sender == sender && after.is_none_or(|after| known.recipient > *after)
        });
        found.retain(|standing| standing.consent == consent);
        found.sort_by(|one, other| one.recipient.cmp(&other.recipient));
        found.truncate(limit);
        Ok(found)
    }
}

impl Reference {
    fn note_one(&self, sender: &str, wish: &Wish, now: Timestamp) {
        let mut state = self.state();
        let same = |known: &Known| known.sender == sender && known.recipient == wish.recipient;
        let place = state.wishes.iter().position(same);
        let mut known = match place {
            Some(place) => state.wishes.swap_remove(place),
            None => Known {
                sender: sender.to_owned(),
                recipient: wish.recipient.clone(),
                consent: Consent::Given,
                at: Timestamp::EPOCH,
                noted_at: now,
                maybe_at: None,
            },
        };
        if wish.consent == Consent::Maybe {
            if known.at < wish.at && known.maybe_at < Some(wish.at) {
                known.maybe_at = Some(wish.at);
                known.noted_at = now;
            }
        } else if place.is_none()
            || (known.at, known.consent == Consent::Withdrawn)
                < (wish.at, wish.consent == Consent::Withdrawn)
        {
            known.consent = wish.consent;
            known.at = wish.at;
            known.noted_at = now;
        }
        state.wishes.push(known);
    }

    fn unwilling(&self, asked: impl Fn(&Known) -> bool) -> Vec<Address> {
        let state = self.state();
        let unwilling = state
            .wishes
            .iter()
            .filter(|known| known.consent == Consent::Withdrawn && asked(known));
        unwilling.map(|known| known.recipient.clone()).collect()
    }

    fn all_standing(&self, asked: impl Fn(&Known) -> bool) -> Vec<Standing> {
        let state = self.state();
        let asked = state.wishes.iter().filter(|known| asked(known));
        let standing = asked.map(|known| {
            let is_open = known.consent == Consent::Given && known.maybe_at > Some(known.at);
            Standing {
                recipient: known.recipient.clone(),
                sender: known.sender.clone(),
                consent: if is_open {
                    Consent::Maybe
                } else {
                    known.consent
                },
                at: known.maybe_at.filter(|_| is_open).unwrap_or(known.at),
            }
        });
        standing.collect()
    }
}
