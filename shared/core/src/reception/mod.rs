//! What is done with what people write to us, however we hear of it: the provider calls us, or it is
//! found in the provider's list.

mod default_owner;
mod wishes;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::bell::Bell;
use crate::domain::{Address, Consent, Exchange, Inbound, Left, Receiver, Timestamp, UserId};
use crate::pace::SenderWatch;
use crate::provider::{Arrival, ReceivedText};
use crate::queue::{Announcement, Announcements};
use crate::store::{Conversations, Kind, Received, Records, Result};
use crate::stores::Stores;

pub use default_owner::DefaultOwner;
pub use wishes::Wishes;

/// Takes the texts that people write to us.
pub struct Reception {
    conversations: Arc<dyn Conversations>,
    records: Arc<dyn Records>,
    senders: Arc<SenderWatch>,
    default_owner: Arc<DefaultOwner>,
    wishes: Arc<Wishes>,
    announcements: Arc<dyn Announcements>,
    bell: Arc<dyn Bell>,
}

impl Reception {
    pub fn new(
        stores: &Stores,
        senders: Arc<SenderWatch>,
        default_owner: Arc<DefaultOwner>,
        wishes: Arc<Wishes>,
        announcements: Arc<dyn Announcements>,
        bell: Arc<dyn Bell>,
    ) -> Self {
        Self {
            conversations: Arc::clone(&stores.conversations),
            records: Arc::clone(&stores.records),
            senders,
            default_owner,
            wishes,
            announcements,
            bell,
        }
    }

    /// Stores a text for whom it is, once however often it is taken, and does what it asks for. After an
    /// error it may be taken again, with the same arrival.
    pub async fn take(
        &self,
        text: ReceivedText,
        arrival: Arrival,
        now: Timestamp,
    ) -> Result<Received> {
        let registry = self.senders.registry().await?;
        let otherwise = self.default_owner.user().await?;
        let consent = text.consent;
        let evidence = text.evidence();
        let inbound = text.stored_as(arrival, &registry, otherwise);
        let mut inbound = Inbound {
            receiver: self.default_owner.still(inbound.receiver).await?,
            ..inbound
        };
        inbound.left = self.left(&inbound, now).await?;
        let received = self.conversations.receive(&inbound).await?;
        // When it was written, as far as that was known when it was stored: a repeat must not undo what
        // was said since.
        let said_at = received.message.sent_at;
        let wishes = consent.map(|consent| inbound.wishes(consent, said_at));
        for wish in wishes.into_iter().flatten() {
            self.wishes.heed(&wish, &evidence, now).await?;
        }
        // Whoever is told of the text then sees what it changed; again for what was stored before,
        // because that may have been cut short.
        self.announce(&received);
        if !received.known {
            self.bell.ring(&received.message);
        }
        Ok(received)
    }

    /// Takes note of the consent that a text gives before it is taken, and those that are older: then what
    /// waits for its author is not ended for a STOP that holds no more. It may be repeated.
    pub async fn foresee(
        &self,
        text: &ReceivedText,
        arrival: Arrival,
        now: Timestamp,
    ) -> Result<()> {
        if text.consent != Some(Consent::Given) {
            return Ok(());
        }
        let registry = self.senders.registry().await?;
        let inbound = text.clone().stored_as(arrival, &registry, UserId::NOBODY);
        for wish in inbound.wishes(Consent::Given, inbound.at) {
            self.wishes.heed(&wish, &text.evidence(), now).await?;
        }
        Ok(())
    }

    /// What is left of what was exchanged with an author and deleted since, of users who are still there.
    /// Where a rule names the user nobody asks for it.
    async fn left(&self, inbound: &Inbound, now: Timestamp) -> Result<Vec<Exchange>> {
        let mut left = Vec::new();
        if matches!(inbound.receiver, Receiver::User(_)) {
            return Ok(left);
        }
        for author in inbound.authors() {
            let key = Left::key_of(&inbound.account, &Address::from(author));
            let stored = self.records.record(Kind::Left, &key, now).await?.record;
            let known: Option<Left> = stored.map(|stored| stored.read()).transpose()?;
            let senders = inbound.senders();
            left.extend(known.iter().flat_map(|known| known.with(&senders)));
        }
        let mut there = HashMap::new();
        for user in left.iter().map(Exchange::user) {
            if let Entry::Vacant(entry) = there.entry(user) {
                entry.insert(self.default_owner.is_there(user).await?);
            }
        }
        left.retain(|exchange| there.get(&exchange.user()) == Some(&true));
        Ok(left)
    }

    fn announce(&self, Received { message, .. }: &Received) {
        let announcement = Announcement::of_messages(message.owner, message.updated_at);
        self.announcements.announce(announcement);
    }
}
