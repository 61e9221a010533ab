//! The processes, and what they cost at a moment.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use lab::{Programs, Proxy, free_port};
use mongodb::bson::{Document, doc};

use crate::messenger::{Setup, Stack};

const WORKERS: usize = 2;

/// The queue that jobs go through when nobody names another.
const QUEUE: &str = "mysms.send.v1";

/// A messenger whose provider is behind a door.
pub(super) struct Field {
    pub(super) stack: Stack,
    mongo: mongodb::Client,
    /// What the workers take for the provider's port.
    provider_port: u16,
    door: Option<Proxy>,
}

/// What everything costs at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauges {
    pub(super) api_kib: u64,
    /// The largest worker.
    pub(super) worker_kib: u64,
    pub(super) broker_kib: u64,
    /// Jobs in the queue.
    pub(super) jobs: u64,
    /// Documents inserted or updated since the database was started.
    pub(super) writes: u64,
}

impl fmt::Display for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb = |kib: u64| kib / 1024;
        let (api, worker, broker) = (mb(self.api_kib), mb(self.worker_kib), mb(self.broker_kib));
        let jobs = self.jobs;
        write!(
            f,
            "api {api} MB, worker {worker} MB, broker {broker} MB, {jobs} jobs"
        )
    }
}

impl Field {
    /// Starts everything; each process writes its log under `directory`.
    pub(super) async fn start(programs: &Programs, directory: &Path) -> anyhow::Result<Self> {
        let provider_port = free_port()?;
        let away = format!("http://127.0.0.1:{provider_port}");
        let setup = Setup {
            provider_url: Some(away),
            ..Setup::default()
        };
        let mut stack = Stack::start(programs, directory, setup).await?;
        for _ in 0..WORKERS {
            stack.add_worker().await?;
        }
        Ok(Self {
            mongo: mongodb::Client::with_uri_str(&stack.mongo_uri).await?,
            stack,
            provider_port,
            door: None,
        })
    }

    /// From now on the workers reach the provider.
    pub(super) async fn let_the_provider_in(&mut self) -> anyhow::Result<()> {
        let url = self.stack.provider.url();
        let (_, port) = url.rsplit_once(':').context("a provider with a port")?;
        let behind = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
        self.door = Some(Proxy::open(self.provider_port, vec![behind]).await?);
        Ok(())
    }

    pub(super) async fn gauges(&self) -> anyhow::Result<Gauges> {
        let usages = self.stack.usages()?;
        Ok(Gauges {
            api_kib: usages.api.resident_kib,
            worker_kib: usages.workers.resident_kib,
            broker_kib: usages.broker.resident_kib,
            jobs: self.stack.broker.jobs(QUEUE).await?,
            writes: self.writes().await?,
        })
    }

    async fn writes(&self) -> anyhow::Result<u64> {
        let admin = self.mongo.database("admin");
        let status = admin.run_command(doc! { "serverStatus": 1 }).await?;
        let counted: &Document = status.get_document("metrics")?.get_document("document")?;
        let of = |kind: &str| counted.get_i64(kind).map(i64::unsigned_abs);
        Ok(of("inserted")? + of("updated")?)
    }
}
