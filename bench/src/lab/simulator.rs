//! The provider: a simulator as a process of its own, and its control API.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use twilio_sim::Fault;

use super::{Launch, Programs, Ready, Service, free_port};

/// Starts a simulator whose book is a file under `directory`, so that it forgets no text when it is
/// killed; `settings` are further variables of its environment.
pub fn simulator(
    programs: &Programs,
    directory: &Path,
    settings: &[(&str, &str)],
) -> anyhow::Result<(Service, Provider)> {
    let port = free_port()?.to_string();
    let book = directory.join("provider.jsonl");
    let book = book.to_string_lossy();
    let own = [("SIM_PORT", &*port), ("SIM_LEDGER", &*book)];
    let environment: BTreeMap<_, _> = own
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let base = format!("http://127.0.0.1:{port}");
    let launch = Launch {
        name: "simulator".to_owned(),
        program: programs.find("twilio-sim")?,
        args: Vec::new(),
        environment,
        log: directory.join("simulator.log"),
    };
    let service = Service::start(launch, Ready::Http(format!("{base}/healthz")))?;
    let http = super::http(Duration::from_secs(10))?;
    Ok((service, Provider { http, base }))
}

/// A simulator's control API.
#[derive(Debug, Clone)]
pub struct Provider {
    http: Client,
    base: String,
}

/// A text in the provider's book.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    pub sid: String,
    pub to: String,
    pub body: String,
    pub status: twilio_sim::Status,
    pub error_code: Option<u32>,
    /// When it was accepted, RFC 3339.
    pub created: String,
}

#[derive(Deserialize)]
struct Stats {
    callbacks_pending: usize,
}

impl Provider {
    /// Where its API is.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Everything it ever accepted, oldest first.
    pub async fn book(&self) -> anyhow::Result<Vec<Entry>> {
        self.get("/sim/messages").await
    }

    /// How many callbacks it still has to send.
    pub async fn callbacks_pending(&self) -> anyhow::Result<usize> {
        let Stats { callbacks_pending } = self.get("/sim/stats").await?;
        Ok(callbacks_pending)
    }

    /// Adds a fault to its script, which it forgets when it is ended.
    pub async fn script(&self, fault: &Fault) -> anyhow::Result<()> {
        let request = self.http.post(format!("{}/sim/faults", self.base));
        request.json(fault).send().await?.error_for_status()?;
        Ok(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let request = self.http.get(format!("{}{path}", self.base));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
