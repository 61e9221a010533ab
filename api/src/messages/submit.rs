//! The one way in which texts are accepted.

use mysms_core::domain::{
    Class, Idempotency, IdempotencyKey, Message, MessageId, NewMessage, Status,
};
use mysms_core::store::{Inserted, StoreError};

use super::idempotency::described;
use super::text::Text;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::limits::Bill;
use crate::state::AppState;
use crate::trace::Trace;
use crate::view::{AcceptedView, is_simulated};

/// Who sends texts, by which request.
pub(super) struct Submission<'a> {
    pub state: &'a AppState,
    pub caller: &'a Caller,
    pub trace: &'a Trace,
}

/// A text that is in the ledger.
pub(super) struct Accepted<'a> {
    pub view: AcceptedView<'a>,
    /// It was before this request.
    pub replayed: bool,
}

impl Submission<'_> {
    /// Returns as soon as the ledger has the message; sending it is the workers' business.
    pub(super) async fn accept<'t>(
        &self,
        text: &'t Text,
        key: Option<IdempotencyKey>,
    ) -> Result<Accepted<'t>, ApiError> {
        let idempotency = key.map(|key| self.idempotency(key, text));
        let now = self.state.clock.now();
        if let Some(fault) = text.terms.fault(now) {
            let refusal = ApiError::invalid("send_at", fault);
            return self.accepted_before(text, idempotency, refusal).await;
        }
        if !self.state.recipients.allow(&text.recipient) {
            let refusal = ApiError::not_allowed(&text.recipient);
            return self.accepted_before(text, idempotency, refusal).await;
        }
        if self.state.opt_outs.refuses(&text.recipient).await? {
            let refusal = ApiError::RecipientOptedOut;
            return self.accepted_before(text, idempotency, refusal).await;
        }
        let (user, segments) = (self.caller.user, text.body.segments());
        let bill = Bill {
            user,
            recipient: Some(&text.recipient),
            segments,
            send_at: text.terms.send_at,
        };
        // What was accepted before uses up nothing, not even for a moment.
        if idempotency.is_some()
            && self.state.limits.count(bill)
            && let Some(known) = self.known(idempotency.as_ref()).await?
        {
            return self.replay(&known, text);
        }
        let admission = match self.state.limits.admit(bill, now).await {
            Ok(admission) => admission,
            // It says nothing of the text, and neither can a look.
            Err(unavailable @ ApiError::Unavailable(_)) => return Err(unavailable),
            Err(refusal) => return self.accepted_before(text, idempotency, refusal).await,
        };
        let message = self.new_message(text, idempotency);
        // The id stays the same, so a repeated insert finds what an unclear one stored.
        let inserted = self
            .state
            .store_timeout
            .repeat(|| self.state.stores.ledger.insert(message.clone()))
            .await
            .map_err(unclear)?;
        match inserted {
            Inserted::Stored => {
                self.state.metrics.accepted.inc();
                tracing::info!(message.id = %message.id, "accepted");
                self.state.announce(user, message.sent_at);
                // A job for a scheduled message would come too early.
                if message.send_at.is_none() {
                    let trace = self.trace.as_str().to_owned();
                    self.state.queue.offer(message.id, Some(trace));
                }
                Ok(Accepted {
                    view: view(text, &message.into()),
                    replayed: false,
                })
            }
            Inserted::KeyUsed(known) => {
                admission.give_back().await;
                self.replay(&known, text)
            }
        }
    }

    /// Answers what is refused now, but was accepted at a time when it was not: that answer may have
    /// been lost, and to give it again costs nothing.
    async fn accepted_before<'t>(
        &self,
        text: &'t Text,
        idempotency: Option<Idempotency>,
        refusal: ApiError,
    ) -> Result<Accepted<'t>, ApiError> {
        let known = self.known(idempotency.as_ref()).await?.ok_or(refusal)?;
        self.replay(&known, text)
    }

    /// The message that was accepted with the same key.
    pub(super) async fn known(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Message>, ApiError> {
        let Some(Idempotency { key, .. }) = idempotency else {
            return Ok(None);
        };
        let find = self.state.stores.ledger.keyed(self.caller.user, key);
        Ok(self.state.store_timeout.once(find).await?)
    }

    fn new_message(&self, text: &Text, idempotency: Option<Idempotency>) -> NewMessage {
        let (now, delivery) = (self.state.clock.now(), &self.state.delivery);
        let expires_at = text.terms.expires_at(now, delivery.validity);
        NewMessage {
            id: MessageId::generate(now),
            owner: self.caller.user,
            account: self.state.provider.account.clone(),
            sender: Some(self.state.provider.sender.as_str().to_owned()),
            class: Class::default(),
            turn: None,
            recipient: text.recipient.clone(),
            body: text.body.clone(),
            sent_at: now,
            send_at: text.terms.send_at,
            time_zone: None,
            not_before: None,
            wake_at: (now + delivery.enqueue_grace).min(expires_at),
            expires_at,
            idempotency,
            retry_of: None,
        }
    }

    pub(super) fn idempotency(&self, key: IdempotencyKey, text: &Text) -> Idempotency {
        Idempotency {
            key,
            body_hash: self.state.fingerprints.of(&described(text)),
        }
    }

    /// Whether a message was accepted for the same request.
    pub(super) fn is_first(&self, known: &Message, text: &Text) -> bool {
        let (known, asked) = (known.idempotency.as_ref(), described(text));
        known.is_some_and(|known| self.state.fingerprints.fits(&known.body_hash, &asked))
    }

    /// Gives the first answer again, whatever happened to the message since. A deleted one has lost
    /// its recipient and content, but the request has the same.
    fn replay<'t>(&self, known: &Message, text: &'t Text) -> Result<Accepted<'t>, ApiError> {
        if !self.is_first(known, text) {
            return Err(ApiError::KeyReused);
        }
        Ok(Accepted {
            view: view(text, known),
            replayed: true,
        })
    }
}

fn view<'t>(text: &'t Text, message: &Message) -> AcceptedView<'t> {
    AcceptedView {
        message: match message.send_at {
            None => "Message sent successfully",
            Some(_) => "Message scheduled successfully",
        },
        id: message.id,
        status: Status::Queued,
        recipient: &text.recipient,
        content: &text.body,
        sent_at: message.sent_at,
        send_at: message.send_at,
        expires_at: message.expires_at,
        segments: text.body.segments(),
        encoding: text.body.encoding(),
        simulated: is_simulated(&message.account),
    }
}

/// Unlike a read that failed, an insert without an answer may have happened.
fn unclear(error: StoreError) -> ApiError {
    match error {
        StoreError::Unavailable { .. } => ApiError::Unclear(error),
        StoreError::Corrupt { .. } | StoreError::Later { .. } => error.into(),
    }
}
