use std::time::Duration;

use super::Env;
use super::variables::{
    ANSWERS_MB, ANSWERS_MB_PER_USER, CONNECTIONS_PER_ADDRESS, KEEP_ALIVE_SECONDS,
    SHUTDOWN_LAG_SECONDS, STREAMS_PER_ADDRESS,
};

const MEGABYTE: usize = 1024 * 1024;

/// How much of the API its clients may hold at a time, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityConfig {
    /// Connections of one client network; this machine's own are not counted.
    pub connections_per_address: usize,
    /// Event streams of one client network; this machine's own are not counted.
    pub streams_per_address: usize,
    /// Bytes of answers that one user has not read yet.
    pub answers_per_user: usize,
    /// Bytes of answers that all users together have not read yet.
    pub answers: usize,
    /// How long a connection may be idle.
    pub keep_alive: Duration,
    /// How long the API still takes requests when it is to stop.
    pub shutdown_lag: Duration,
}

impl CapacityConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let connections = env.number(CONNECTIONS_PER_ADDRESS, 1..=u32::MAX);
        let streams = env.number(STREAMS_PER_ADDRESS, 1..=u32::MAX);
        // A page of the longest texts has to fit in.
        let per_user = env.number(ANSWERS_MB_PER_USER, 8..=u32::MAX);
        let answers = env.number(ANSWERS_MB, 8..=u32::MAX);
        let keep_alive = env.number(KEEP_ALIVE_SECONDS, 1..=3600);
        let shutdown_lag = env.number(SHUTDOWN_LAG_SECONDS, 0..=600);
        let bytes = |megabytes: u32| (megabytes as usize).saturating_mul(MEGABYTE);
        Some(Self {
            connections_per_address: connections? as usize,
            streams_per_address: streams? as usize,
            answers_per_user: bytes(per_user?),
            answers: bytes(answers?),
            keep_alive: Duration::from_secs(keep_alive?),
            shutdown_lag: Duration::from_secs(shutdown_lag?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    #[test]
    fn the_defaults_suit_an_office_behind_one_address() {
        let expected = CapacityConfig {
            connections_per_address: 256,
            streams_per_address: 128,
            answers_per_user: 8 * MEGABYTE,
            answers: 48 * MEGABYTE,
            keep_alive: Duration::from_secs(75),
            shutdown_lag: Duration::ZERO,
        };
        assert_eq!(accepted(&[], CapacityConfig::read), expected);
    }

    #[test]
    fn what_would_serve_nobody_is_refused() {
        let pairs = [
            ("CONNECTIONS_PER_ADDRESS", "0"),
            ("STREAMS_PER_ADDRESS", "none"),
            ("ANSWERS_MB_PER_USER", "7"),
            ("ANSWERS_MB", "1"),
            ("KEEP_ALIVE_SECONDS", "0"),
            ("SHUTDOWN_LAG_SECONDS", "-1"),
        ];
        assert_eq!(refused(&pairs, CapacityConfig::read).len(), pairs.len());
    }
}
