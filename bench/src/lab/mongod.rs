//! A MongoDB server of one's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::programs::services;
use super::{Launch, Ready, Service, free_port};

/// Starts a MongoDB with its data under `directory`; tells its address, without a database.
///
/// It is a single server that keeps a journal: what was acknowledged to a writer that asked for the
/// journal survives `kill -9`.
pub fn mongod(directory: &Path) -> anyhow::Result<(Service, String)> {
    let port = free_port()?;
    let data = directory.join("mongo");
    std::fs::create_dir_all(&data)?;
    let args = [
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--port",
        &port.to_string(),
        "--dbpath",
        &data.to_string_lossy(),
    ];
    let launch = Launch {
        name: "mongod".to_owned(),
        program: program()?.into(),
        args: args.map(str::to_owned).into(),
        environment: BTreeMap::new(),
        log: directory.join("mongod.log"),
    };
    let uri = format!("mongodb://127.0.0.1:{port}");
    Ok((Service::start(launch, Ready::Mongo(uri.clone()))?, uri))
}

fn program() -> anyhow::Result<String> {
    let found = Command::new(services()).arg("mongod").output()?;
    let why = String::from_utf8_lossy(&found.stderr);
    anyhow::ensure!(found.status.success(), "there is no mongod: {why}");
    Ok(String::from_utf8(found.stdout)?.trim().to_owned())
}
