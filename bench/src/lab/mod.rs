//! A messenger of one's own: every process of it, its servers included, on free loopback ports.
//!
//! Whatever is started here is ended when its value is dropped.

mod broker;
pub mod cluster;
mod door;
mod front_end;
mod inbound;
mod messenger;
mod mongod;
mod ports;
mod process;
mod programs;
mod service;
mod simulator;
mod stack;
mod usage;
mod whereabouts;

use std::time::Duration;

pub use broker::Broker;
pub use door::Door;
pub use front_end::{Account, Answer};
pub use inbound::InboundText;
pub use messenger::Messenger;
pub use mongod::mongod;
pub use ports::{free_broker_port, free_port};
pub use process::{Launch, Process};
pub use programs::Programs;
pub use service::{Ready, Service};
pub use simulator::{Entry, Provider, simulator};
pub use stack::{Stack, Usages};
pub use usage::Usage;
pub use whereabouts::Whereabouts;

/// Long enough for a busy machine to start a server; who waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Between two questions whether something has come about.
const PAUSE: Duration = Duration::from_millis(50);

/// An HTTP client whose requests end after `limit`.
pub fn http(limit: Duration) -> anyhow::Result<reqwest::Client> {
    // A second installation in the same process is refused, and the first one does.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(limit).no_proxy();
    Ok(client.build()?)
}
