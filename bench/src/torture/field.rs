//! The whole messenger on the rack: every process, and the strikes that fall on them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, sleep_until};

use super::setting::{CLAIMS_ON_THE_WAY, JOBS_GATHER, LEASE, environment};
use super::strike::{APIS, Harm, Strike, Victim, WORKERS};
use crate::lab::{
    Broker, Door, Messenger, Programs, Provider, Service, free_broker_port, free_port, mongod,
    simulator,
};

/// All processes, each with a lock that is held by the strike that harms it.
pub(super) struct Field {
    apis: Vec<Mutex<Service>>,
    workers: Vec<Mutex<Service>>,
    simulator: Mutex<Simulator>,
    database: Mutex<Service>,
    broker: Mutex<Broker>,
    _door: Door,
    /// Where each API listens.
    pub(super) bases: Vec<String>,
    pub(super) provider: Provider,
    /// Where the ledger is.
    pub(super) mongo_uri: String,
}

struct Simulator {
    service: Service,
    /// Pauses of the provider add up to more than a lease allows when they follow each other too
    /// closely.
    rested_at: Instant,
}

impl Field {
    /// Starts everything; each process writes its log under `directory`.
    pub(super) async fn start(programs: &Programs, directory: &Path) -> anyhow::Result<Self> {
        let broker = Broker::start(free_broker_port()?);
        let (mut database, server) = mongod(directory)?;
        let (mut simulator, provider) = simulator(programs, directory, &[("SIM_STEP_MS", "50")])?;
        let ports: Vec<u16> = (0..APIS).map(|_| free_port()).collect::<Result<_, _>>()?;
        let address = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let door = Door::open(free_port()?, ports.iter().map(address).collect()).await?;
        simulator.wait_until_ready().await?;
        let (broker, database) = tokio::try_join!(broker, async {
            database.wait_until_ready().await?;
            Ok(database)
        })?;
        let mongo_uri = format!("{server}/torture");
        let addresses = [
            ("MONGO_URI", mongo_uri.clone()),
            ("AMQP_URL", broker.url()),
            ("TWILIO_API_BASE_URL", provider.url().to_owned()),
            ("PUBLIC_BASE_URL", door.url()),
        ];
        let environment = environment().into_iter().chain(addresses);
        let messenger = Messenger::new(programs, directory, environment);
        messenger.migrate().await?;
        let (mut apis, mut workers) = (Vec::new(), Vec::new());
        for (n, port) in ports.iter().enumerate() {
            apis.push(messenger.api(Victim::Api(n).to_string(), *port)?);
        }
        for n in 0..WORKERS {
            workers.push(messenger.worker(Victim::Worker(n).to_string(), free_port()?)?);
        }
        for service in apis.iter_mut().chain(&mut workers) {
            service.wait_until_ready().await?;
        }
        let bases = ports.iter().map(|port| format!("http://127.0.0.1:{port}"));
        Ok(Self {
            bases: bases.collect(),
            apis: apis.into_iter().map(Mutex::new).collect(),
            workers: workers.into_iter().map(Mutex::new).collect(),
            simulator: Mutex::new(Simulator {
                service: simulator,
                rested_at: Instant::now(),
            }),
            database: Mutex::new(database),
            broker: Mutex::new(broker),
            _door: door,
            provider,
            mongo_uri,
        })
    }

    /// Harms a process, once it is not being harmed already, and returns when it is back. `anew` is
    /// done before the provider is harmed again, if this has made it forget its script.
    pub(super) async fn strike(
        &self,
        strike: &Strike,
        anew: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let struck = match strike.victim {
            Victim::Broker => self.strike_broker(strike).await,
            Victim::Simulator => self.strike_simulator(strike, anew).await,
            Victim::Worker(n) if strike.harm == Harm::Strand => self.strand(n, strike.lasts).await,
            victim => harm(&mut *self.service(victim).await?, strike).await,
        };
        struck.with_context(|| strike.to_string())
    }

    /// How many processes ended although nobody ended them.
    pub(super) async fn crashes(&self) -> anyhow::Result<u32> {
        let mut crashes = 0;
        for service in self
            .apis
            .iter()
            .chain(&self.workers)
            .chain([&self.database])
        {
            let mut service = service.lock().await;
            service.revive().await?;
            crashes += service.ended_by_itself();
        }
        let mut simulator = self.simulator.lock().await;
        simulator.service.revive().await?;
        Ok(crashes + simulator.service.ended_by_itself())
    }

    async fn service(&self, victim: Victim) -> anyhow::Result<MutexGuard<'_, Service>> {
        let service = match victim {
            Victim::Api(n) => &self.apis[n],
            Victim::Worker(n) => &self.workers[n],
            Victim::Database => &self.database,
            Victim::Simulator | Victim::Broker => anyhow::bail!("{victim} has ways of its own"),
        };
        let mut service = service.lock().await;
        service.revive().await?;
        Ok(service)
    }

    async fn strike_simulator(
        &self,
        strike: &Strike,
        anew: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let mut simulator = self.simulator.lock().await;
        sleep_until(simulator.rested_at).await;
        simulator.service.revive().await?;
        harm(&mut simulator.service, strike).await?;
        simulator.rested_at = Instant::now() + LEASE;
        if strike.harm != Harm::Freeze {
            anew.await?;
        }
        Ok(())
    }

    async fn strike_broker(&self, strike: &Strike) -> anyhow::Result<()> {
        let broker = self.broker.lock().await;
        match strike.harm {
            Harm::Freeze => {
                broker.freeze().await?;
                sleep(strike.lasts).await;
                broker.thaw().await
            }
            Harm::Kill => {
                broker.kill().await?;
                sleep(strike.lasts).await;
                broker.revive().await
            }
            Harm::Restart | Harm::Strand => broker.replace().await,
        }
    }

    /// Lets a worker stand still just when its claims are being made: lets jobs gather before it,
    /// silences the database until nothing but claims is on the way, stops the worker, and lets the
    /// database go on.
    ///
    /// To stop a worker for so long at any other moment would not be fair: between the last look at
    /// the clock and the write of a request there is an instant that nothing can guard.
    async fn strand(&self, worker: usize, lasts: Duration) -> anyhow::Result<()> {
        let mut database = self.service(Victim::Database).await?;
        let mut worker = self.service(Victim::Worker(worker)).await?;
        worker.freeze()?;
        sleep(JOBS_GATHER).await;
        database.freeze()?;
        worker.thaw()?;
        sleep(CLAIMS_ON_THE_WAY).await;
        worker.freeze()?;
        database.thaw()?;
        drop(database);
        sleep(lasts).await;
        worker.thaw()
    }
}

async fn harm(service: &mut Service, strike: &Strike) -> anyhow::Result<()> {
    match strike.harm {
        Harm::Kill => service.kill(strike.lasts).await,
        Harm::Restart => service.restart().await,
        Harm::Freeze | Harm::Strand => {
            service.freeze()?;
            sleep(strike.lasts).await;
            service.thaw()
        }
    }
}
