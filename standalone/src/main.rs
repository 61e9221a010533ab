//! `mysms`: the whole messenger as one process with nothing installed. The API, a worker, the ledger
//! in a SQLite file, the queue in memory and, unless it is told to use Twilio, a simulated provider.

mod banner;
mod config;
mod secret;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::AppState;
use clap::Parser;
use shared::clock::{Clock, SystemClock};
use shared::config::{Env, ProviderConfig};
use shared::lifecycle::Lifecycle;
use shared::queue::{LocalQueue, Queue};
use shared::store::sqlite::Sqlite;
use tokio::net::TcpListener;
use twilio_sim::Simulator;
use worker::Worker;

use crate::config::Config;

/// Ids that wait in memory for the worker; what does not fit waits in the ledger.
const QUEUE_CAPACITY: usize = 10_000;

/// The whole messenger in one process: API, worker, SQLite and a simulated provider.
///
/// It is configured by environment variables; the README lists them.
#[derive(Parser)]
#[command(name = "mysms", version)]
struct Flags {}

#[tokio::main]
async fn main() -> ExitCode {
    let Flags {} = Flags::parse();
    shared::telemetry::init("mysms");
    shared::tls::install_provider();
    match run().await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<ExitCode> {
    let mut config = Config::read(Env::from_process())?;
    let data = config.data_dir.clone();
    let listener = listen(&config).await?;
    let address = listener.local_addr()?;
    let mut simulator = None;
    if config.embeds_simulator {
        simulator = Some(start_simulator(&mut config.provider, &data, address).await?);
    }
    let store = open_ledger(&data).await?;
    let lifecycle = Lifecycle::new();
    let grace = config.delivery.shutdown_grace;
    let banner = banner::text(address, &config.provider, simulator.as_ref());
    start(config, listener, Arc::clone(&store), &lifecycle)?;
    banner::show(&banner);

    let code = lifecycle.run_until_signal(grace).await;
    if let Some(simulator) = simulator {
        simulator.stop().await;
    }
    store.close().await;
    Ok(code)
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(config.http.bind, config.http.port);
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set PORT to a free port"))
}

/// Starts the simulator beside the messenger, and points both at each other.
async fn start_simulator(
    provider: &mut ProviderConfig,
    data: &Path,
    address: SocketAddr,
) -> anyhow::Result<Simulator> {
    let options = twilio_sim::Options {
        ledger: Some(data.join("simulator.jsonl")),
        ..twilio_sim::Options::default()
    };
    let simulator = Simulator::start(options)
        .await
        .context("the simulated provider cannot start")?;
    provider.base_url = simulator.url().parse()?;
    let own = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    provider.public_base_url = Some(format!("http://{own}"));
    Ok(simulator)
}

async fn open_ledger(data: &Path) -> anyhow::Result<Arc<Sqlite>> {
    let path = data.join("mysms.sqlite3");
    let store = Sqlite::open(&path).await;
    Ok(Arc::new(store.with_context(|| {
        format!("the data file {} cannot be opened", path.display())
    })?))
}

fn start(
    config: Config,
    listener: TcpListener,
    store: Arc<Sqlite>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let queue: Arc<dyn Queue> = Arc::new(LocalQueue::new(QUEUE_CAPACITY));
    let worker = Worker::new(
        worker::Parts {
            ledger: store.clone(),
            upkeep: store.clone(),
            senders: store.clone(),
            queue: Arc::clone(&queue),
            clock: Arc::clone(&clock),
        },
        config.provider.clone(),
        config.delivery.clone(),
        lifecycle.clone(),
    )?;
    worker.start();
    let ports = api::Ports {
        ledger: store.clone(),
        history: store.clone(),
        accounts: store.clone(),
        senders: store.clone(),
        upkeep: store,
        queue,
        clock,
    };
    let settings = api::Settings {
        http: config.http,
        tokens: config.tokens,
        provider: config.provider,
        delivery: config.delivery,
    };
    let state = AppState::new(ports, settings)?;
    lifecycle.spawn("api", api::serve(listener, state, lifecycle.clone()));
    Ok(())
}
