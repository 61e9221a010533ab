//! Brings the database up to date.

use std::io::{self, Write};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use migrations::{SchemaError, SchemaState, check, migrate};
use mongo::Mongo;
use mysms_core::clock::{Clock, SystemClock};
use mysms_core::stores::Stores;
use runtime::config::{DeliveryConfig, Env, MongoConfig};
use runtime::exit::Exit;
use runtime::operator::{AfterRestore, Since};
use runtime::tls;

/// Makes or changes the collections and indexes that this version of the messenger needs.
///
/// It may be run while the messenger is running, again, and on several machines at once.
/// The environment variable `MONGO_URI` (or `MONGO_URI_FILE`) names the database.
#[derive(Parser)]
#[command(name = "mysms-migrate", version, after_help = Exit::table())]
struct Cli {
    /// Only tell whether there is something to do
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The same as --check
    Healthcheck,
    /// Make a ledger that was restored from a backup safe, before any worker starts
    ///
    /// What was waiting or being sent at the time of the backup may have been sent since. It becomes
    /// a doubt: the workers look for it in the provider's list, and send it only once two complete
    /// lists do not show it. Messages scheduled for later keep waiting. It may be run again.
    ///
    /// It reads `START_WINDOW_SECONDS`, `PROVIDER_TIMEOUT_SECONDS` and `PROVIDER_QUIET_SECONDS` as the
    /// workers do: they say when the provider has settled what was under way.
    AfterRestore {
        /// When the backup was begun, or earlier: a time such as 2026-01-31T12:00:00Z, or how long
        /// ago it was, such as 2h or 7d. The lists are searched from then on
        #[arg(long, value_name = "TIME")]
        since: Since,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let cli = Cli::parse();
    run(&cli)
        .await
        .unwrap_or_else(|error| {
            // Nobody is left to be told when this cannot be printed.
            let _ = writeln!(io::stderr(), "mysms-migrate: {error:#}");
            migrations::exit(&error)
        })
        .leave()
}

async fn run(cli: &Cli) -> anyhow::Result<Exit> {
    tls::install_provider();
    if let Some(Command::AfterRestore { since, yes }) = cli.command {
        return after_restore(since, yes).await;
    }
    let mut env = Env::from_process();
    let config = MongoConfig::read(&mut env);
    let config = env.finish(config)?;
    let mongo = Mongo::connect(&config, 2)
        .await
        .context("connecting to the database")?;
    if cli.check || cli.command.is_some() {
        return tell_state(&check(mongo.database()).await?);
    }
    let applied = migrate(mongo.database(), SystemClock.now()).await?;
    for done in &applied {
        writeln!(io::stdout(), "applied migration {}: {}", done.id, done.name)?;
    }
    let is_new = applied.first().is_some_and(|first| first.id == 1);
    if !is_new && applied.iter().any(|done| done.begins_major) {
        writeln!(
            io::stdout(),
            "Programs of earlier versions cannot share the database any more; stop those that still run."
        )?;
    }
    tell_state(&check(mongo.database()).await?)
}

async fn after_restore(since: Since, yes: bool) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let mongo = MongoConfig::read(&mut env);
    let delivery = DeliveryConfig::read(&mut env, None);
    let (mongo, delivery) = env.finish(mongo.zip(delivery))?;
    let clock = SystemClock;
    let store = migrations::open(&mongo, 2, &clock).await?;
    let order = AfterRestore {
        since,
        yes,
        lease: delivery.lease(),
    };
    let stores = Stores::new(store);
    let done = order
        .run(&stores.ledger, &*stores.acts, clock.now())
        .await?;
    Ok(Exit::done_or_failed(done))
}

fn tell_state(state: &SchemaState) -> anyhow::Result<Exit> {
    let (text, exit) = match state {
        SchemaState::Current => ("the database is up to date".to_owned(), Exit::Done),
        SchemaState::Ahead { compatible: true } => (
            "the database is newer than this program, and compatible".to_owned(),
            Exit::Done,
        ),
        SchemaState::Behind { missing } => (
            format!("migrations {missing:?} are pending"),
            Exit::SchemaBehind,
        ),
        SchemaState::Ahead { compatible: false } => return Err(SchemaError::Ahead.into()),
    };
    writeln!(io::stdout(), "{text}")?;
    Ok(exit)
}
