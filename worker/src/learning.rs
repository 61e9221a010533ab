//! What a worker does about what the provider says.

use mysms_core::domain::{
    Address, Consent, Evidence, Fact, FactEffect, MessageId, PhoneNumber, Timestamp, Wish,
};
use mysms_core::ledger::FactOutcome;
use mysms_core::provider::RemoteMessage;

use crate::context::{Context, log_store_error};

impl Context {
    /// When to ask for the status of a message that was accepted at `accepted_at` and asked for
    /// `polls` times; `None` once the ladder is over.
    pub(crate) fn poll_after(&self, accepted_at: Timestamp, polls: u32) -> Option<Timestamp> {
        let rung = self.config.status_polls.get(usize::try_from(polls).ok()?)?;
        Some((accepted_at + *rung).max(self.clock.now() + self.config.sweep_interval))
    }

    /// Records that the recipient of an attempt wants no texts, as the provider says, and ends what still
    /// waits to be sent to them.
    pub(crate) async fn heed_opt_out(
        &self,
        sender: &str,
        recipient: &PhoneNumber,
        message: MessageId,
        claimed_at: Timestamp,
    ) {
        let now = self.clock.now();
        let wish = Wish {
            recipient: Address::from(recipient.clone()),
            senders: vec![sender.to_owned()],
            consent: Consent::Withdrawn,
            // It was so at the time of the attempt: what they have said since counts more.
            at: claimed_at,
        };
        let until = Some(now + self.config.lease());
        let evidence = Evidence::refusal(Some(message));
        self.write(until, || self.wishes.heed(&wish, &evidence, now))
            .await;
    }

    /// What the provider says about a message when it is asked.
    pub(crate) fn fact_about(&self, id: MessageId, remote: &RemoteMessage) -> Fact {
        let now = self.clock.now();
        Fact {
            message: Some(id),
            sid: remote.sid.clone(),
            account: self.identity.account.clone(),
            status: remote.status,
            code: remote.error_code.clone(),
            detail: remote.unknown_word.clone(),
            at: now,
            poll_at: self.poll_after(now, 0),
        }
    }

    /// Records what the provider said, however long the ledger does not answer: a SID that is lost
    /// here has to be found again in the provider's list.
    pub(crate) async fn record_fact(&self, fact: &Fact) {
        let outcome = self.write(None, || self.ledger.apply_fact(fact)).await;
        if let Some(outcome) = outcome {
            self.metrics.learned(fact.status.status(), fact.at, outcome);
            self.announce(outcome.seen_by(), fact.at);
            if let Err(error) = self.feedback.heed(fact, outcome).await {
                log_store_error(&error, true);
            }
        }
        match outcome {
            Some(FactOutcome::Surplus {
                id,
                taken_twice: true,
                ..
            }) => {
                tracing::error!(message.id = %id, sid = %fact.sid,
                    "the provider took a message a second time");
            }
            Some(FactOutcome::Applied { id, .. })
                if fact.message.is_some_and(|asked| asked != id) =>
            {
                tracing::warn!(message.id = %id, sid = %fact.sid,
                    "the SID belongs to an identical message, whose twin is looked up later");
            }
            Some(FactOutcome::Applied {
                id,
                effect: FactEffect::Raised,
                ..
            }) => {
                tracing::debug!(message.id = %id, status = %fact.status.status(), "the status rose");
            }
            _ => {}
        }
    }
}
