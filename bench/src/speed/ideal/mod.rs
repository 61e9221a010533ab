//! The least that a text must cost: a pipeline of bare drivers on the same servers, with the same load
//! and the same provider as ours, which does what cannot be left out and nothing else.
//!
//! For each text that is one insert into the same indexes, a place in a confirmed job of a quorum queue
//! that is consumed and acknowledged, a claim, three facts (accepted, sent, delivered), and four
//! exchanges over HTTP: the `POST`, the provider's, and two callbacks. Whatever comes together is one
//! command. Nobody is asked who they are, nothing is checked, found again, retried or shown.
//!
//! As with ours the API's part and the worker's part are processes of their own, so that what each
//! costs can be told and the load is not part of it.

mod api;
mod batches;
mod servers;
mod statements;
mod worker;

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Subcommand;
use futures_util::TryStreamExt as _;
use lab::{Launch, Process, Ready, Service, free_port};
use mongodb::bson::Document;
use mongodb::{Collection, IndexModel};

use super::Field;
use super::load::Target;
use crate::messenger::Usages;

pub use servers::Servers;

const PATIENCE: Duration = Duration::from_secs(30);

/// A part of the ideal pipeline: `speed` runs itself as each of them.
#[derive(Debug, Clone, Subcommand)]
pub enum Part {
    #[command(hide = true)]
    IdealApi(Servers),
    #[command(hide = true)]
    IdealWorker(Servers),
}

impl Part {
    /// Runs until it is killed, or fails.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::IdealApi(servers) => api::serve(servers).await,
            Self::IdealWorker(servers) => worker::work(servers).await,
        }
    }
}

/// The pipeline while it runs.
pub(super) struct Ideal {
    pub(super) target: Target,
    api: Service,
    worker: Process,
}

impl Ideal {
    /// Starts it on a field's servers; the texts are counted together with the field's.
    pub(super) async fn start(field: &Field) -> anyhow::Result<Self> {
        make_room(field).await?;
        let port = free_port()?;
        let base = format!("http://127.0.0.1:{port}");
        let worker = Process::start(&launch(field, "ideal-worker", port)?)?;
        let ready = Ready::Http(base.clone());
        let mut api = Service::start(launch(field, "ideal-api", port)?, ready)?;
        api.wait_until_ready().await?;
        Ok(Self {
            target: field.target.elsewhere(&base)?,
            api,
            worker,
        })
    }

    /// What its parts have cost so far, and the field's servers.
    pub(super) fn usages(&self, field: &Field) -> anyhow::Result<Usages> {
        Ok(Usages {
            api: self.api.usage()?,
            workers: self.worker.usage()?,
            ..field.stack.usages()?
        })
    }
}

/// Makes a collection with the indexes of ours, whichever those are.
async fn make_room(field: &Field) -> anyhow::Result<()> {
    let ours: Collection<Document> = field.stack.database().await?.collection("messages");
    let indexes: Vec<IndexModel> = ours.list_indexes().await?.try_collect().await?;
    let named = |index: &IndexModel| index.options.as_ref()?.name.clone();
    let besides_ids = |index: &IndexModel| named(index).is_none_or(|name| name != "_id_");
    let database = ours.client().database(servers::NAME);
    database.drop().await?;
    let messages = database.collection::<Document>("messages");
    let indexes = indexes.into_iter().filter(besides_ids);
    messages.create_indexes(indexes).await?;
    Ok(())
}

fn launch(field: &Field, name: &str, port: u16) -> anyhow::Result<Launch> {
    let args = [
        name,
        "--port",
        &port.to_string(),
        "--mongo",
        &field.stack.mongo_uri,
        "--amqp",
        &field.stack.broker.url(),
        "--provider",
        field.stack.provider.url(),
    ];
    Ok(Launch {
        name: name.to_owned(),
        program: std::env::current_exe()?,
        args: args.map(str::to_owned).to_vec(),
        environment: BTreeMap::new(),
        log: field.stack.directory().join(format!("{name}.log")),
    })
}
