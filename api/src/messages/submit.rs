//! The one way in which texts are accepted.

use mysms_core::domain::{
    Body, Class, Idempotency, IdempotencyKey, Message, MessageId, NewMessage,
};
use mysms_core::pace::Expected;
use mysms_core::store::{Inserted, StoreError};

use super::idempotency::described;
use super::plan::{Plan, rewritten};
use super::text::{SendMessage, Text, Wording};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::limits::Bill;
use crate::outgoing::{Forecast, Taken};
use crate::state::AppState;
use crate::templates;
use crate::trace::Trace;
use crate::uploads::Attached;
use view::{AcceptedView, EncodingChange};

/// Who sends texts, by which request.
pub(super) struct Submission<'a> {
    pub state: &'a AppState,
    pub caller: &'a Caller,
    pub trace: &'a Trace,
    /// What they are if that is not said.
    pub usual_class: Class,
    pub attached: Attached,
    pub templates: templates::Known,
}

/// A text that is in the ledger.
pub(super) struct Accepted<'a> {
    pub view: AcceptedView<'a>,
    /// It was before this request.
    pub replayed: bool,
}

impl Submission<'_> {
    /// Makes the text of a request that names a template.
    pub(super) async fn word(&self, mut request: SendMessage) -> Result<SendMessage, ApiError> {
        if !request.names_template() {
            return Ok(request);
        }
        let template = (std::mem::take(&mut request.template), request.fields.take());
        let owner = self.caller.user;
        let content = std::mem::take(&mut request.content);
        let filled = self.templates.fill(self.state, owner, template, &content);
        request.wording = Wording::Made(filled.await?);
        Ok(request)
    }

    /// Adds what is known of the files that its user brought, for the message and for the answer.
    pub(super) async fn describe_files(&self, mut text: Text) -> Result<Text, ApiError> {
        let (owner, media) = (self.caller.user, text.content.media);
        text.content.media = self.attached.describe(self.state, owner, media).await?;
        Ok(text)
    }

    /// Returns as soon as the ledger has the message; sending it is the workers' business.
    pub(super) async fn accept<'t>(
        &self,
        text: &'t Text,
        key: Option<IdempotencyKey>,
    ) -> Result<Accepted<'t>, ApiError> {
        let idempotency = key.map(|key| self.idempotency(key, text));
        if !text.unmade.is_empty() {
            let refusal = ApiError::Invalid(text.unmade.clone());
            return self.accepted_before(text, idempotency, refusal).await;
        }
        let now = self.state.clock.now();
        let plan = match self.plan(text, now).await {
            Ok(plan) => plan,
            Err(refusal) => return self.accepted_before(text, idempotency, refusal).await,
        };
        let bill = Bill {
            user: self.caller.user,
            recipient: Some(&text.recipient),
            segments: plan.body.segments(),
            class: plan.class,
            send_at: plan.starts_at,
        };
        // What was accepted before uses up nothing, not even for a moment.
        if idempotency.is_some()
            && self.state.limits.count(bill)
            && let Some(known) = self.known(idempotency.as_ref()).await?
        {
            return self.replay(known, text).await;
        }
        let admission = match self.state.limits.admit(bill, now).await {
            Ok(admission) => admission,
            Err(refusal) => return self.accepted_before(text, idempotency, refusal).await,
        };
        let taken = match self.take_turn(&plan).await {
            Ok(taken) => taken,
            Err(error) => {
                admission.give_back().await;
                return Err(error.into());
            }
        };
        if let Err(error) = self.hold_files(text, &plan).await {
            admission.give_back().await;
            if let Some(taken) = taken {
                self.state.outgoing.give_back(taken).await;
            }
            return Err(error);
        }
        let stored = self.store(text, &plan, idempotency, taken.as_ref()).await?;
        match stored {
            Ok(view) => Ok(Accepted {
                view,
                replayed: false,
            }),
            Err(known) => {
                admission.give_back().await;
                if let Some(taken) = taken {
                    self.state.outgoing.give_back(taken).await;
                }
                self.replay(known, text).await
            }
        }
    }

    /// Sees to it that the files of a text are there as long as it needs them.
    async fn hold_files(&self, text: &Text, plan: &Plan) -> Result<(), ApiError> {
        let start = plan.starts_at.unwrap_or_else(|| self.state.clock.now());
        let expires_at = text.terms.expires_at(start, self.state.delivery.validity);
        let files = (&text.content.media, expires_at);
        self.attached
            .hold(self.state, self.caller.user, files)
            .await
    }

    async fn take_turn(&self, plan: &Plan) -> Result<Option<Taken>, StoreError> {
        if !plan.takes_turn() {
            return Ok(None);
        }
        let (user, segments) = (self.caller.user, plan.body.segments());
        let outgoing = &self.state.outgoing;
        let taken = outgoing.take_turn(&plan.sender, plan.class, (user, plan.weight), segments);
        taken.await.map(Some)
    }

    /// Stores a text, or finds the one that was stored with the same key.
    async fn store<'t>(
        &self,
        text: &'t Text,
        plan: &Plan,
        idempotency: Option<Idempotency>,
        taken: Option<&Taken>,
    ) -> Result<Result<AcceptedView<'t>, Message>, ApiError> {
        // Once the text is stored nothing is asked any more that may fail.
        let outgoing = &self.state.outgoing;
        let scene = outgoing.scene(&plan.registry, &plan.sender).await;
        let message = self.new_message(text, plan, idempotency, taken);
        // The id stays the same, so a repeated insert finds what an unclear one stored.
        let inserted = self
            .state
            .store_timeout
            .repeat(|| self.state.stores.ledger.insert(message.clone()))
            .await
            .map_err(unclear)?;
        if let Inserted::KeyUsed(known) = inserted {
            return Ok(Err(*known));
        }
        if !self.state.is_sandbox {
            self.state.metrics.accepted.inc();
        }
        tracing::info!(message.id = %message.id, "accepted");
        self.state.announce(message.owner, message.sent_at);
        // A job for one that has to wait would come too early.
        if plan.starts_at.is_none() {
            let trace = self.trace.as_str().to_owned();
            self.state.queue.offer(message.id, Some(trace));
        }
        let forecast = plan.expected(self, (taken, scene.as_ref()), message.sent_at);
        let known = message.into();
        let (body, changes) = (plan.body.clone(), plan.changes.clone());
        Ok(Ok(view(text, &known, (body, changes), &forecast)))
    }

    /// Answers what is refused now, but was accepted at a time when it was not: that answer may have
    /// been lost, and to give it again costs nothing.
    async fn accepted_before<'t>(
        &self,
        text: &'t Text,
        idempotency: Option<Idempotency>,
        refusal: ApiError,
    ) -> Result<Accepted<'t>, ApiError> {
        // These say nothing of the text, and neither can a look.
        if let ApiError::Unavailable(_) | ApiError::Internal(_) = refusal {
            return Err(refusal);
        }
        let known = self.known(idempotency.as_ref()).await?.ok_or(refusal)?;
        self.replay(known, text).await
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

    fn new_message(
        &self,
        text: &Text,
        plan: &Plan,
        idempotency: Option<Idempotency>,
        taken: Option<&Taken>,
    ) -> NewMessage {
        let (now, delivery) = (self.state.clock.now(), &self.state.delivery);
        let start = plan.starts_at.unwrap_or(now);
        let expires_at = text.terms.expires_at(start, delivery.validity);
        NewMessage {
            id: MessageId::generate(now),
            owner: self.caller.user,
            account: plan.sender.account.clone(),
            sender: Some(plan.sender.address.as_str().to_owned()),
            class: plan.class,
            turn: taken.map(|taken| taken.turn),
            recipient: text.recipient.clone(),
            body: plan.body.clone(),
            media: text.content.media.clone(),
            sent_at: now,
            send_at: text.terms.send_at,
            time_zone: plan.zone.clone(),
            not_before: plan.starts_at,
            wake_at: (now + delivery.enqueue_grace).min(expires_at),
            expires_at,
            idempotency,
            retry_of: None,
            reference: text.labels.reference.clone(),
            tags: text.labels.tags.clone(),
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

    /// Gives the first answer again, whatever happened to the message since; only when it is likely to
    /// leave is told as it is now. A deleted one has lost its recipient and content, but the request has
    /// the same.
    async fn replay<'t>(&self, known: Message, text: &'t Text) -> Result<Accepted<'t>, ApiError> {
        if !self.is_first(&known, text) {
            return Err(ApiError::KeyReused);
        }
        let forecast = self.expected(&known).await?;
        let sent = self.sent_first(&known, text).await?;
        Ok(Accepted {
            view: view(text, &known, sent, &forecast),
            replayed: true,
        })
    }

    /// When a message that was accepted before is likely to leave. Where that does not depend on others, it
    /// is what was told then, also once it has left.
    async fn expected(&self, known: &Message) -> Result<Forecast, ApiError> {
        let settings = self.state.settings.of(self.caller.user).await?;
        let quiet = settings.quiet_hours.as_ref();
        let outgoing = &self.state.outgoing;
        let mut forecast = outgoing.expected(known, quiet).await?;
        if forecast == Forecast::default() && !outgoing.registry().await?.is_paced() {
            let start = known.starts_at().unwrap_or(known.sent_at);
            forecast.expected = Some(Expected::soon(known.class, &[], start));
        }
        Ok(forecast)
    }

    /// The text as it was accepted, and what was replaced in it. Of a template that says something else by now
    /// neither can be told but by what is kept.
    async fn sent_first(
        &self,
        known: &Message,
        text: &Text,
    ) -> Result<(Body, Vec<EncodingChange>), ApiError> {
        let Some(kept) = &known.body else {
            let settings = self.state.settings.of(self.caller.user).await?;
            return Ok(rewritten(
                &text.content.body,
                text.terms.wants_smart(&settings),
            ));
        };
        let (sent, changes) = rewritten(&text.content.body, *kept != text.content.body);
        let changes = if sent == *kept { changes } else { Vec::new() };
        Ok((kept.clone(), changes))
    }
}

fn view<'t>(
    text: &'t Text,
    message: &Message,
    (body, changes): (Body, Vec<EncodingChange>),
    forecast: &Forecast,
) -> AcceptedView<'t> {
    let labels = (text.labels.reference.as_ref(), &text.labels.tags);
    let content = (body, &text.content.media);
    let mut view = AcceptedView::new(&text.recipient, content, labels, message);
    view.expected_at = forecast.at();
    view.expected_by = forecast.by();
    view.given_up_at = forecast.given_up_at(message.expires_at);
    view.paused = forecast.paused;
    let warning = "It is likely to expire before it can leave.";
    view.warning = view.given_up_at.map(|_| warning);
    view.encoding_changes = changes;
    view
}

/// Unlike a read that failed, an insert without an answer may have happened.
fn unclear(error: StoreError) -> ApiError {
    match error {
        StoreError::Unavailable { .. } => ApiError::Unclear(error),
        StoreError::Corrupt { .. } | StoreError::Later { .. } => error.into(),
    }
}
