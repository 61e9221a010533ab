//! `mysms-api`: the HTTP API over MongoDB and RabbitMQ.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::admin::{Admin, AdminPorts, Home};
use api::{AppState, Ports, Settings};
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use mysms_core::clock::{Clock, SystemClock};
use mysms_core::pace::SenderWatch;
use mysms_core::queue::Queue;
use mysms_core::stores::Stores;
use rabbitmq::{RabbitAnnouncements, RabbitMq};
use runtime::clock::WatchedClock;
use runtime::config::{
    AmqpConfig, CapsConfig, ConfigError, CorsOrigins, DeliveryConfig, Env, HttpConfig, InboxConfig,
    MediaConfig, MongoConfig, ProviderConfig, RecipientsConfig, SignUpMode, Simulator, TokenConfig,
    WebhooksConfig, check_shutdown, from_here, variables,
};
use runtime::exit::Exit;
use runtime::healthcheck;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::{self, Metrics, Service, Watched};
use tokio::net::TcpListener;
use twilio::GLOSSARY;
use webhooks::Doorbell;

/// The allocator of the system took a sixth of the CPU time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long the broker may take to take what is left and to let go.
const CLOSE_GRACE: Duration = Duration::from_secs(5);

/// Connections to the database.
const POOL: u32 = 64;

/// The HTTP API: accounts, messages and the provider's callbacks.
///
/// It is configured by environment variables; docs/configuration.md lists them.
#[derive(Parser)]
#[command(name = "mysms-api", version, after_help = Exit::table())]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the API on this machine's `PORT` whether it is alive
    Healthcheck,
    /// What operators do by hand
    ///
    /// It needs `MONGO_URI` and, to count doubts, the delivery times of the workers; `senders` and `twilio`
    /// also the provider's variables.
    #[command(subcommand)]
    Admin(Admin),
}

struct Config {
    settings: Settings,
    metrics_port: Option<u16>,
    webhooks: WebhooksConfig,
    mongo: MongoConfig,
    amqp: AmqpConfig,
}

#[tokio::main]
async fn main() {
    let flags = Flags::parse();
    runtime::telemetry::init();
    runtime::tls::install_provider();
    let outcome = match flags.command {
        Some(Command::Healthcheck) => healthcheck().await,
        Some(Command::Admin(admin)) => administer(&admin).await,
        None => run().await,
    };
    outcome
        .unwrap_or_else(|error| {
            tracing::error!("{error:#}");
            migrations::exit(&error)
        })
        .leave()
}

async fn run() -> anyhow::Result<Exit> {
    runtime::telemetry::starting("mysms-api");
    let Config {
        settings,
        metrics_port,
        webhooks,
        mongo,
        amqp,
    } = Config::read(Env::from_process())?;
    let provider = &settings.provider;
    if provider.simulated {
        tracing::warn!(provider = %provider.base_url, "SIMULATED: no text is sent for real");
    }
    let address = SocketAddr::new(settings.http.bind, settings.http.port);
    let grace = settings.delivery.shutdown_grace;
    let clock = Arc::new(WatchedClock::start(settings.delivery.quiet()));
    let stores = Stores::new(migrations::open(&mongo, POOL, &*clock).await?)
        .erasing(settings.delivery.erasing());
    let lifecycle = Lifecycle::new();
    let metrics = Arc::new(Metrics::default());
    clock.watch(Arc::clone(&stores.upkeep), metrics.clone(), &lifecycle);
    let queue: Arc<dyn Queue> = Arc::new(RabbitMq::publisher(&amqp, &lifecycle)?);
    let announcements = Arc::new(RabbitAnnouncements::hearing(&amqp, &lifecycle)?);
    if let Some(port) = metrics_port {
        let watched = Watched {
            upkeep: Arc::clone(&stores.upkeep),
            queue: Arc::clone(&queue),
        };
        let address = SocketAddr::new(settings.http.bind, port);
        metrics::serve(address, Service::Api, watched, metrics.clone(), &lifecycle).await?;
    }
    let poster = webhooks::poster(&webhooks, clock.clone())?;
    let bell = Doorbell::new(
        &poster,
        &stores,
        clock.clone(),
        &metrics,
        &lifecycle,
        settings.provider.public_base_url.as_deref(),
    );
    let ports = Ports {
        stores,
        queue: Arc::clone(&queue),
        announcements: announcements.clone(),
        callbacks: twilio::callbacks(&settings.provider),
        media: twilio::media(&settings.provider, settings.media.largest)?,
        post: poster,
        bell,
        clock,
        metrics,
    };
    let state = AppState::new(ports, settings, lifecycle.clone())?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set PORT to a free port"))?;
    let address = listener.local_addr()?;
    let url = format!("http://{}", from_here(address.ip(), address.port()));
    tracing::info!(%address, url, "the API listens");
    let served = api::serve(listener, state);
    lifecycle.spawn("api", async move {
        served.await?;
        // No request is left that could offer anything more.
        queue.close(CLOSE_GRACE).await;
        Ok(())
    });
    let exit = lifecycle.run_until_signal(grace).await;
    announcements.close(CLOSE_GRACE).await;
    Ok(exit)
}

