//! A messenger on servers of its own, with a simulated provider, as it runs in production.

use std::path::{Path, PathBuf};

use lab::{Broker, Mongod, Programs, Service, Simulator, Usage, free_port, simulator};

use super::Messenger;

/// One API, its servers and its provider; workers come when they are asked for.
pub struct Stack {
    /// Where the API is.
    pub api: String,
    pub provider: Simulator,
    pub broker: Broker,
    /// The database server, without a database.
    pub mongo_uri: String,
    api_service: Service,
    workers: Vec<Service>,
    _simulator: Service,
    database: Mongod,
    broker_pid: i32,
    messenger: Messenger,
    directory: PathBuf,
}

/// What a stack has beside what is usual.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Where the workers look for the provider; where it is, if nothing is said.
    pub provider_url: Option<String>,
    /// Further variables of the API and the workers.
    pub settings: Vec<(&'static str, String)>,
}

/// The name of the messenger's database.
const DATABASE: &str = "mysms";

/// What each part has cost so far; the workers together.
#[derive(Debug, Clone, Copy)]
pub struct Usages {
    pub api: Usage,
    pub workers: Usage,
    pub database: Usage,
    pub broker: Usage,
}

impl Usages {
    /// The CPU time of each part since an earlier look; the memory as it is now.
    #[must_use]
    pub fn since(mut self, earlier: &Self) -> Self {
        for (now, before) in [
            (&mut self.api, earlier.api),
            (&mut self.workers, earlier.workers),
            (&mut self.database, earlier.database),
            (&mut self.broker, earlier.broker),
        ] {
            now.cpu = now.cpu.saturating_sub(before.cpu);
        }
        self
    }
}

impl Stack {
    /// Starts all but the workers; each process writes its log under `directory`.
    pub async fn start(
        programs: &Programs,
        directory: &Path,
        setup: Setup,
    ) -> anyhow::Result<Self> {
        let database = Mongod::start_replica_set_in(directory).await?;
        let mongo_uri = database.uri();
        let (mut simulator, provider) = simulator(programs, directory, &[("SIM_STEP_MS", "0")])?;
        let broker = Broker::start().await?;
        simulator.wait_until_ready().await?;
        let port = free_port()?;
        let api = format!("http://127.0.0.1:{port}");
        let provider_url = setup.provider_url;
        let provider_url = provider_url.unwrap_or_else(|| provider.url().to_owned());
        let usual = [
            ("RUST_LOG", "warn".to_owned()),
            ("SMS_PROVIDER", "simulator".to_owned()),
            (
                "JWT_SECRET_KEY",
                "a secret that only this run knows, of enough bytes".to_owned(),
            ),
            ("MONGO_URI", format!("{mongo_uri}/{DATABASE}")),
            ("AMQP_URL", broker.url()),
            ("TWILIO_API_BASE_URL", provider_url),
            ("PUBLIC_BASE_URL", api.clone()),
            ("AUTH_ATTEMPTS_PER_MINUTE", "10000".to_owned()),
            ("ACCOUNT_ATTEMPTS_PER_MINUTE", "10000".to_owned()),
        ];
        let settings = usual.into_iter().chain(setup.settings);
        let messenger = Messenger::new(programs, directory, settings);
        messenger.migrate().await?;
        let mut api_service = messenger.api("api".to_owned(), port)?;
        api_service.wait_until_ready().await?;
        Ok(Self {
            api,
            provider,
            broker_pid: broker.pid().await?,
            broker,
            mongo_uri,
            api_service,
            workers: Vec::new(),
            _simulator: simulator,
            database,
            messenger,
            directory: directory.to_owned(),
        })
    }

    /// Starts one more worker.
    pub async fn add_worker(&mut self) -> anyhow::Result<()> {
        let name = format!("worker-{}", self.workers.len());
        let mut worker = self.messenger.worker(name, free_port()?)?;
        worker.wait_until_ready().await?;
        self.workers.push(worker);
        Ok(())
    }

    /// Ends all workers in good order.
    pub async fn end_workers(&mut self) -> anyhow::Result<()> {
        for worker in self.workers.drain(..) {
            worker.end().await?;
        }
        Ok(())
    }

    /// The workers, in the order in which they were started.
    pub fn workers(&mut self) -> &mut [Service] {
        &mut self.workers
    }

    /// Has the messenger's own command do something; fails unless it does.
    pub async fn admin(&self, command: &[&str]) -> anyhow::Result<()> {
        self.messenger.admin(command).await
    }

    pub fn usages(&self) -> anyhow::Result<Usages> {
        let mut workers = Usage::default();
        for worker in &self.workers {
            let usage = worker.usage()?;
            workers.cpu += usage.cpu;
            workers.resident_kib = workers.resident_kib.max(usage.resident_kib);
            workers.peak_kib = workers.peak_kib.max(usage.peak_kib);
        }
        Ok(Usages {
            api: self.api_service.usage()?,
            workers,
            database: self.database.usage()?,
            broker: Usage::of(self.broker_pid)?,
        })
    }

    /// The messenger's database, past the messenger.
    pub async fn database(&self) -> anyhow::Result<mongodb::Database> {
        let client = mongodb::Client::with_uri_str(&self.mongo_uri).await?;
        Ok(client.database(DATABASE))
    }

    /// Where logs and data are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}
