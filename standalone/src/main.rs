//! `mysms`: the whole messenger as one process with nothing installed. The API, a worker, the ledger
//! in a SQLite file, the queue in memory and, unless it is told to use Twilio, a simulated provider.

mod banner;
mod config;
mod private;
mod secret;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::AppState;
use api::admin::{Admin, AdminPorts, Home};
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use mysms_core::clock::{Clock, SystemClock};
use mysms_core::ledger::Ledger;
use mysms_core::pace::SenderWatch;
use mysms_core::queue::{Announcements, LocalAnnouncements, LocalQueue, Queue};
use mysms_core::store::StoreError;
use mysms_core::stores::Stores;
use runtime::clock::WatchedClock;
use runtime::config::{DeliveryConfig, Env, ProviderConfig, Simulator, from_here, variables};
use runtime::exit::Exit;
use runtime::healthcheck;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::{self, Metrics, Service, Watched};
use runtime::operator::{AfterRestore, Since};
use secrecy::ExposeSecret;
use sqlite::Sqlite;
use tokio::net::TcpListener;
use twilio::{GLOSSARY, inbound_url};
use webhooks::Doorbell;
use worker::retry::Retry;
use worker::{Identity, Worker};

use crate::config::Config;

/// The allocator of the system took a sixth of the CPU time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Ids that wait in memory for the worker; what does not fit waits in the ledger.
const QUEUE_CAPACITY: usize = 10_000;

/// The whole messenger in one process: API, worker, SQLite and a simulated provider.
///
/// It is configured by environment variables; docs/configuration.md lists them.
#[derive(Parser)]
#[command(name = "mysms", version, after_help = Exit::table())]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the messenger on this machine's `PORT` whether it is alive
    Healthcheck,
    /// What operators do by hand, also while the messenger runs
    #[command(subcommand)]
    Admin(Admin),
    /// Send failed messages again, each as a new message that points to the old one
    ///
    /// A message is retried once, however often this is run; a retry that failed may itself be
    /// retried. Tells how many there are and asks before anything is done.
    Retry(Retry),
    /// Make a `DATA_DIR` that was restored from a backup safe, before the messenger starts
    ///
    /// What was waiting or being sent at the time of the backup may have been sent since. It is
    /// looked up in the provider's list, and sent only once two complete lists do not show it.
    AfterRestore {
        /// When the backup was begun, or earlier: a time such as 2026-01-31T12:00:00Z, or how long
        /// ago it was, such as 2h or 7d
        #[arg(long, value_name = "TIME")]
        since: Since,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// The usual port of the simulator.
const SIMULATOR_PORT: u16 = 4010;

/// The file of all messages and users, in `DATA_DIR`.
const LEDGER: &str = "mysms.sqlite3";

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    private::make_files_private();
    runtime::telemetry::init();
    runtime::tls::install_provider();
    let outcome = match flags.command {
        Some(Command::Healthcheck) => healthcheck().await,
        Some(Command::Admin(admin)) => administer(&admin).await,
        Some(Command::Retry(retry)) => send_again(&retry).await,
        Some(Command::AfterRestore { since, yes }) => after_restore(since, yes).await,
        None => run().await,
    };
    outcome
        .unwrap_or_else(|error| {
            tracing::error!("{error:#}");
            let exit = error.chain().find_map(exit_of);
            exit.unwrap_or(Exit::Failed)
        })
        .into()
}

fn exit_of(error: &(dyn Error + 'static)) -> Option<Exit> {
    match error.downcast_ref() {
        Some(StoreError::Later { .. }) => Some(Exit::SchemaTooNew),
        _ => Exit::of(error),
    }
}

async fn healthcheck() -> anyhow::Result<Exit> {
    let address = healthcheck::address(Env::from_process(), variables::PORT)?;
    healthcheck::check(address).await?;
    Ok(Exit::Done)
}

async fn after_restore(since: Since, yes: bool) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let data = env.text(variables::DATA_DIR);
    let delivery = DeliveryConfig::read(&mut env, None);
    let (data, delivery) = env.finish(data.zip(delivery))?;
    let data = Path::new(&data);
    require_ledger(data)?;
    // What it makes doubts of must not be sent meanwhile, and a file in use stays as it is.
    let _held = private::hold(data)?;
    let store = open_ledger(data).await?;
    let order = AfterRestore {
        since,
        yes,
        lease: delivery.lease(),
    };
    let ledger = Ledger::new(store.clone(), store.clone(), store.clone());
    let done = order.run(&ledger, &*store, SystemClock.now()).await;
    store.close().await;
    Ok(Exit::done_or_failed(done?))
}