async fn administer(admin: &Admin) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let mongo = MongoConfig::read(&mut env);
    let delivery = DeliveryConfig::read(&mut env, None);
    let provider = if admin.needs_provider() {
        Home::read(&mut env, Simulator::External).map(Some)
    } else {
        Some(None)
    };
    let config = || Some((mongo?, delivery?, provider?));
    let config = config();
    let (mongo, delivery, provider) = env.finish(config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let stores =
        Stores::new(migrations::open(&mongo, 2, &*clock).await?).erasing(delivery.erasing());
    let checkup = provider.as_ref();
    let checkup = checkup.map(|(provider, _)| twilio::checkup(provider, &delivery, clock.clone()));
    let ports = AdminPorts {
        stores,
        clock,
        glossary: GLOSSARY,
        lease: delivery.lease(),
        heard_after: SenderWatch::HEARD_AFTER,
        checkup: checkup.transpose()?,
        home: provider.map(|(_, home)| home),
    };
    Ok(admin.run(&ports).await?)
}

async fn healthcheck() -> anyhow::Result<Exit> {
    let address = healthcheck::address(Env::from_process(), variables::PORT)?;
    healthcheck::check(address).await?;
    Ok(Exit::Done)
}

impl Config {
    fn read(mut env: Env) -> Result<Self, ConfigError> {
        let http = HttpConfig::read(&mut env, CorsOrigins::None);
        let tokens = TokenConfig::read(&mut env);
        let provider = ProviderConfig::read(&mut env, Simulator::External);
        let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
        check_shutdown(&mut env, http.as_ref(), delivery.as_ref());
        let signup = SignUpMode::read(&mut env, provider.as_ref());
        let recipients = RecipientsConfig::read(&mut env, provider.as_ref());
        let caps = CapsConfig::read(&mut env, provider.as_ref(), recipients.as_ref());
        let webhooks = WebhooksConfig::read(&mut env, provider.as_ref());
        let inbox = InboxConfig::read(&mut env);
        let media = MediaConfig::read(&mut env);
        let mongo = MongoConfig::read(&mut env);
        let amqp = AmqpConfig::read(&mut env);
        let metrics_port = env.optional_port(variables::METRICS_PORT);
        let config = || {
            Some(Self {
                settings: Settings {
                    http: http?,
                    tokens: tokens?,
                    provider: provider?,
                    delivery: delivery?,
                    signup: signup?,
                    recipients: recipients?,
                    caps: caps?,
                    inbox,
                    media: media?,
                    has_own_store: false,
                },
                metrics_port,
                webhooks: webhooks?,
                mongo: mongo?,
                amqp: amqp?,
            })
        };
        let config = config();
        env.finish(config)
    }
}
