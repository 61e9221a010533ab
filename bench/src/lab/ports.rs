//! Ports that the system does not hand out by itself, so that a process can come back to its own.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context as _;

/// A port that nothing listens on.
pub fn free_port() -> anyhow::Result<u16> {
    search(10_000..14_000, &[0])
}

/// A port for a broker, which also takes those a thousand and two thousand above it.
pub fn free_broker_port() -> anyhow::Result<u16> {
    search(15_000..16_000, &[0, 1000, 2000])
}

fn search(ports: std::ops::Range<u16>, offsets: &[u16]) -> anyhow::Result<u16> {
    let free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let start = rand::random_range(ports.clone());
    (start..ports.end)
        .chain(ports.start..start)
        .find(|port| offsets.iter().all(|offset| free(port + offset)))
        .context("no port is free")
}