async fn administer(admin: &Admin) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let data = env.text(variables::DATA_DIR);
    let delivery = DeliveryConfig::read(&mut env, None);
    let simulator = config::simulator(&env);
    let provider = if admin.needs_provider() {
        Home::read(&mut env, simulator).map(Some)
    } else {
        Some(None)
    };
    let config = || Some((data?, delivery?, provider?));
    let config = config();
    let (data, delivery, provider) = env.finish(config)?;
    require_ledger(Path::new(&data))?;
    let store = open_ledger(Path::new(&data)).await?;
    // A simulator within another process is set up by that, and has no fixed address.
    let outside = |provider: &&ProviderConfig| {
        !provider.simulated || matches!(simulator, Simulator::External)
    };
    let account = provider.as_ref().map(|(provider, _)| provider);
    let account = account.filter(outside);
    let checkup = account.map(|account| twilio::checkup(account, &delivery, Arc::new(SystemClock)));
    let ports = AdminPorts {
        stores: Stores::new(Arc::clone(&store)).erasing(delivery.erasing()),
        clock: Arc::new(SystemClock),
        glossary: GLOSSARY,
        lease: delivery.lease(),
        heard_after: SenderWatch::HEARD_AFTER,
        checkup: checkup.transpose()?,
        home: provider.map(|(_, home)| home),
    };
    let done = admin.run(&ports).await;
    store.close().await;
    Ok(done?)
}

async fn send_again(retry: &Retry) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let data = env.text(variables::DATA_DIR);
    let simulator = config::simulator(&env);
    let provider = ProviderConfig::read(&mut env, simulator);
    let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
    let config = || Some((data?, provider?, delivery?));
    let config = config();
    let (data, provider, delivery) = env.finish(config)?;
    require_ledger(Path::new(&data))?;
    let store = open_ledger(Path::new(&data)).await?;
    let stores = Stores::new(Arc::clone(&store));
    let done = retry.run(&stores, &provider, &delivery).await;
    store.close().await;
    done
}

async fn run() -> anyhow::Result<Exit> {
    runtime::telemetry::starting("mysms");
    let mut config = Config::read(Env::from_process())?;
    let data = config.data_dir.clone();
    let _held = config.held.take();
    let listener = listen(&config).await?;
    let address = listener.local_addr()?;
    let mut simulator = None;
    if config.embeds_simulator {
        let phones = listen_for_phones(config.simulator_port).await?;
        let provider = &mut config.provider;
        simulator = Some(start_simulator(phones, provider, &data, address)?);
    }
    let store = open_ledger(&data).await?;
    let lifecycle = Lifecycle::new();
    let grace = config.delivery.shutdown_grace;
    let banner = banner::text(address, &config.provider, simulator.as_ref());
    start(config, listener, Arc::clone(&store), &lifecycle).await?;
    banner::show(&banner);

    let exit = lifecycle.run_until_signal(grace).await;
    if let Some(simulator) = simulator {
        simulator.stop().await;
    }
    store.close().await;
    Ok(exit)
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(config.http.bind, config.http.port);
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set PORT to a free port"))
}

/// Where an open page with phones finds them again after a restart.
async fn listen_for_phones(port: Option<u16>) -> anyhow::Result<TcpListener> {
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match port {
        Some(port) => at(port).await,
        None => match at(SIMULATOR_PORT).await {
            Err(_) => at(0).await,
            listener => listener,
        },
    };
    listener.context("the simulator cannot listen; set SIMULATOR_PORT to a free port")
}

