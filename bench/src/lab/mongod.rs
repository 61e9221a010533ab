//! A MongoDB server of one's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use mongodb::Client;
use mongodb::bson::doc;
use tokio::time::{Instant, sleep};

use super::programs::services;
use super::{Launch, PATIENCE, PAUSE, Ready, Service, free_port};

/// Starts a MongoDB with its data under `directory`; tells its address, without a database.
///
/// It is a single server that keeps a journal: what was acknowledged to a writer that asked for the
/// journal survives `kill -9`.
pub fn mongod(directory: &Path) -> anyhow::Result<(Service, String)> {
    let port = free_port()?;
    let service = start_mongod(directory, "mongod", port, &[])?;
    Ok((service, format!("mongodb://127.0.0.1:{port}")))
}

/// Starts one that is the only member of a replica set, and returns when it is the primary.
///
/// What is asked of a replica set, as reading what a majority has, costs here what it costs there but
/// for the way to the other members.
pub(super) async fn replica_set_of_one(directory: &Path) -> anyhow::Result<(Service, String)> {
    let port = free_port()?;
    let mut service = start_mongod(directory, "mongod", port, &["--replSet", "alone"])?;
    service.wait_until_ready().await?;
    let uri = format!("mongodb://127.0.0.1:{port}");
    let client = Client::with_uri_str(format!("{uri}/?directConnection=true")).await?;
    let admin = client.database("admin");
    let member = doc! {"_id": 0, "host": format!("127.0.0.1:{port}")};
    let config = doc! {"_id": "alone", "members": [member]};
    admin.run_command(doc! {"replSetInitiate": config}).await?;
    let deadline = Instant::now() + PATIENCE;
    while !admin
        .run_command(doc! {"hello": 1})
        .await?
        .get_bool("isWritablePrimary")?
    {
        let late = "the only member does not become the primary";
        anyhow::ensure!(Instant::now() < deadline, late);
        sleep(PAUSE).await;
    }
    Ok((service, uri))
}

/// Starts one on `port` under a name of its own, with further arguments.
pub(super) fn start_mongod(
    directory: &Path,
    name: &str,
    port: u16,
    further: &[&str],
) -> anyhow::Result<Service> {
    let data = directory.join(name);
    std::fs::create_dir_all(&data)?;
    let (port, data) = (port.to_string(), data.to_string_lossy());
    let args = [
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--port",
        &port,
        "--dbpath",
        &data,
    ];
    let args = args.iter().chain(further);
    let launch = Launch {
        name: name.to_owned(),
        program: program()?.into(),
        args: args.map(|&arg| arg.to_owned()).collect(),
        environment: BTreeMap::new(),
        log: directory.join(format!("{name}.log")),
    };
    let itself = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
    Service::start(launch, Ready::Mongo(itself))
}

fn program() -> anyhow::Result<String> {
    let found = Command::new(services()).arg("mongod").output()?;
    let why = String::from_utf8_lossy(&found.stderr);
    anyhow::ensure!(found.status.success(), "there is no mongod: {why}");
    Ok(String::from_utf8(found.stdout)?.trim().to_owned())
}
