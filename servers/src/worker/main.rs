//! `mysms-worker`: takes messages from RabbitMQ and MongoDB and sends them through the provider.

mod dead;
mod health;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use mysms_core::clock::SystemClock;
use mysms_core::queue::Queue;
use mysms_core::stores::Stores;
use rabbitmq::{RabbitAnnouncements, RabbitMq};
use runtime::clock::WatchedClock;
use runtime::config::{
    AmqpConfig, DeliveryConfig, Env, InboxConfig, MongoConfig, ProviderConfig, Simulator,
    WebhooksConfig, variables,
};
use runtime::exit::Exit;
use runtime::healthcheck;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::{self, Metrics, Service, Watched};
use tokio::net::TcpListener;
use webhooks::Doorbell;
use worker::retry::{self, Retry};
use worker::{Identity, Parts, Worker};

use crate::dead::Dead;
use crate::health::Health;

/// The allocator of the system took a sixth of the CPU time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Sends the messages that the API accepted.
///
/// It is configured by environment variables; docs/configuration.md lists them.
#[derive(Parser)]
#[command(name = "mysms-worker", version, after_help = Exit::table())]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Ask the worker on this machine's `HEALTH_PORT` whether it is alive
    Healthcheck,
    /// Look after the jobs that no worker could read
    #[command(subcommand)]
    Dead(Dead),
    /// Send failed messages again, each as a new message that points to the old one
    ///
    /// A message is retried once, however often this is run; a retry that failed may itself be
    /// retried. Tells how many there are and asks before anything is done.
    Retry(Retry),
}

struct Config {
    mongo: MongoConfig,
    amqp: AmqpConfig,
    provider: ProviderConfig,
    delivery: DeliveryConfig,
    webhooks: WebhooksConfig,
    inbox: InboxConfig,
    bind: IpAddr,
    health_port: Option<u16>,
    metrics_port: Option<u16>,
}

#[tokio::main]
async fn main() {
    let flags = Flags::parse();
    runtime::telemetry::init();
    runtime::tls::install_provider();
    let outcome = match flags.command {
        Some(Command::Healthcheck) => healthcheck().await,
        Some(Command::Dead(dead)) => dead.run().await,
        Some(Command::Retry(retry)) => send_again(&retry).await,
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
    runtime::telemetry::starting("mysms-worker");
    let config = Config::read(Env::from_process())?;
    for warning in config.delivery.warnings() {
        tracing::warn!("{warning}");
    }
    if config.provider.simulated {
        tracing::warn!(provider = %config.provider.base_url, "SIMULATED: no text is sent for real");
    }
    let clock = Arc::new(WatchedClock::start(config.delivery.quiet()));
    let store = migrations::open(&config.mongo, config.pool(), &*clock).await?;
    let stores = Stores::new(store).erasing(config.delivery.erasing());
    let lifecycle = Lifecycle::new();
    let metrics = Arc::new(Metrics::default());
    clock.watch(Arc::clone(&stores.upkeep), metrics.clone(), &lifecycle);
    let queue: Arc<dyn Queue> = Arc::new(RabbitMq::worker(&config.amqp, &lifecycle)?);
    let announcements = Arc::new(RabbitAnnouncements::hearing(&config.amqp, &lifecycle)?);
    let provider = twilio::provider(&config.provider, &config.delivery, clock.clone())?;
    let poster = webhooks::poster(&config.webhooks, clock.clone())?;
    let bell = Doorbell::new(
        &poster,
        &stores,
        clock.clone(),
        &metrics,
        &lifecycle,
        config.provider.public_base_url.as_deref(),
    );
    let parts = Parts {
        stores: stores.clone(),
        queue: Arc::clone(&queue),
        announcements: announcements.clone(),
        bell,
        provider,
        clock: clock.clone(),
        metrics: metrics.clone(),
        default_user: config.inbox.default_user,
        public_base_url: config.provider.public_base_url.clone(),
    };
    let checkup = twilio::checkup(&config.provider, &config.delivery, clock.clone())?;
    let sandbox = twilio::sandbox(clock.clone());
    worker::sandbox::start(&parts, sandbox, &config.delivery, &lifecycle);
    worker::hooks::start(&parts, poster, &lifecycle);
    let grace = config.delivery.shutdown_grace;
    let identity = Identity::from(&config.provider);
    let worker = Worker::new(parts, identity, config.delivery, lifecycle.clone());
    if let Some(port) = config.health_port {
        let address = SocketAddr::new(config.bind, port);
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address}; set HEALTH_PORT to a free port")
        })?;
        let health = Health {
            upkeep: Arc::clone(&stores.upkeep),
            queue: Arc::clone(&queue),
            clock: clock.clone(),
            status: worker.status(),
            lifecycle: lifecycle.clone(),
        };
        lifecycle.spawn("health", health::serve(listener, health));
    }
    if let Some(port) = config.metrics_port {
        let address = SocketAddr::new(config.bind, port);
        let watched = Watched {
            upkeep: stores.upkeep,
            queue: Arc::clone(&queue),
        };
        metrics::serve(address, Service::Worker, watched, metrics, &lifecycle).await?;
        worker.measure();
    }
    worker.examine(checkup);
    worker.start();
    let stop = lifecycle.soft();
    lifecycle.spawn("queue", async move {
        stop.cancelled().await;
        // From a claim on the lease stands for a job; those not yet claimed go back to the broker.
        queue.close(CLOSE_GRACE).await;
        Ok(())
    });
    tracing::info!("the worker has started");
    let exit = lifecycle.run_until_signal(grace).await;
    announcements.close(CLOSE_GRACE).await;
    Ok(exit)
}

