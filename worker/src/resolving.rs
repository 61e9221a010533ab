//! Settles unknown outcomes: looks for a message in the provider's own list before anything else
//! happens to it.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{
    Absence, Claim, Content, Lane, LeaseToken, Message, MessageId, Settlement, Timestamp,
};
use mysms_core::ledger::Adoption;
use mysms_core::provider::{Alike, Doubt, Finding, RemoteMessage, Search};
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;

use crate::context::Context;
use crate::sweeper::run_lane;

/// The longest wait between two tries of a list that cannot be read.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Sweeps the resolve lane until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    run_lane(context, Lane::Resolve, resolve).await
}

/// Takes a message in doubt and looks for it.
pub(crate) async fn resolve(context: Arc<Context>, id: MessageId) -> Result<()> {
    let claim = context.new_claim();
    let Some(message) = context.ledger.take_resolve(id, claim).await? else {
        return context.settle_unclaimable(&[id]).await;
    };
    let look = Look {
        context: &context,
        message: &message,
        claim,
    };
    look.run().await
}

/// One look for one message, with the resolution lease in hand.
struct Look<'a> {
    context: &'a Context,
    message: &'a Message,
    claim: Claim,
}

impl Look<'_> {
    #[tracing::instrument(name = "look", skip_all, fields(message.id = %self.message.id))]
    async fn run(&self) -> Result<()> {
        let Some(settlement) = self.look().await? else {
            return Ok(());
        };
        let token: LeaseToken = self.claim.token;
        let now = self.context.clock.now();
        let until = Some(self.claim.until);
        let ledger = &self.context.ledger;
        let id = self.message.id;
        let settled = self
            .context
            .write(until, || ledger.settle(id, token, settlement.clone(), now))
            .await;
        self.context
            .announce(settled.map(|_| self.message.owner), now);
        self.context
            .count_settled(settled == Some(true), &settlement);
        if settled == Some(true) && matches!(settlement, Settlement::GiveUp { .. }) {
            tracing::error!("the outcome of a message stays unknown, given up");
        }
        Ok(())
    }

    /// What the provider's list says; `None` when the message is settled already.
    async fn look(&self) -> Result<Option<Settlement>> {
        let content = Content::of(self.message);
        let Some(doubt) = content.as_ref().and_then(|content| self.doubt(content)) else {
            return Ok(Some(
                self.unclear("the message cannot be compared any more"),
            ));
        };
        let Some(search) = self.search(&doubt).await else {
            return Ok(Some(self.unavailable()));
        };
        let alike = self.alike(&doubt, &search).await?;
        let owners = self.context.ledger.owners(&search.sids()).await?;
        Ok(match search.judge(doubt.skew, alike, &owners) {
            Finding::Adopt(remote) => self.adopt(&remote).await?,
            Finding::Unclear(detail) => Some(self.unclear(detail)),
            Finding::Absent => Some(self.absent().await?),
        })
    }

    async fn search(&self, doubt: &Doubt<'_>) -> Option<Search> {
        let search = self.context.provider.search(doubt);
        // A list that is still being read when the lease ends could only be settled by others.
        match tokio::time::timeout(self.context.config.lease(), search).await {
            Ok(Ok(search)) => Some(search),
            Ok(Err(failure)) => {
                let error = Chain(&failure);
                tracing::warn!(%error, "the provider's list could not be read");
                None
            }
            Err(_) => {
                tracing::warn!("the provider's list could not be read within the lease");
                None
            }
        }
    }

    /// Whom the latest attempt was made from. It need not be our own sender: that may have been
    /// replaced since, and the text would not be found.
    fn sender(&self) -> &str {
        let used = self.message.sender.as_deref();
        used.unwrap_or(&self.context.identity.sender)
    }

    fn doubt<'a>(&'a self, content: &'a Content) -> Option<Doubt<'a>> {
        Some(Doubt {
            to: self.message.recipient.as_ref()?,
            content,
            sender: self.sender(),
            first_attempt_at: self.first_attempt_at(),
            last_claim_at: self.message.last_claim_at?,
            lease: self.context.config.lease(),
            skew: MAX_CLOCK_SKEW,
        })
    }

    /// What else in doubt is listed like this one, itself included; nothing where the search can be judged
    /// without that.
    async fn alike(&self, doubt: &Doubt<'_>, search: &Search) -> Result<Alike> {
        if !search.is_contested(doubt.content) {
            return Ok(Alike::default());
        }
        let Context {
            ledger,
            provider,
            identity,
            ..
        } = self.context;
        let account = identity.account.as_str();
        let sending = ledger.being_sent(account, doubt.to).await?;
        let is_alike = |other: &&Content| provider.is_listed_alike(doubt.content, other);
        let count = sending.iter().filter(is_alike).count();
        let mut others = sending;
        if !doubt.content.media.is_empty() {
            // What was given up may have been taken, too.
            let since = doubt.first_attempt_at - doubt.lease - doubt.skew * 2;
            others.extend(ledger.given_up(account, doubt.to, since).await?);
        }
        let mut alike = others.iter().filter(is_alike);
        let differ = alike.any(|other| other.media != doubt.content.media);
        Ok(Alike { count, differ })
    }

    async fn adopt(&self, remote: &RemoteMessage) -> Result<Option<Settlement>> {
        let fact = self.context.fact_about(self.message.id, remote);
        let adoption = self
            .context
            .ledger
            .adopt(self.message.id, self.claim.token, &fact)
            .await?;
        Ok(match adoption {
            Adoption::Adopted => {
                self.context.announce([self.message.owner], fact.at);
                self.context.metrics.came_to(fact.status.status());
                tracing::info!(sid = %remote.sid, "found in the provider's list");
                None
            }
            Adoption::SidTaken => Some(self.unclear("another message got the text found here")),
            Adoption::NotHeld => None,
        })
    }

    async fn absent(&self) -> Result<Settlement> {
        if self.message.unseen == 0 {
            let wait = self.context.config.resolve_interval;
            return Ok(self.look_again(Absence::NotInList, None, wait));
        }
        let (sender, message) = (self.sender(), self.message);
        if self.context.is_unwanted(sender, message).await? {
            tracing::info!("absent from the provider's list twice, and not wanted any more");
            return Ok(Settlement::OptedOut);
        }
        tracing::info!("absent from the provider's list twice, sending again");
        Ok(Settlement::RequeueAbsent)
    }

    fn unclear(&self, detail: &str) -> Settlement {
        let wait = self.context.config.resolve_interval;
        self.give_up_or(self.look_again(Absence::Unclear, Some(detail), wait))
    }

    /// Waits as long again as the doubt has lasted, so that a refused list is not asked for ever
    /// faster than it can change.
    fn unavailable(&self) -> Settlement {
        let lasted = self.context.clock.now().since(self.first_attempt_at());
        let least = self.context.config.resolve_interval;
        let wait = lasted.min(LONGEST_WAIT).max(least);
        let detail = Some("the list could not be read");
        self.give_up_or(self.look_again(Absence::Unclear, detail, wait))
    }

    fn look_again(&self, absence: Absence, detail: Option<&str>, wait: Duration) -> Settlement {
        Settlement::LookAgain {
            absence,
            detail: detail.map(str::to_owned),
            until: self.context.clock.now() + wait,
        }
    }

    fn give_up_or(&self, otherwise: Settlement) -> Settlement {
        let expired_before = self.context.given_up_if_expired_before();
        if self.message.expires_at <= expired_before {
            Settlement::GiveUp { expired_before }
        } else {
            otherwise
        }
    }

    fn first_attempt_at(&self) -> Timestamp {
        self.message
            .first_attempt_at
            .unwrap_or(self.message.sent_at)
    }
}

impl Context {
    /// Messages in doubt that expired before this are given up.
    pub(crate) fn given_up_if_expired_before(&self) -> Timestamp {
        self.clock.now() - self.config.resolve_give_up
    }
}
