//! Brings the database up to date.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use migrations::{SchemaError, SchemaState, check, migrate};
use shared::clock::{Clock, SystemClock};
use shared::config::{Env, MongoConfig};
use shared::store::mongo::Mongo;
use shared::tls;

const EXIT_CODES: &str = "\
Exit codes:
  0  the database is up to date, or newer but compatible
  1  migrations are pending (--check only)
  2  the database was migrated by a newer version that this one cannot share it with
  3  it could not be found out or done: wrong flags or settings, no database, a migration failed

The environment variable MONGO_URI (or MONGO_URI_FILE) names the database.";

/// Makes or changes the collections and indexes that this version of the messenger needs.
///
/// It may be run while the messenger is running, again, and on several machines at once.
#[derive(Parser)]
#[command(name = "mysms-migrate", version, after_help = EXIT_CODES)]
struct Cli {
    /// Only tell whether there is something to do.
    #[arg(long)]
    check: bool,
}

/// What the exit code says.
#[derive(Clone, Copy)]
enum Verdict {
    UpToDate = 0,
    Pending = 1,
    TooNew = 2,
    NotDone = 3,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(verdict as u8)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and the version count as answers too, and are the only ones that are no mistake.
            let verdict = if answer.use_stderr() {
                Verdict::NotDone
            } else {
                Verdict::UpToDate
            };
            // Nobody is left to be told when this cannot be printed.
            let _ = answer.print();
            return verdict.into();
        }
    };
    let verdict = match run(&cli).await {
        Ok(verdict) => verdict,
        Err(error) => {
            let _ = writeln!(io::stderr(), "mysms-migrate: {error:#}");
            verdict_of(&error)
        }
    };
    verdict.into()
}

fn verdict_of(error: &anyhow::Error) -> Verdict {
    match error.downcast_ref() {
        Some(SchemaError::Ahead) => Verdict::TooNew,
        _ => Verdict::NotDone,
    }
}

async fn run(cli: &Cli) -> anyhow::Result<Verdict> {
    tls::install_provider();
    let mut env = Env::from_process();
    let config = MongoConfig::read(&mut env);
    let config = env.finish(config)?;
    let mongo = Mongo::connect(&config, 2)
        .await
        .context("connecting to the database")?;
    if cli.check {
        return tell_state(&check(mongo.database()).await?);
    }
    let applied = migrate(mongo.database(), SystemClock.now()).await?;
    for done in &applied {
        writeln!(io::stdout(), "applied migration {}: {}", done.id, done.name)?;
    }
    tell_state(&check(mongo.database()).await?)
}

fn tell_state(state: &SchemaState) -> anyhow::Result<Verdict> {
    let (text, verdict) = match state {
        SchemaState::Current => ("the database is up to date".to_owned(), Verdict::UpToDate),
        SchemaState::Ahead { compatible: true } => (
            "the database is newer than this program, and compatible".to_owned(),
            Verdict::UpToDate,
        ),
        SchemaState::Behind { missing } => (
            format!("migrations {missing:?} are pending"),
            Verdict::Pending,
        ),
        SchemaState::Ahead { compatible: false } => return Err(SchemaError::Ahead.into()),
    };
    writeln!(io::stdout(), "{text}")?;
    Ok(verdict)
}
