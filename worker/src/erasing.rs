//! Erases at the provider what was deleted here.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::domain::{Direction, Erasure, Lane, Message, MessageId, Taken};
use mysms_core::provider::{Addressee, Erased, ReadFailure};
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;

use crate::context::Context;
use crate::sweeper::run_lane;

/// The longest wait before the provider is asked again, and the wait after it has refused.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Sweeps the lane of what is to be erased until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    run_lane(context, Lane::Erase, erase).await
}

/// Takes a message that was deleted and erases it at the provider.
pub(crate) async fn erase(context: Arc<Context>, id: MessageId) -> Result<()> {
    let Some(what) = context.config.erasure else {
        // Somebody wanted it erased when it was deleted, and does not any more.
        return context.ledger.forgo_erasure(id).await.map(drop);
    };
    let now = context.clock.now();
    let until = now + context.config.lease();
    let Some(message) = context.ledger.take_erasure(id, now, until).await? else {
        return Ok(());
    };
    let work = Work {
        context: &context,
        message: &message,
        what,
    };
    work.run().await
}

/// Why a text is not erased now.
enum Held {
    /// A look for another text may need it.
    Evidence,
    /// The provider still works on it.
    TooEarly,
    Failed(ReadFailure),
}

/// The erasure of one message.
struct Work<'a> {
    context: &'a Context,
    message: &'a Message,
    what: Erasure,
}

impl Work<'_> {
    #[tracing::instrument(name = "erase", skip_all, fields(message.id = %self.message.id))]
    async fn run(&self) -> Result<()> {
        let (ledger, id) = (&self.context.ledger, self.message.id);
        for copy in self.message.copies() {
            if let Some(held) = self.erase(copy).await? {
                let again = self.context.clock.now() + self.wait_for(&held);
                return ledger.put_off_erasure(id, again).await.map(drop);
            }
        }
        if ledger.note_erased(id, self.context.clock.now()).await? {
            self.context.metrics.erased_at_provider.inc();
        }
        Ok(())
    }

    /// Erases one text that the provider took; returns what holds it up.
    async fn erase(&self, copy: Taken<'_>) -> Result<Option<Held>> {
        // A second SID may be that of a twin, which has it by now.
        let owners = self.context.ledger.owners(std::slice::from_ref(copy.sid));
        let owners = owners.await?;
        if owners.iter().any(|owner| owner.id != self.message.id) {
            return Ok(None);
        }
        match self.is_evidence(copy).await? {
            Ok(false) => {}
            Ok(true) => return Ok(Some(Held::Evidence)),
            Err(failure) => return Ok(Some(Held::Failed(failure))),
        }
        let erased = self.context.provider.erase(copy.sid, self.what).await;
        Ok(match erased {
            Ok(Erased::Done) => None,
            Ok(Erased::TooEarly) => Some(Held::TooEarly),
            Err(failure) => Some(Held::Failed(failure)),
        })
    }

    /// Whether a look for another text may show this one. To whom it went only the provider knows by now.
    async fn is_evidence(&self, copy: Taken<'_>) -> Result<std::result::Result<bool, ReadFailure>> {
        if self.message.direction == Direction::Inbound {
            return Ok(Ok(false));
        }
        let Context {
            ledger,
            provider,
            identity,
            ..
        } = self.context;
        Ok(match provider.addressee(copy.sid).await {
            Ok(Addressee::Number(to)) => {
                let evidence = ledger.is_evidence(&identity.account, &to, copy.at);
                Ok(evidence.await?)
            }
            Ok(Addressee::Hidden | Addressee::Gone) => Ok(false),
            Err(failure) => Err(failure),
        })
    }

    /// As long again as it has been deleted, so that what cannot be erased yet is tried ever less often.
    fn wait_for(&self, held: &Held) -> Duration {
        let now = self.context.clock.now();
        let deleted_at = self.message.deleted_at.unwrap_or(now);
        let least = self.context.config.retry_initial;
        let wait = now.since(deleted_at).clamp(least, LONGEST_WAIT.max(least));
        match held {
            Held::Evidence => {
                tracing::debug!("another text to its number is in doubt");
                wait
            }
            Held::TooEarly => {
                tracing::debug!("the provider is not done with it");
                wait
            }
            Held::Failed(failure) if failure.is_refusal() => {
                self.context.metrics.erasures_refused.inc();
                tracing::warn!(error = %Chain(failure), remedy = failure.remedy(),
                    "the provider refuses to erase a deleted message");
                LONGEST_WAIT
            }
            Held::Failed(failure) => {
                tracing::info!(error = %Chain(failure),
                    "the provider could not erase a deleted message");
                wait
            }
        }
    }
}
