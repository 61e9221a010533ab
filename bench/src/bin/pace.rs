//! `make bench-pace`: tries what is promised of senders' rates, of classes, turns and forecasts.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bench::pace::{Options, Scale, run};
use clap::Parser;
use lab::Programs;
use tokio::time::Instant;

/// Lets senders with rates be busy, kills workers meanwhile, and reads the provider's book.
///
/// Exit codes: 0 all promises were kept, 1 one was not, 2 the run could not be carried out.
#[derive(Parser)]
#[command(name = "pace", version)]
struct Flags {
    /// Shorter, and without what needs much time.
    #[arg(long)]
    quick: bool,
    /// Gets `pace.json`, and the logs in `pace/`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    tried(&flags).await.unwrap_or_else(|error| {
        say(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

async fn tried(flags: &Flags) -> anyhow::Result<ExitCode> {
    let options = Options {
        programs: Programs::beside_this_one()?,
        directory: flags.out.join("pace"),
        scale: if flags.quick {
            Scale::QUICK
        } else {
            Scale::FULL
        },
    };
    let began = Instant::now();
    let progress = |line| say(&format!("{:>4} s  {line}", began.elapsed().as_secs()));
    let report = tokio::select! {
        report = run(&options, progress) => report?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    };
    let json = flags.out.join("pace.json");
    std::fs::write(&json, serde_json::to_vec_pretty(&report)?)
        .with_context(|| format!("cannot write {}", json.display()))?;
    write!(std::io::stdout(), "\n{report}\n{}\n", json.display())?;
    Ok(ExitCode::from(u8::from(!report.is_kept())))
}

fn say(line: &str) {
    // A terminal that is gone is no reason to end.
    let _ = writeln!(std::io::stderr(), "{line}");
}
