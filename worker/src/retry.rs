//! What operators do about messages that failed.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, iter};

use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::clock::{Clock, SystemClock};
use mysms_core::domain::{
    Message, MessageId, NewMessage, OwnError, Registry, SenderAddress, Status, Timestamp,
};
use mysms_core::pace::SenderWatch;
use mysms_core::store::{Failure, Failures, Hold, Inserted};
use mysms_core::stores::Stores;
use runtime::config::{DeliveryConfig, ProviderConfig};
use runtime::exit::Exit;
use runtime::operator::{Progress, Since, confirm, record};

/// Failures read in one go.
const BATCH: usize = 200;

/// Retries stored at once.
pub const AT_ONCE: u32 = 16;

/// The failures are read span by span, because those who look for few among many messages would wait
/// too long for one answer.
const SHORTEST_SPAN: Duration = Duration::from_mins(10);
const SPANS: u32 = 1000;

#[derive(Args)]
/// Sends failed messages again.
pub struct Retry {
    #[command(flatten)]
    what: What,
    /// Of the messages that were sent at this time or later: a time such as 2026-01-31T12:00:00Z, or
    /// how long ago it was, such as 2h or 7d
    #[arg(long, value_name = "TIME")]
    since: Since,
    /// Also those whose outcome is unknown; their recipients may get the text a second time
    #[arg(long)]
    even_unknown: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct What {
    /// The messages that ended as `failed`
    #[arg(long)]
    failed: bool,
    /// The messages that ended as `undelivered`
    #[arg(long)]
    undelivered: bool,
}

/// Why a failure is retried or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Retry,
    /// The operator did not ask for it.
    Other,
    Retried,
    Unknown,
    ForeignAccount,
    OptedOut,
}

/// How many were found of each kind.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    retry: u64,
    retried: u64,
    unknown: u64,
    foreign: u64,
    opted_out: u64,
}

impl Retry {
    /// Asks, and stores the retries of messages of the provider's account.
    pub async fn run(
        &self,
        stores: &Stores,
        provider: &ProviderConfig,
        delivery: &DeliveryConfig,
    ) -> anyhow::Result<Exit> {
        let clock = SystemClock;
        let now = clock.now();
        let environment = SenderAddress::known(provider.sender.as_str());
        let records = Arc::clone(&stores.records);
        let senders = SenderWatch::new(records, &provider.account, environment);
        let registry = senders.look().await?;
        let run = Run {
            stores,
            account: &provider.account,
            registry: &registry,
            validity: delivery.validity,
            wanted: self,
            since: self.since.resolve(now)?,
            now,
        };
        let tally = run.count().await?;
        writeln!(io::stdout(), "{tally}")?;
        if tally.retry == 0 {
            return Ok(Exit::Done);
        }
        if !self.yes && !confirm("Send them again?")? {
            writeln!(io::stdout(), "Nothing was done.")?;
            return Ok(Exit::Failed);
        }
        record(&*stores.acts, "retry", None, clock.now()).await?;
        let count = run.store().await?;
        writeln!(io::stdout(), "{count} new messages wait to be sent.")?;
        Ok(Exit::Done)
    }

    fn asks_for(&self, message: &Message) -> bool {
        match message.status {
            Status::Failed => self.what.failed,
            Status::Undelivered => self.what.undelivered,
            _ => false,
        }
    }
}

impl Tally {
    fn count(&mut self, choice: Choice) {
        match choice {
            Choice::Retry => self.retry += 1,
            Choice::Other => {}
            Choice::Retried => self.retried += 1,
            Choice::Unknown => self.unknown += 1,
            Choice::ForeignAccount => self.foreign += 1,
            Choice::OptedOut => self.opted_out += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages will be sent again.", self.retry)?;
        let left_out = [
            (self.retried, "were retried before"),
            (self.unknown, "have an unknown outcome (--even-unknown)"),
            (self.foreign, "belong to another provider account"),
            (self.opted_out, "are for recipients who want no texts"),
        ];
        for (count, why) in left_out.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "\nLeft out: {count} that {why}.")?;
        }
        Ok(())
    }
}

/// One run over the failures of some time.
struct Run<'a> {
    stores: &'a Stores,
    account: &'a str,
    registry: &'a Registry,
    validity: Duration,
    wanted: &'a Retry,
    since: Timestamp,
    now: Timestamp,
}

