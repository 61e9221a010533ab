//! The whole messenger on the rack: every process, and the strikes that fall on them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use lab::cluster::Elections;
use lab::{Programs, Proxy, Service, Simulator, Usage, Whereabouts, free_port, simulator};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, sleep_until};

use super::outages::{Sample, now};
use super::senders::{Operator, SENDERS};
use super::servers::Servers;
use super::setting::{CLAIMS_ON_THE_WAY, JOBS_GATHER, LEASE, cluster_environment, environment};
use super::strike::{APIS, Harm, Strike, Victim, WORKERS};
use crate::messenger::Messenger;

/// All processes, each with a lock that is held by the strike that harms it.
pub(super) struct Field {
    apis: Vec<Mutex<Service>>,
    workers: Vec<Mutex<Service>>,
    simulator: Mutex<ProviderProcess>,
    /// Held while something is done to a sender, so that the others are there meanwhile.
    senders: Mutex<Operator>,
    pub(super) servers: Servers,
    /// Where the APIs and the workers can be seen while they are harmed.
    whereabouts: [Vec<Whereabouts>; 2],
    door: Proxy,
    /// Where each API listens.
    pub(super) bases: Vec<String>,
    pub(super) provider: Simulator,
    /// Where the ledger is.
    pub(super) mongo_uri: String,
}

/// The servers that a run has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Clusters, with such elections.
    pub(super) elections: Option<Elections>,
    /// Segments are counted.
    pub(super) counted: bool,
    /// There are several senders.
    pub(super) spread: bool,
}

/// Where the provider tells of what was written to us; it gives up soon.
const INBOUND: &str = "/webhooks/twilio/inbound#rc=1&rp=all&tt=1000";

struct ProviderProcess {
    service: Service,
    /// Pauses of the provider add up to more than a lease allows when they follow each other too
    /// closely.
    rested_at: Instant,
}

impl Field {
    /// Starts everything; each process writes its log under `directory`.
    pub(super) async fn start(
        programs: &Programs,
        directory: &Path,
        shape: Shape,
    ) -> anyhow::Result<Self> {
        let addresses = SENDERS.map(|sender| sender.address).join(",");
        let ports: Vec<u16> = (0..APIS).map(|_| free_port()).collect::<Result<_, _>>()?;
        let address = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let door = Proxy::open(free_port()?, ports.iter().map(address).collect()).await?;
        let inbound = format!("{}{INBOUND}", door.url());
        let settings = [
            ("SIM_STEP_MS", "50"),
            ("SIM_SENDERS", &*addresses),
            ("SIM_INBOUND_URL", &*inbound),
        ];
        let (mut simulator, provider) = simulator(programs, directory, &settings)?;
        let servers = Servers::start(directory, shape.elections).await?;
        simulator.wait_until_ready().await?;
        let mongo_uri = servers.mongo_uri();
        let mut environment = environment();
        if shape.elections.is_some() {
            environment.extend(cluster_environment(shape.counted));
        }
        environment.extend([
            ("MONGO_URI", mongo_uri.clone()),
            ("AMQP_URL", servers.amqp_url().await),
            ("TWILIO_API_BASE_URL", provider.url().to_owned()),
            ("PUBLIC_BASE_URL", door.url()),
        ]);
        let messenger = Messenger::new(programs, directory, environment);
        messenger.migrate().await?;
        let operator = Operator::new(&messenger);
        if shape.spread {
            operator.add_all().await?;
        }
        let (mut apis, mut workers) = (Vec::new(), Vec::new());
        for (n, port) in ports.iter().enumerate() {
            apis.push(messenger.api(Victim::Api(n).to_string(), *port)?);
        }
        for n in 0..WORKERS {
            workers.push(messenger.worker(Victim::Worker(n).to_string(), free_port()?)?);
        }
        for service in apis.iter_mut().chain(&mut workers) {
            servers.register(service.name(), service.whereabouts());
            service.wait_until_ready().await?;
        }
        let bases = ports.iter().map(|port| format!("http://127.0.0.1:{port}"));
        let seen = |services: &[Service]| services.iter().map(Service::whereabouts).collect();
        Ok(Self {
            bases: bases.collect(),
            whereabouts: [seen(&apis), seen(&workers)],
            apis: apis.into_iter().map(Mutex::new).collect(),
            workers: workers.into_iter().map(Mutex::new).collect(),
            simulator: Mutex::new(ProviderProcess {
                service: simulator,
                rested_at: Instant::now(),
            }),
            senders: Mutex::new(operator),
            servers,
            door,
            provider,
            mongo_uri,
        })
    }

