//! The provider: a simulator as a process of its own, and its control API.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
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
    Ok((service, Provider { base }))
}

/// Requests to the control API at once.
const AT_ONCE: usize = 8;

/// A simulator's control API.
#[derive(Debug, Clone)]
pub struct Provider {
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

impl Entry {
    /// The same in milliseconds since 1970.
    pub fn accepted_at(&self) -> Option<i64> {
        let time = mongodb::bson::DateTime::parse_rfc3339_str(&self.created).ok()?;
        Some(time.timestamp_millis())
    }
}

#[derive(Deserialize)]
struct Stats {
    accepted: usize,
    callbacks_delivered: usize,
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
        Ok(self.stats().await?.callbacks_pending)
    }

    /// How many texts it has accepted since it was started.
    pub async fn accepted(&self) -> anyhow::Result<usize> {
        Ok(self.stats().await?.accepted)
    }

    /// How many of its callbacks were answered well since it was started.
    pub async fn callbacks_delivered(&self) -> anyhow::Result<usize> {
        Ok(self.stats().await?.callbacks_delivered)
    }

    /// From now on it answers every request to send only after so long.
    pub async fn delay_answers(&self, ms: u32) -> anyhow::Result<()> {
        let http = Self::http()?;
        let url = format!("{}/sim/faults", self.base);
        http.delete(&url).send().await?.error_for_status()?;
        if ms > 0 {
            let fault = serde_json::json!({"fault": {"kind": "delay_answer", "ms": ms}});
            let request = http.post(&url).json(&fault);
            request.send().await?.error_for_status()?;
        }
        Ok(())
    }

    async fn stats(&self) -> anyhow::Result<Stats> {
        self.get("/sim/stats").await
    }

    /// Adds faults to its script, which it forgets when it is ended. Only those of one list are sure
    /// to be in their order.
    pub async fn script(&self, faults: Vec<Vec<Fault>>) -> anyhow::Result<()> {
        let http = Self::http()?;
        let url = format!("{}/sim/faults", self.base);
        let posts = stream::iter(faults).map(|faults| {
            let (http, url) = (http.clone(), url.clone());
            async move {
                for fault in faults {
                    let request = http.post(&url).json(&fault);
                    request.send().await?.error_for_status()?;
                }
                anyhow::Ok(())
            }
        });
        posts.buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let request = Self::http()?.get(format!("{}{path}", self.base));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// A fresh client, because a connection kept from before the provider was ended would fail.
    fn http() -> anyhow::Result<Client> {
        super::http(Duration::from_secs(10))
    }
}
