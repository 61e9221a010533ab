//! The promise of the whole, tried on real servers.

mod brokers;
mod torture;
