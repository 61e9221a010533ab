//! Asks a process of ours whether it is alive, so that images need no tool for it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::config::{ConfigError, Env, Variable, from_here, variables};

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

/// Where the process of this machine is that listens on the port that `variable` names.
pub fn address(mut env: Env, variable: Variable) -> Result<SocketAddr, ConfigError> {
    let bind = env.parsed(variables::BIND_ADDRESS, "an IP address", |text| {
        text.parse().ok()
    });
    let port = env.number(variable, 1..=u16::MAX);
    let address = bind.zip(port).map(|(bind, port)| from_here(bind, port));
    env.finish(address)
}

/// Asks `/healthz` of the process that listens there.
pub async fn check(address: SocketAddr) -> Result<(), Unhealthy> {
    let url = format!("http://{address}/healthz");
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
