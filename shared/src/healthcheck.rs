//! Asks a process of ours whether it is alive, so that images need no tool for it.

use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

/// Why a process does not count as alive.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    #[error("{url} did not answer")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url} answered {status}")]
    Refused {
        url: String,
        status: reqwest::StatusCode,
    },
}

/// Asks `/healthz` of the process that listens on a loopback port of this machine.
pub async fn check(port: u16) -> Result<(), Unhealthy> {
    let url = format!("http://127.0.0.1:{port}/healthz");
    let unreachable = |source| Unhealthy::Unreachable {
        url: url.clone(),
        source,
    };
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .map_err(unreachable)?;
    let answer = client.get(&url).send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_success() {
        Ok(())
    } else {
        Err(Unhealthy::Refused { url, status })
    }
}
