//! Senders have rates, texts have classes, users take turns: what is promised of them, tried on real
//! processes and judged by the provider's book.
//!
//! One API, up to eight workers, a MongoDB, a RabbitMQ and a simulated provider, which takes every text
//! at once and complains of what comes too fast. First a sender has more to send than it can, while
//! workers are killed and frozen; then several do, of very different rates, while users are told when
//! their texts leave; at last backlogs wait, of one user and of many.

mod book;
mod clock;
mod exact;
mod field;
mod probes;
mod report;
mod shares;
mod texts;
mod turns;
mod waiting;

use std::path::PathBuf;
use std::time::Duration;

use lab::{Account, Programs};
use tokio::time::Instant;

use self::book::Book;
use self::exact::{Busy, harm};
use self::field::{Field, Sender};
use self::report::{Bound, Proof, count};
use self::turns::{BUSY, Backlogs, IDLE, SHARED};
use crate::messenger::prepare;

pub use report::{Figure, Report};

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// The programs under test.
    pub programs: Programs,
    /// Gets the logs and the data; what an earlier run left in it is removed.
    pub directory: PathBuf,
    pub scale: Scale,
}

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    workers: usize,
    /// For how long a sender is as busy as it can be.
    busy: Duration,
    /// The same at other rates, with users who are told when their texts leave; not at all if it is zero.
    rates: Duration,
    /// Segments of one user's backlog.
    bulk: u64,
    /// Users who share a sender, and the segments of the one who has least.
    users: usize,
    least_shared: u64,
    /// The time in which each of them gets as much.
    share_window: Duration,
    /// Single texts from each of two senders, and in which time.
    probes: usize,
    probing: Duration,
    /// The rest of the backlog drains at the highest rate.
    fastest: bool,
}

impl Scale {
    pub const FULL: Self = Self {
        workers: 8,
        busy: Duration::from_mins(2),
        rates: Duration::from_secs(130),
        bulk: 100_000,
        users: 10,
        least_shared: 1_200,
        share_window: Duration::from_mins(1),
        probes: 250,
        probing: Duration::from_mins(1),
        fastest: true,
    };

    /// About a minute.
    pub const QUICK: Self = Self {
        workers: 3,
        busy: Duration::from_secs(30),
        rates: Duration::ZERO,
        bulk: 3_000,
        users: 10,
        least_shared: 200,
        share_window: Duration::from_secs(15),
        probes: 30,
        probing: Duration::from_secs(12),
        fastest: false,
    };
}

/// The one that is killed for.
const EXACT: Sender = Sender::new("+15005550010", 10.0);
const EXACT_SIZES: [u32; 8] = [1, 4, 6, 2, 5, 3, 1, 6];

/// Others, with the sizes of their texts.
const RATES: [(Sender, &[u32]); 3] = [
    (Sender::new("+15005550011", 0.2), &[1]),
    (Sender::new("+15005550012", 1.0), &[1, 3, 2, 6]),
    (Sender::new("71000", 100.0), &EXACT_SIZES),
];

/// What the sender with a cap may send in a day: less than is wanted.
const CAP: u64 = 650;

