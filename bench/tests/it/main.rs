//! The promise of the whole, tried on real servers.

mod brokers;
mod cluster;
mod torture;
