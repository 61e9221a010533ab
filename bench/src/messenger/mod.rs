//! The messenger's own programs, as they run in production, and those who write to it.

mod inbound;
mod stack;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lab::{Launch, PATIENCE, Process, Programs, Ready, Service};

pub use inbound::InboundText;
pub use stack::{Setup, Stack, Usages};

/// Makes an empty directory for what a run writes; what an earlier one left in it is removed.
pub(crate) fn prepare(directory: &Path) -> anyhow::Result<()> {
    if directory.exists() {
        let name = directory.display();
        std::fs::remove_dir_all(directory).with_context(|| format!("cannot clear {name}"))?;
    }
    Ok(std::fs::create_dir_all(directory)?)
}

/// How the programs of one messenger are started: all with one environment, but for their ports.
#[derive(Debug, Clone)]
pub struct Messenger {
    programs: Programs,
    /// Gets a log of each process.
    directory: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Messenger {
    pub fn new(
        programs: &Programs,
        directory: impl Into<PathBuf>,
        environment: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let environment = environment.into_iter();
        Self {
            programs: programs.clone(),
            directory: directory.into(),
            environment: environment
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// Makes the schema; to be done before anything else is started.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let launch = self.launch("mysms-migrate", "migrate".to_owned())?;
        Process::start(&launch)?.succeed(PATIENCE).await
    }

    /// Has `mysms-api admin` do something; fails unless it does.
    pub async fn admin(&self, command: &[&str]) -> anyhow::Result<()> {
        let mut launch = self.launch("mysms-api", "admin".to_owned())?;
        let command = [&["admin"], command].concat();
        launch.args = command.into_iter().map(str::to_owned).collect();
        let done = Process::start(&launch)?.succeed(PATIENCE).await;
        done.with_context(|| format!("see {}: {}", launch.log.display(), launch.args.join(" ")))
    }

    /// Starts an API that listens on `port`; `name` is for its log.
    pub fn api(&self, name: String, port: u16) -> anyhow::Result<Service> {
        self.start("mysms-api", name, "PORT", port)
    }

    /// Starts a worker whose health is shown on `port`.
    pub fn worker(&self, name: String, port: u16) -> anyhow::Result<Service> {
        self.start("mysms-worker", name, "HEALTH_PORT", port)
    }

    fn start(
        &self,
        program: &str,
        name: String,
        variable: &str,
        port: u16,
    ) -> anyhow::Result<Service> {
        let mut launch = self.launch(program, name)?;
        let port = port.to_string();
        let ready = Ready::Http(format!("http://127.0.0.1:{port}/readyz"));
        launch.environment.insert(variable.to_owned(), port);
        Service::start(launch, ready)
    }

    fn launch(&self, program: &str, name: String) -> anyhow::Result<Launch> {
        Ok(Launch {
            program: self.programs.find(program)?,
            args: Vec::new(),
            environment: self.environment.clone(),
            log: self.directory.join(format!("{name}.log")),
            name,
        })
    }
}
