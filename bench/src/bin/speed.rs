//! `make bench`: measures how fast the messenger is, beside what the bare drivers do here.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bench::speed::{Options, Part, Scale, run, svg, webhooks};
use clap::{Parser, ValueEnum};
use lab::Programs;
use mimalloc::MiMalloc;
use tokio::time::Instant;

/// As in ours, so that the ideal pipeline is none the worse for its allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures accepting, delivering, growth, the embedded mode and webhooks; checks that nothing is lost or sent
/// twice meanwhile.
///
/// Exit codes: 0 measured, 1 a text was lost or doubled, 2 the run could not be carried out.
#[derive(Parser)]
#[command(name = "speed", version)]
struct Flags {
    /// Short windows and small collections.
    #[arg(long)]
    quick: bool,
    /// Measures this alone, and writes it into a file of its own.
    #[arg(long)]
    only: Option<Only>,
    /// Gets `bench.json` and `bench.svg`, and the logs in `bench/`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))]
    out: PathBuf,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Webhooks,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let done = match flags.part {
        Some(part) => part.run().await.map(|()| ExitCode::SUCCESS),
        None => measured(&flags).await,
    };
    done.unwrap_or_else(|error| {
        say(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

async fn measured(flags: &Flags) -> anyhow::Result<ExitCode> {
    let options = Options {
        programs: Programs::beside_this_one()?,
        directory: flags.out.join("bench"),
        scale: if flags.quick {
            Scale::QUICK
        } else {
            Scale::FULL
        },
    };
    let began = Instant::now();
    let progress = |line| say(&format!("{:>4} s  {line}", began.elapsed().as_secs()));
    if let Some(Only::Webhooks) = flags.only {
        let figures = unless_interrupted(webhooks(&options, progress)).await?;
        let json = flags.out.join("bench-webhooks.json");
        write(&json, &serde_json::to_vec_pretty(&figures)?)?;
        write!(std::io::stdout(), "\n{figures}{}\n", json.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = unless_interrupted(run(&options, progress)).await?;
    let json = flags.out.join("bench.json");
    write(&json, &serde_json::to_vec_pretty(&report)?)?;
    write(&flags.out.join("bench.svg"), svg(&report).as_bytes())?;
    write!(std::io::stdout(), "\n{report}{}\n", json.display())?;
    Ok(ExitCode::from(u8::from(!report.is_sound())))
}

async fn unless_interrupted<T>(it: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        done = it => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    }
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

fn say(line: &str) {
    // A terminal that is gone is no reason to end.
    let _ = writeln!(std::io::stderr(), "{line}");
}