/// How long the broker may take to let go.
const CLOSE_GRACE: std::time::Duration = std::time::Duration::from_secs(2);

async fn send_again(retry: &Retry) -> anyhow::Result<Exit> {
    let mut env = Env::from_process();
    let mongo = MongoConfig::read(&mut env);
    let provider = ProviderConfig::read(&mut env, Simulator::External);
    let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
    let config = || Some((mongo?, provider?, delivery?));
    let config = config();
    let (mongo, provider, delivery) = env.finish(config)?;
    let store = migrations::open(&mongo, retry::AT_ONCE, &SystemClock).await?;
    retry.run(&Stores::new(store), &provider, &delivery).await
}

async fn healthcheck() -> anyhow::Result<Exit> {
    let address = healthcheck::address(Env::from_process(), variables::HEALTH_PORT)?;
    healthcheck::check(address).await?;
    Ok(Exit::Done)
}

impl Config {
    fn read(mut env: Env) -> Result<Self, runtime::config::ConfigError> {
        let mongo = MongoConfig::read(&mut env);
        let amqp = AmqpConfig::read(&mut env);
        let provider = ProviderConfig::read(&mut env, Simulator::External);
        let delivery = DeliveryConfig::read(&mut env, provider.as_ref());
        let webhooks = WebhooksConfig::read(&mut env, provider.as_ref());
        let inbox = InboxConfig::read(&mut env);
        let bind = env.parsed(variables::BIND_ADDRESS, "an IP address", |text| {
            text.parse().ok()
        });
        let health_port = env.optional_port(variables::HEALTH_PORT);
        let metrics_port = env.optional_port(variables::METRICS_PORT);
        let config = || {
            Some(Self {
                mongo: mongo?,
                amqp: amqp?,
                provider: provider?,
                delivery: delivery?,
                webhooks: webhooks?,
                inbox,
                bind: bind?,
                health_port,
                metrics_port,
            })
        };
        let config = config();
        env.finish(config)
    }

    /// Connections to the database: settling is short, so a few serve many sends.
    fn pool(&self) -> u32 {
        u32::try_from(self.delivery.concurrency.div_ceil(4))
            .unwrap_or(u32::MAX)
            .clamp(8, 100)
    }
}
