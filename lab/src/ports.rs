//! Ports that the system does not hand out by itself, so that a process can come back to its own.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;

/// As many as the longest of test suites takes.
const PORTS: Range<u16> = 18_000..25_000;

/// Below them, with the two thousand above that its brokers take as well.
const BROKER_PORTS: Range<u16> = 15_000..16_000;

/// What was handed out here, where nothing may listen yet.
static HANDED_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A port that nothing listens on.
pub fn free_port() -> anyhow::Result<u16> {
    search(PORTS, &[0])
}

/// A port for a broker, which also takes those a thousand and two thousand above it.
pub(crate) fn free_broker_port() -> anyhow::Result<u16> {
    search(BROKER_PORTS, &[0, 1000, 2000])
}

fn search(ports: Range<u16>, offsets: &[u16]) -> anyhow::Result<u16> {
    let mut handed_out = HANDED_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let free = |port: u16| {
        !handed_out.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    };
    let start = rand::random_range(ports.clone());
    let found = (start..ports.end)
        .chain(ports.start..start)
        .find(|port| offsets.iter().all(|offset| free(port + offset)))
        .context("no port is free")?;
    handed_out.extend(offsets.iter().map(|offset| found + offset));
    Ok(found)
}
