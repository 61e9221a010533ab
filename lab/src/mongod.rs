//! A MongoDB server of one's own.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use mongodb::Client;
use mongodb::bson::doc;
use tempfile::TempDir;

use crate::{Launch, Ready, Service, free_port, services, until};

/// A private MongoDB, to which can be done what can be done to any service.
///
/// It keeps a journal: what was acknowledged to a writer that asked for the journal survives
/// `kill -9`.
#[derive(Debug)]
pub struct Mongod {
    service: Service,
    port: u16,
    data: PathBuf,
    /// Goes after the server.
    _directory: Option<TempDir>,
}

impl Mongod {
    /// Starts a single server, whose data go with it.
    pub async fn start() -> anyhow::Result<Self> {
        let directory = TempDir::new()?;
        let server = Self::start_in(directory.path()).await?;
        Ok(server.with(directory))
    }

    /// Starts a single server with its data under `directory`.
    pub async fn start_in(directory: &Path) -> anyhow::Result<Self> {
        Self::launch(directory, &[]).await
    }

    /// Starts one that is the only member of a replica set; its data go with it.
    pub async fn start_replica_set() -> anyhow::Result<Self> {
        let directory = TempDir::new()?;
        let server = Self::start_replica_set_in(directory.path()).await?;
        Ok(server.with(directory))
    }

    /// The same with its data under `directory`; returns when it is the primary.
    ///
    /// What is asked of a replica set, as reading what a majority has, costs here what it costs there
    /// but for the way to the other members.
    pub async fn start_replica_set_in(directory: &Path) -> anyhow::Result<Self> {
        let server = Self::launch(directory, &["--replSet", "alone"]).await?;
        let client = Client::with_uri_str(direct(server.port)).await?;
        let admin = client.database("admin");
        let member = doc! {"_id": 0, "host": format!("127.0.0.1:{}", server.port)};
        let config = doc! {"_id": "alone", "members": [member]};
        admin.run_command(doc! {"replSetInitiate": config}).await?;
        until("the only member is the primary", || async {
            let hello = admin.run_command(doc! {"hello": 1}).await;
            hello.is_ok_and(|hello| hello.get_bool("isWritablePrimary").unwrap_or(false))
        })
        .await?;
        Ok(server)
    }

    async fn launch(directory: &Path, further: &[&str]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut service = start_mongod(directory, "mongod", port, further).await?;
        service.wait_until_ready().await?;
        Ok(Self {
            service,
            port,
            data: directory.join("mongod"),
            _directory: None,
        })
    }

    fn with(self, directory: TempDir) -> Self {
        Self {
            _directory: Some(directory),
            ..self
        }
    }

    /// Its address, without a database.
    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    /// Where its files are.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

impl Deref for Mongod {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl DerefMut for Mongod {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.service
    }
}

/// Starts one on `port` under a name of its own, with further arguments.
pub(crate) async fn start_mongod(
    directory: &Path,
    name: &str,
    port: u16,
    further: &[&str],
) -> anyhow::Result<Service> {
    let data = directory.join(name);
    std::fs::create_dir_all(&data)?;
    let (number, data) = (port.to_string(), data.to_string_lossy());
    let args = [
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--port",
        &number,
        "--dbpath",
        &data,
    ];
    let args = args.iter().chain(further);
    let launch = Launch {
        name: name.to_owned(),
        program: services(&["mongod"]).await?.into(),
        args: args.map(|&arg| arg.to_owned()).collect(),
        environment: BTreeMap::new(),
        log: directory.join(format!("{name}.log")),
    };
    Service::start(launch, Ready::Mongo(direct(port)))
}

/// The address of a server itself, whatever set it is a member of.
pub(crate) fn direct(port: u16) -> String {
    format!("mongodb://127.0.0.1:{port}/?directConnection=true")
}
