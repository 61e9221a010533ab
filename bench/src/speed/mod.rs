//! How fast it is: each figure beside what the bare drivers do on the same machine in the same run.
//!
//! The machine's speed moves from minute to minute, so a ceiling and what is held against it are
//! measured in turns, and medians are compared. There are two: bare inserts for accepting, and the ideal
//! pipeline (`ideal/`) for what a text costs in all.

mod accepting;
mod ceiling;
mod chart;
mod delivering;
mod embedded;
mod end_to_end;
mod growing;
mod ideal;
mod load;
mod logins;
mod report;
mod webhooks;

use std::path::PathBuf;
use std::time::Duration;

use lab::{Account, Programs};

use self::load::Target;
use crate::messenger::{Setup, Stack, prepare};

pub use chart::svg;
pub use ideal::{Part, Servers};
pub use report::Report;
pub use webhooks::{Webhooks, webhooks};

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// The programs under test, as release builds.
    pub programs: Programs,
    /// Gets the logs and the data; what an earlier run left in it is removed.
    pub directory: PathBuf,
    pub scale: Scale,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    windows: usize,
    window: Duration,
    /// Texts of an end-to-end window.
    texts: u64,
    /// Texts that wait for a worker whose speed is measured.
    backlog: u64,
    /// Messages in the grown ledger.
    grown: u64,
    /// Events that wait for an endpoint.
    events: u64,
    /// Pairs of windows with and without an endpoint that hangs, and how long each of them is.
    hook_windows: usize,
    hook_window: Duration,
    /// Endpoints for which nothing happens, and for how long it is looked what they cost.
    endpoints: u64,
    idle: Duration,
}

impl Scale {
    pub const FULL: Self = Self {
        windows: 5,
        window: Duration::from_secs(5),
        texts: 5_000,
        backlog: 10_000,
        grown: 1_000_000,
        events: 20_000,
        hook_windows: 3,
        // Longer than a call may take, so that those that hang end.
        hook_window: Duration::from_secs(20),
        endpoints: 10_000,
        idle: Duration::from_secs(30),
    };

    /// Under three minutes.
    pub const QUICK: Self = Self {
        windows: 3,
        window: Duration::from_millis(1500),
        texts: 1_500,
        backlog: 2_000,
        grown: 50_000,
        events: 2_000,
        hook_windows: 2,
        hook_window: Duration::from_secs(4),
        endpoints: 400,
        // A quarter of them is looked at meanwhile.
        idle: Duration::from_secs(15),
    };
}

/// The connections, and the inserts in flight, at which accepting is held against the ceiling.
const AT_ONCE: usize = 64;

/// A messenger on its servers, and a user who sends.
struct Field {
    stack: Stack,
    target: Target,
    scale: Scale,
}

/// A run from the first process to the last figure. `progress` is told a line now and then.
pub async fn run(options: &Options, progress: impl Fn(String)) -> anyhow::Result<Report> {
    prepare(&options.directory)?;
    let mut report = Report::default();
    progress("starting MongoDB, RabbitMQ, the provider and the API".to_owned());
    let mut field = Field::start(options).await?;
    accepting::measure(&field, &mut report, &progress).await?;
    delivering::measure(&mut field, &mut report, &progress).await?;
    logins::measure(&field, &mut report, &progress).await?;
    growing::measure(&mut field, &mut report, &progress).await?;
    field.note_memory(&mut report)?;
    drop(field);
    embedded::measure(options, &mut report, &progress).await?;
    report.webhooks = webhooks(options, progress).await?;
    Ok(report)
}

impl Field {
    async fn start(options: &Options) -> anyhow::Result<Self> {
        let stack = Stack::start(&options.programs, &options.directory, Setup::default()).await?;
        let http = lab::http(Duration::from_secs(10))?;
        let account = Account::sign_up(http, &stack.api, "speed").await?;
        Ok(Self {
            target: Target::new(&stack.api, account.token())?,
            stack,
            scale: options.scale,
        })
    }

    /// Notes the most that each process has taken so far.
    fn note_memory(&self, report: &mut Report) -> anyhow::Result<()> {
        let usages = self.stack.usages()?;
        report.api_rss_mb = report.api_rss_mb.max(megabytes(usages.api.peak_kib));
        report.worker_rss_mb = report.worker_rss_mb.max(megabytes(usages.workers.peak_kib));
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn megabytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// CPU time for each of `count`, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn us_each(cpu: Duration, count: u64) -> f64 {
    cpu.as_secs_f64() * 1e6 / count.max(1) as f64
}
