//! `make torture`: tries whether a text is ever lost, doubled or mislabelled while everything dies.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bench::torture::{Options, run};
use clap::{Parser, ValueEnum};
use lab::Programs;
use lab::cluster::Elections;
use tokio::signal::unix::{SignalKind, signal};

/// Sends texts while every process is killed, frozen and restarted, and compares the books.
///
/// Exit codes: 0 nothing is wrong, 1 something is, 2 the run could not be carried out.
#[derive(Parser)]
#[command(name = "torture", version)]
struct Flags {
    /// Texts to send.
    #[arg(long, env = "MESSAGES", default_value_t = 5_000)]
    messages: usize,
    /// Decides the script; a random one unless given.
    #[arg(long, env = "SEED")]
    seed: Option<u64>,
    /// On a replica set and a RabbitMQ cluster of three each, which are harmed as well. `1` leaves
    /// MongoDB's elections as they usually are, `quick` lets them begin after 3 seconds.
    #[arg(long, env = "CLUSTER", num_args = 0..=1, default_missing_value = "1")]
    cluster: Option<Clusters>,
    /// How many senders texts leave from: 3, with rates, three users and texts of all classes; or 1.
    #[arg(long, env = "SENDERS", default_value = "3")]
    senders: Senders,
    /// Gets `torture.json`, and the logs in `torture/`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))]
    out: PathBuf,
    /// Only print the script.
    #[arg(long)]
    script: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Senders {
    #[value(name = "1")]
    One,
    #[value(name = "3")]
    Three,
}

#[derive(Clone, Copy, ValueEnum)]
enum Clusters {
    #[value(name = "1")]
    Usual,
    Quick,
}

impl From<Clusters> for Elections {
    fn from(clusters: Clusters) -> Self {
        match clusters {
            Clusters::Usual => Self::usual(),
            Clusters::Quick => Self::quick(),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    tortured(&flags).await.unwrap_or_else(|error| {
        say(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

async fn tortured(flags: &Flags) -> anyhow::Result<ExitCode> {
    let seed = flags
        .seed
        .unwrap_or_else(|| rand::random_range(1..1_000_000));
    let mut stdout = std::io::stdout();
    let options = Options {
        seed,
        messages: flags.messages,
        programs: Programs::beside_this_one()?,
        directory: flags.out.join("torture"),
        clusters: flags.cluster.map(Into::into),
        several_senders: matches!(flags.senders, Senders::Three),
    };
    if flags.script {
        write!(stdout, "{}", options.script())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let report = tokio::select! {
        report = run(&options, |line| say(&line)) => report?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
        _ = terminate.recv() => anyhow::bail!("terminated"),
    };
    let json = flags.out.join("torture.json");
    write(&json, &serde_json::to_vec_pretty(&report)?)?;
    write!(stdout, "\n{report}\n{}\n", json.display())?;
    Ok(ExitCode::from(u8::from(!report.is_clean())))
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn say(line: &str) {
    // A terminal that is gone is no reason to end.
    let _ = writeln!(std::io::stderr(), "{line}");
}
