//! A backlog gathers while the provider is away, and drains once it is back.
//!
//! One API, two workers, a MongoDB, a RabbitMQ and a simulated provider behind a door that is closed
//! at first. What they cost is read while the backlog gathers and while it waits; in which order and
//! how fast it drains is read from the provider's book.

mod field;
mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lab::{Account, Answer, Entry, Programs, Wish};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::field::{Field, Gauges};
use self::report::Draining;
use crate::messenger::prepare;

pub use report::Report;

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Texts that wait while the provider is away.
    pub messages: usize,
    /// The programs under test.
    pub programs: Programs,
    /// Gets the logs and the data; what an earlier run left in it is removed.
    pub directory: PathBuf,
}

/// Texts that wait for the API's answer at once.
const CLIENTS: usize = 48;

/// How long the gauges are left alone to see what a waiting backlog costs.
const STILL: Duration = Duration::from_secs(30);

const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// How long nothing may arrive before the rest is taken for lost.
const STANDSTILL: Duration = Duration::from_mins(2);

const FRESH: &str = "fresh";

/// A run, from the first process to the last delivery. `progress` is told a line now and then.
///
/// Fails if the run itself could not be carried out; what it found is in the report.
pub async fn run(options: &Options, progress: impl Fn(String)) -> anyhow::Result<Report> {
    prepare(&options.directory)?;
    progress("starting the processes; the provider stays away".to_owned());
    let mut field = Field::start(&options.programs, &options.directory).await?;
    let account = Account::sign_up(
        lab::http(Duration::from_secs(10))?,
        &field.stack.api,
        "crowd",
    );
    let account = account.await?;
    let empty = field.gauges().await?;

    let gathering = Gathering::start(&account, &field.stack.api, options.messages);
    let mut gauges = vec![empty];
    let gathered = loop {
        sleep(BETWEEN_LOOKS).await;
        let now = field.gauges().await?;
        let count = gathering.accepted();
        progress(format!("{count} texts wait; {now}"));
        gauges.push(now);
        if gathering.is_over() {
            break gathering.finish().await?;
        }
    };
    let seconds = gathered.as_secs_f64();
    progress(format!(
        "all {} wait, after {seconds:.0} s",
        options.messages
    ));

    let before = field.gauges().await?;
    sleep(STILL).await;
    let after = field.gauges().await?;
    progress(format!("left alone for {} s; {after}", STILL.as_secs()));
    let writes = after.writes.saturating_sub(before.writes);
    gauges.extend([before, after]);

    field.let_the_provider_in().await?;
    let drained = drain(&field, &account, options.messages, &progress, &mut gauges).await?;
    Ok(Report::new(
        options.messages,
        gathered,
        f64::from(u32::try_from(writes)?) / STILL.as_secs_f64(),
        &gauges,
        &drained,
    ))
}

/// Clients that send the backlog, each one text after the other.
struct Gathering {
    began: Instant,
    next: Arc<AtomicUsize>,
    accepted: Arc<AtomicUsize>,
    clients: JoinSet<anyhow::Result<()>>,
    count: usize,
}

impl Gathering {
    fn start(account: &Account, api: &str, count: usize) -> Self {
        let (next, accepted) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (account, api) = (account.clone(), api.to_owned());
            let (next, accepted) = (Arc::clone(&next), Arc::clone(&accepted));
            clients.spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return Ok(());
                    }
                    send(&account, &api, &format!("{n}")).await?;
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = Instant::now();
        Self {
            began,
            next,
            accepted,
            clients,
            count,
        }
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Whether every text was taken up by a client, or a client has failed.
    fn is_over(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.count || self.clients.len() < CLIENTS
    }

    /// Waits for the last answers; tells how long all of it took.
    async fn finish(mut self) -> anyhow::Result<Duration> {
        while let Some(client) = self.clients.join_next().await {
            client??;
        }
        Ok(self.began.elapsed())
    }
}

/// Sends a text until it is accepted.
async fn send(account: &Account, api: &str, body: &str) -> anyhow::Result<()> {
    let until = Instant::now() + STANDSTILL;
    loop {
        let wish = Wish {
            to: "+14155550100",
            text: body,
            key: body,
            ..Wish::default()
        };
        match account.send(api, &wish).await {
            Answer::Accepted { .. } => return Ok(()),
            Answer::Refused(why) => anyhow::bail!("a text was refused: {why}"),
            Answer::Unclear(why) => {
                anyhow::ensure!(Instant::now() < until, "nobody accepts a text: {why}");
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Watches the backlog go, and sends a fresh text in the middle of it.
async fn drain(
    field: &Field,
    account: &Account,
    messages: usize,
    progress: &impl Fn(String),
    gauges: &mut Vec<Gauges>,
) -> anyhow::Result<Draining> {
    let began = Instant::now();
    let (mut seen, mut seen_at) = (0, began);
    let mut fresh_sent_after = None;
    while seen < messages + usize::from(fresh_sent_after.is_some()) {
        sleep(BETWEEN_LOOKS / 5).await;
        let accepted = field.stack.provider.accepted().await?;
        if accepted > seen {
            (seen, seen_at) = (accepted, Instant::now());
        }
        anyhow::ensure!(
            seen_at.elapsed() < STANDSTILL,
            "the provider has {seen} of {messages} texts, and no more come"
        );
        // A tenth is gone, so it drains for good, and most of it is still to come.
        if fresh_sent_after.is_none() && seen * 10 > messages {
            send(account, &field.stack.api, FRESH).await?;
            fresh_sent_after = Some(field.stack.provider.accepted().await?);
        }
        let now = field.gauges().await?;
        progress(format!("the provider has {seen}; {now}"));
        gauges.push(now);
    }
    let seconds = began.elapsed();
    let book = field.stack.provider.book().await?;
    let bodies: Vec<&str> = book.iter().map(|Entry { body, .. }| &**body).collect();
    Ok(Draining::read(&bodies, messages, seconds, fresh_sent_after))
}
