//! How a process of the messenger is configured, observed, started and stopped.

pub mod clock;
pub mod config;
pub mod exit;
pub mod healthcheck;
pub mod lifecycle;
pub mod metrics;
pub mod operator;
pub mod telemetry;
pub mod tls;