    /// Where the provider finds the APIs.
    pub(super) fn public(&self) -> String {
        self.door.url()
    }

    /// The memory of the processes as it is now.
    pub(super) fn sample(&self) -> Sample {
        let [api, worker] = self.whereabouts.each_ref().map(|seen| {
            let running = seen.iter().filter_map(Whereabouts::pid);
            let usages = running.filter_map(|pid| Usage::of(pid).ok());
            usages.map(|usage| usage.resident_kib).max().unwrap_or(0)
        });
        Sample {
            at: now(),
            api,
            worker,
        }
    }

    /// Harms a process, once it is not being harmed already, and returns when it is back. `anew` is
    /// done before the provider is harmed again, if this has made it forget its script.
    pub(super) async fn strike(
        &self,
        strike: &Strike,
        anew: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let struck = match strike.victim {
            Victim::Simulator => self.strike_simulator(strike, anew).await,
            Victim::Worker(n) if strike.harm == Harm::Strand => self.strand(n, strike.lasts).await,
            Victim::Api(n) => harm(&mut *alive(&self.apis[n]).await?, strike).await,
            Victim::Worker(n) => harm(&mut *alive(&self.workers[n]).await?, strike).await,
            Victim::Sender(n) => self.senders.lock().await.strike(&SENDERS[n], strike).await,
            _ => self.servers.strike(strike, self.servers.turn().await).await,
        };
        struck.with_context(|| strike.to_string())
    }

    /// How many processes ended although nobody ended them.
    pub(super) async fn crashes(&self) -> anyhow::Result<u32> {
        let mut crashes = self.servers.crashes().await?;
        for service in self.apis.iter().chain(&self.workers) {
            crashes += alive(service).await?.ended_by_itself();
        }
        let mut simulator = self.simulator.lock().await;
        simulator.service.revive().await?;
        Ok(crashes + simulator.service.ended_by_itself())
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

    /// Lets a worker stand still just when its claims are being made: lets jobs gather before it,
    /// silences the database until nothing but claims is on the way, stops the worker, and lets the
    /// database go on.
    ///
    /// To stop a worker for so long at any other moment would not be fair: between the last look at
    /// the clock and the write of a request there is an instant that nothing can guard.
    async fn strand(&self, worker: usize, lasts: Duration) -> anyhow::Result<()> {
        let name = Victim::Worker(worker).to_string();
        let mut hush = self.servers.approach(name).await?;
        let mut worker = alive(&self.workers[worker]).await?;
        worker.freeze()?;
        sleep(JOBS_GATHER).await;
        hush.begin()?;
        worker.thaw()?;
        sleep(CLAIMS_ON_THE_WAY).await;
        worker.freeze()?;
        hush.end()?;
        sleep(lasts).await;
        worker.thaw()
    }
}

/// A process that nothing else is being done to.
async fn alive(service: &Mutex<Service>) -> anyhow::Result<MutexGuard<'_, Service>> {
    let mut service = service.lock().await;
    service.revive().await?;
    Ok(service)
}

/// Does to a process what can be done to any.
pub(super) async fn harm(service: &mut Service, strike: &Strike) -> anyhow::Result<()> {
    match strike.harm {
        Harm::Kill => service.kill_for(strike.lasts).await,
        Harm::Restart => service.restart().await,
        _ => {
            service.freeze()?;
            sleep(strike.lasts).await;
            service.thaw()
        }
    }
}
