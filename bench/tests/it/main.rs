//! The promise of the whole, tried on real servers.

mod brokers;
mod cluster;
mod pace;
mod torture;

/// Held by one test at a time: with the processes of two of them on it a machine keeps no times.
static MACHINE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
