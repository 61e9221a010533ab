//! What the API, the worker and the standalone binary have in common: the domain, the ports to the
//! ledger, the queue and the provider with their adapters, and the ways a process starts and stops.
//!
//! Modules depend on each other one way: `domain` on nothing, `store` and `queue` on `domain`,
//! `provider` on `domain` and `store`, `twilio` on `provider` and `config`, `wiring` alone on `twilio`,
//! and `config`, `lifecycle` and `telemetry` on none of the ports.

pub mod clock;
pub mod config;
pub mod domain;
pub mod exit;
pub mod healthcheck;
pub mod ledger;
pub mod lifecycle;
pub mod metrics;
pub mod operator;
#[cfg(test)]
mod properties;
pub mod provider;
pub mod queue;
pub mod schedule;
pub mod store;
pub mod stores;
pub mod telemetry;
pub mod tls;
pub mod twilio;
pub mod wiring;