/// Starts the simulator beside the messenger, and points both at each other.
fn start_simulator(
    phones: TcpListener,
    provider: &mut ProviderConfig,
    data: &Path,
    address: SocketAddr,
) -> anyhow::Result<twilio_sim::Simulator> {
    let own = format!("http://{}", from_here(address.ip(), address.port()));
    // Nobody but this process needs to know it, and whoever did could answer in a handset's name.
    let token = secret::generate();
    let options = twilio_sim::Options {
        ledger: Some(data.join("simulator.jsonl")),
        auth_token: token.expose_secret().to_owned(),
        settings: twilio_sim::Settings {
            inbound_url: Some(inbound_url(&own)),
            ..twilio_sim::Settings::default()
        },
        ..twilio_sim::Options::default()
    };
    let simulator = twilio_sim::Simulator::on(phones, options)
        .context("the simulated provider cannot start")?;
    provider.credentials.secret = token.clone();
    provider.webhook_tokens = vec![token];
    provider.base_url = simulator.url().parse()?;
    provider.public_base_url = Some(own);
    provider.simulator_page = Some(simulator.phone_page().parse()?);
    Ok(simulator)
}

/// Fails where no messenger has run before: a command would do nothing, and say that it did.
fn require_ledger(data: &Path) -> anyhow::Result<()> {
    let name = data.display();
    let ledger = std::fs::metadata(data.join(LEDGER));
    anyhow::ensure!(
        ledger.is_ok_and(|file| file.len() > 0),
        "there is no ledger in {name}: set DATA_DIR to the directory of your messenger"
    );
    Ok(())
}

async fn open_ledger(data: &Path) -> anyhow::Result<Arc<Sqlite>> {
    let path = data.join(LEDGER);
    let store = Sqlite::open(&path).await;
    Ok(Arc::new(store.with_context(|| {
        format!("the data file {} cannot be opened", path.display())
    })?))
}

async fn start(
    config: Config,
    listener: TcpListener,
    store: Arc<Sqlite>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let clock = Arc::new(WatchedClock::start(config.delivery.quiet()));
    let stores = Stores::new(store).erasing(config.delivery.erasing());
    let metrics = Arc::new(Metrics::default());
    clock.watch(Arc::clone(&stores.upkeep), metrics.clone(), lifecycle);
    let queue: Arc<dyn Queue> = Arc::new(LocalQueue::new(QUEUE_CAPACITY));
    let announcements: Arc<dyn Announcements> = Arc::new(LocalAnnouncements::default());
    let provider = twilio::provider(&config.provider, &config.delivery, clock.clone())?;
    let poster = webhooks::poster(&config.webhooks, clock.clone())?;
    let bell = Doorbell::new(
        &poster,
        &stores,
        clock.clone(),
        &metrics,
        lifecycle,
        config.provider.public_base_url.as_deref(),
    );
    let tools = worker::Parts {
        stores: stores.clone(),
        queue: Arc::clone(&queue),
        announcements: Arc::clone(&announcements),
        bell: bell.clone(),
        provider,
        clock: clock.clone(),
        metrics: metrics.clone(),
        default_user: config.inbox.default_user.clone(),
        public_base_url: config.provider.public_base_url.clone(),
    };
    let sandbox = twilio::sandbox(clock.clone());
    worker::sandbox::start(&tools, sandbox, &config.delivery, lifecycle);
    worker::hooks::start(&tools, poster.clone(), lifecycle);
    let checkup = twilio::checkup(&config.provider, &config.delivery, clock.clone())?;
    let worker = Worker::new(
        tools,
        Identity::from(&config.provider),
        config.delivery.clone(),
        lifecycle.clone(),
    );
    if let Some(port) = config.metrics_port {
        let address = SocketAddr::new(config.http.bind, port);
        let watched = Watched {
            upkeep: Arc::clone(&stores.upkeep),
            queue: Arc::clone(&queue),
        };
        metrics::serve(
            address,
            Service::Standalone,
            watched,
            metrics.clone(),
            lifecycle,
        )
        .await?;
        worker.measure();
    }
    worker.examine(checkup);
    worker.start();
    let ports = api::Ports {
        stores,
        queue,
        announcements,
        callbacks: twilio::callbacks(&config.provider),
        media: twilio::media(&config.provider, config.media.largest)?,
        post: poster,
        bell,
        clock,
        metrics,
    };
    let settings = api::Settings {
        http: config.http,
        tokens: config.tokens,
        provider: config.provider,
        delivery: config.delivery,
        signup: config.signup,
        recipients: config.recipients,
        caps: config.caps,
        inbox: config.inbox,
        media: config.media,
        has_own_store: true,
    };
    let state = AppState::new(ports, settings, lifecycle.clone())?;
    lifecycle.spawn("api", api::serve(listener, state));
    Ok(())
}
