//! What tests and measurements run against: servers, processes and a simulated provider of their
//! own, on free loopback ports.
//!
//! It knows the messenger only from outside, as a program and over HTTP, so that the tests of every
//! crate can use it. Whatever is started here is ended when its value is dropped.

mod account;
pub mod cluster;
mod mongod;
mod ports;
mod process;
mod programs;
mod proxy;
mod rabbitmq;
mod scratch;
mod service;
mod simulator;
mod waiting;

use std::time::Duration;

pub use account::{Account, Answer, Wish};
pub use mongod::Mongod;
pub use ports::free_port;
pub use process::{Launch, Process, Signal, Usage};
pub use programs::{Programs, services};
pub use proxy::Proxy;
pub use rabbitmq::{Broker, amqp_url};
pub use scratch::Scratch;
pub use service::{Ready, Service, Whereabouts};
pub use simulator::{Entry, File, Received, Simulator, simulator};
pub use waiting::{PATIENCE, eventually, until};

/// An HTTP client whose requests end after `limit`.
pub fn http(limit: Duration) -> anyhow::Result<reqwest::Client> {
    Ok(http_builder(limit).build()?)
}

fn http_builder(limit: Duration) -> reqwest::ClientBuilder {
    // A second installation in the same process is refused, and the first one does.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().timeout(limit).no_proxy()
}