/// A run, from the first process to the last figure. `progress` is told a line now and then.
///
/// Fails if the run itself could not be carried out; what it found is in the report.
pub async fn run(options: &Options, progress: impl Fn(String)) -> anyhow::Result<Report> {
    let (began, scale) = (Instant::now(), options.scale);
    prepare(&options.directory)?;
    progress("starting MongoDB, RabbitMQ, the provider and the API".to_owned());
    let mut field = Field::start(&options.programs, &options.directory).await?;
    let front = field.user("front").await?;
    let clocked = clock::senders(CAP);
    let senders = RATES.map(|(sender, _)| sender);
    let all = [&[EXACT, BUSY, SHARED, IDLE][..], &senders, &clocked].concat();
    field.add(&front, &all).await?;
    let mut book = Book::of(&field.stack.provider);

    let mut proofs = vec![busy(&mut field, scale, &front, &mut book, &progress).await?];
    if !scale.rates.is_zero() {
        let more = rates(&field, scale, &front, &clocked, &mut book, &progress);
        proofs.extend(more.await?);
    }
    field.stack.end_workers().await?;
    let drained = backlogs(&mut field, &scale, &front, &mut book, &progress).await?;
    proofs.extend(drained);
    let mut whole = Proof::of("all of the above");
    let none = Bound::AtMost(0.0);
    whole.must("texts that came twice", count(book.doubled()), none);
    whole.must(
        "workers that ended by themselves",
        crashes(&mut field).await?,
        none,
    );
    proofs.push(whole);
    Ok(Report {
        proofs,
        seconds: began.elapsed().as_secs(),
    })
}

/// A sender has more to send than it can while workers are harmed.
async fn busy(
    field: &mut Field,
    scale: Scale,
    front: &Account,
    book: &mut Book,
    progress: &impl Fn(String),
) -> anyhow::Result<Proof> {
    let busy = Busy::prepare(field, front, &EXACT, &EXACT_SIZES, scale.busy).await?;
    field.start_workers(scale.workers).await?;
    let seconds = scale.busy.as_secs();
    progress(format!(
        "{} workers, one of which is killed and one frozen, send for {seconds} s",
        scale.workers
    ));
    harm(field.stack.workers(), scale.busy).await?;
    busy.wait(book).await?;
    let (rate, workers) = (EXACT.rate, scale.workers);
    let name = format!("pace: {rate}/s, {workers} workers, one killed, one frozen");
    Ok(busy.judge(name, book))
}

/// Senders of other rates have more to send than they can, while users are told when their texts leave.
async fn rates(
    field: &Field,
    scale: Scale,
    front: &Account,
    clocked: &[Sender; 2],
    book: &mut Book,
    progress: &impl Fn(String),
) -> anyhow::Result<Vec<Proof>> {
    let mut users = Vec::new();
    for n in 0..clock::USERS {
        users.push(field.user(&format!("clock-{n}")).await?);
    }
    let mut all = Vec::new();
    for (sender, sizes) in &RATES {
        all.push(Busy::prepare(field, front, sender, sizes, scale.rates).await?);
    }
    progress(
        "senders of 0.2, 1 and 100/s are busy, and users are told when their texts leave".into(),
    );
    let sent = clock::send(field, &users, clocked).await?;
    clock::wait(&sent, book).await?;
    let clock = clock::judge(&sent, clocked, book);
    let mut proofs = Vec::new();
    for busy in all {
        busy.wait(book).await?;
        let rate = busy.sender.rate;
        proofs.push(busy.judge(format!("pace: {rate}/s"), book));
    }
    proofs.push(clock);
    Ok(proofs)
}

/// Backlogs wait and drain.
async fn backlogs(
    field: &mut Field,
    scale: &Scale,
    front: &Account,
    book: &mut Book,
    progress: &impl Fn(String),
) -> anyhow::Result<Vec<Proof>> {
    progress(format!(
        "storing {} bulk texts, and those of {} users",
        scale.bulk, scale.users
    ));
    let bulk = field.user("bulk").await?;
    let mut users = Vec::new();
    for n in 0..scale.users {
        users.push(field.user(&format!("user-{n}")).await?);
    }
    let backlogs = Backlogs::store(field, scale, &bulk, &users).await?;
    field.start_workers(scale.workers).await?;
    let drained = backlogs.drain(field, scale, book, front, progress).await?;
    drained.judge(field, scale, book).await
}

async fn crashes(field: &mut Field) -> anyhow::Result<f64> {
    let mut crashes = 0;
    for worker in field.stack.workers() {
        worker.revive().await?;
        crashes += worker.ended_by_itself();
    }
    Ok(f64::from(crashes))
}
