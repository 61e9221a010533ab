//! `make backlog`: lets a backlog gather while the provider is away, and shows what it costs and how
//! it drains.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bench::backlog::{Options, run};
use clap::Parser;
use lab::Programs;

/// Gathers a backlog while the provider is away, and drains it.
///
/// Exit codes: 0 all is well, 1 something is not, 2 the run could not be carried out.
#[derive(Parser)]
#[command(name = "backlog", version)]
struct Flags {
    /// Texts that wait.
    #[arg(long, env = "MESSAGES", default_value_t = 200_000)]
    messages: usize,
    /// Gets `backlog.json`, and the logs in `backlog/`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    measured(&flags).await.unwrap_or_else(|error| {
        say(&format!("{error:#}"));
        ExitCode::from(2)
    })
}

async fn measured(flags: &Flags) -> anyhow::Result<ExitCode> {
    let options = Options {
        messages: flags.messages,
        programs: Programs::beside_this_one()?,
        directory: flags.out.join("backlog"),
    };
    let report = tokio::select! {
        report = run(&options, |line| say(&line)) => report?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    };
    let json = flags.out.join("backlog.json");
    std::fs::write(&json, serde_json::to_vec_pretty(&report)?)
        .with_context(|| format!("cannot write {}", json.display()))?;
    write!(std::io::stdout(), "\n{report}\n{}\n", json.display())?;
    Ok(ExitCode::from(u8::from(!report.is_fine())))
}

fn say(line: &str) {
    // A terminal that is gone is no reason to end.
    let _ = writeln!(std::io::stderr(), "{line}");
}