impl Run<'_> {
    async fn count(&self) -> anyhow::Result<Tally> {
        let mut tally = Tally::default();
        let mut progress = Progress::default();
        let mut page = self.first_page();
        while let Some(asked) = page {
            let failures = self.stores.operations.failures(asked).await?;
            for choice in self.choices(&failures).await? {
                tally.count(choice);
            }
            progress.tell(|| format!("{} found so far", tally.retry))?;
            page = self.page_after(asked, &failures);
        }
        Ok(tally)
    }

    /// Stores the retries. A run that broke off is completed by the next one.
    async fn store(&self) -> anyhow::Result<u64> {
        let mut stored = 0;
        let mut progress = Progress::default();
        let mut page = self.first_page();
        while let Some(asked) = page {
            let failures = self.stores.operations.failures(asked).await?;
            let choices = self.choices(&failures).await?;
            let chosen = iter::zip(&failures, choices)
                .filter(|(_, choice)| *choice == Choice::Retry)
                .map(|(failure, _)| self.retry(&failure.message));
            stored += stream::iter(chosen)
                .buffer_unordered(AT_ONCE as usize)
                .try_fold(0, async |sum, stored| Ok(sum + u64::from(stored)))
                .await?;
            progress.tell(|| format!("{stored} stored so far"))?;
            page = self.page_after(asked, &failures);
        }
        Ok(stored)
    }

    /// Returns false if another run has just done it.
    async fn retry(&self, message: &Message) -> anyhow::Result<bool> {
        let Some(retry) = message.retry(SystemClock.now(), self.validity) else {
            return Ok(false);
        };
        self.hold_files(&retry).await?;
        let inserted = self.stores.ledger.insert(retry).await?;
        Ok(inserted == Inserted::Stored)
    }

    /// Keeps the files of a retry, also if the message before it is deleted. What is gone already its worker finds
    /// out, and says so.
    async fn hold_files(&self, retry: &NewMessage) -> anyhow::Result<()> {
        for upload in retry.media.uploads() {
            let hold = Hold {
                owner: retry.owner,
                upload,
                messages: 1,
                kept_until: retry.expires_at,
            };
            self.stores.uploads.hold_upload(&hold).await?;
        }
        Ok(())
    }

    /// The choice for each of `failures`, in their order.
    async fn choices(&self, failures: &[Failure]) -> anyhow::Result<Vec<Choice>> {
        let mut choices: Vec<_> = failures
            .iter()
            .map(|failure| self.choose(failure))
            .collect();
        let retried = iter::zip(failures, &choices)
            .filter(|(_, choice)| **choice == Choice::Retry)
            .map(|(failure, _)| &failure.message);
        let unwilling = self.unwilling(retried).await?;
        for (failure, choice) in iter::zip(failures, &mut choices) {
            if *choice == Choice::Retry && unwilling.contains(&failure.message.id) {
                *choice = Choice::OptedOut;
            }
        }
        Ok(choices)
    }

    /// What failed while the operator was asked waits for the next run.
    fn choose(&self, failure: &Failure) -> Choice {
        let message = &failure.message;
        let unknown = message.error_code.as_deref() == Some(OwnError::OutcomeUnknown.as_str());
        if !self.wanted.asks_for(message) || message.updated_at > self.now {
            Choice::Other
        } else if failure.retried {
            Choice::Retried
        } else if message.account != self.account {
            Choice::ForeignAccount
        } else if unknown && !self.wanted.even_unknown {
            Choice::Unknown
        } else {
            Choice::Retry
        }
    }

    /// Those of the messages whose recipients want no texts by now from where they would leave.
    async fn unwilling(
        &self,
        messages: impl Iterator<Item = &Message>,
    ) -> anyhow::Result<HashSet<MessageId>> {
        let mut by_sender: HashMap<&str, Vec<&Message>> = HashMap::new();
        for message in messages {
            let sender = self.registry.leaving(message.sender.as_deref());
            let of_sender = by_sender.entry(sender.address.as_str()).or_default();
            of_sender.push(message);
        }
        let mut unwilling = HashSet::new();
        for (sender, messages) in by_sender {
            let recipients = messages.iter().filter_map(|it| it.counterpart.clone());
            let recipients: Vec<_> = recipients.collect();
            let opted_out = self.stores.opt_outs.opted_out(sender, &recipients).await?;
            let is_unwilling = |message: &&&Message| {
                let recipient = message.counterpart.as_ref();
                recipient.is_some_and(|it| opted_out.contains(it))
            };
            let ids = messages.iter().filter(is_unwilling).map(|it| it.id);
            unwilling.extend(ids);
        }
        Ok(unwilling)
    }

    fn first_page(&self) -> Option<Failures> {
        (self.since < self.now).then(|| self.span(self.since))
    }

    fn page_after(&self, page: Failures, found: &[Failure]) -> Option<Failures> {
        match found.last() {
            Some(last) if found.len() == BATCH => Some(Failures {
                after: last.message.id,
                ..page
            }),
            _ => {
                let begin = page.before.made_at();
                (begin < self.now).then(|| self.span(begin))
            }
        }
    }

    fn span(&self, begin: Timestamp) -> Failures {
        let length = (self.now.since(self.since) / SPANS).max(SHORTEST_SPAN);
        Failures {
            after: MessageId::boundary(begin),
            before: MessageId::boundary((begin + length).min(self.now)),
            limit: BATCH,
        }
    }
}
