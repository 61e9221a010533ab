//! What a run came to, for people and for machines.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::FRESH;
use super::field::Gauges;

/// The most that a process of ours may take, whatever waits.
const MEMORY_LIMIT_MB: u64 = 64;

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    pub waiting: usize,
    pub accept_per_s: f64,
    pub drain_per_s: f64,
    /// Of the older half of the backlog, the share that went before the younger half.
    pub older_first: f64,
    /// Of the texts that still waited when a fresh one was sent, the share that went before it.
    pub before_fresh: f64,
    /// Documents written in a second while all waited and nothing came.
    pub idle_writes_per_s: f64,
    pub api_peak_mb: u64,
    pub worker_peak_mb: u64,
    pub broker_peak_mb: u64,
    pub jobs_peak: u64,
    pub lost: usize,
    pub doubled: usize,
}

/// What the provider's book says about how the backlog went.
pub(super) struct Draining {
    pub(super) per_s: f64,
    pub(super) older_first: f64,
    pub(super) before_fresh: f64,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}

impl Draining {
    /// Reads the bodies that the provider took, in order: the numbers below `messages`, in whose
    /// order they were sent, and a fresh one that was sent when it had taken `fresh_sent_after`.
    pub(super) fn read(
        bodies: &[&str],
        messages: usize,
        took: Duration,
        fresh_sent_after: Option<usize>,
    ) -> Self {
        let numbers: Vec<usize> = bodies.iter().filter_map(|body| body.parse().ok()).collect();
        let half = messages / 2;
        let early = numbers.iter().take(half).filter(|n| **n < half).count();
        let distinct: BTreeSet<_> = bodies.iter().collect();
        let expected = messages + usize::from(fresh_sent_after.is_some());
        let fresh = bodies.iter().position(|body| *body == FRESH);
        let before_fresh = match (fresh, fresh_sent_after) {
            (Some(place), Some(sent)) if sent < messages => {
                ratio(place.saturating_sub(sent), messages - sent)
            }
            _ => 1.0,
        };
        Self {
            per_s: ratio(bodies.len(), 1) / took.as_secs_f64(),
            older_first: ratio(early, half.max(1)),
            before_fresh,
            lost: expected - distinct.len().min(expected),
            doubled: bodies.len() - distinct.len(),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "these are counts of texts, far below 2^52"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

impl Report {
    pub(super) fn new(
        waiting: usize,
        gathered: Duration,
        idle_writes_per_s: f64,
        gauges: &[Gauges],
        drained: &Draining,
    ) -> Self {
        let peak = |of: fn(&Gauges) -> u64| gauges.iter().map(of).max().unwrap_or_default();
        Self {
            waiting,
            accept_per_s: ratio(waiting, 1) / gathered.as_secs_f64(),
            drain_per_s: drained.per_s,
            older_first: drained.older_first,
            before_fresh: drained.before_fresh,
            idle_writes_per_s,
            api_peak_mb: peak(|gauges| gauges.api_kib) / 1024,
            worker_peak_mb: peak(|gauges| gauges.worker_kib) / 1024,
            broker_peak_mb: peak(|gauges| gauges.broker_kib) / 1024,
            jobs_peak: peak(|gauges| gauges.jobs),
            lost: drained.lost,
            doubled: drained.doubled,
        }
    }

    /// Whether the backlog was lost nowhere and cost next to nothing while it waited.
    pub fn is_fine(&self) -> bool {
        let flat = self.api_peak_mb.max(self.worker_peak_mb) <= MEMORY_LIMIT_MB;
        let in_order = self.older_first > 0.9 && self.before_fresh < 0.75;
        let whole = self.lost == 0 && self.doubled == 0;
        flat && in_order && whole && self.idle_writes_per_s < 5.0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let rows = [
            ("texts waiting", self.waiting.to_string()),
            ("accepted per second", format!("{:.0}", self.accept_per_s)),
            ("drained per second", format!("{:.0}", self.drain_per_s)),
            ("older half first", percent(self.older_first)),
            ("waiting before fresh", percent(self.before_fresh)),
            (
                "writes per second, idle",
                format!("{:.1}", self.idle_writes_per_s),
            ),
            ("peak of the api, MB", self.api_peak_mb.to_string()),
            ("peak of a worker, MB", self.worker_peak_mb.to_string()),
            ("peak of the broker, MB", self.broker_peak_mb.to_string()),
            ("most jobs in the queue", self.jobs_peak.to_string()),
            ("lost", self.lost.to_string()),
            ("doubled", self.doubled.to_string()),
        ];
        for (name, value) in rows {
            writeln!(f, "{name:<26}{value:>10}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bodies: &[&str]) -> Draining {
        Draining::read(bodies, 4, Duration::from_secs(2), Some(1))
    }

    #[test]
    fn a_backlog_that_went_in_order_is_whole() {
        let drained = read(&["0", "1", FRESH, "2", "3"]);
        assert_eq!((drained.lost, drained.doubled), (0, 0));
        assert!((drained.older_first - 1.0).abs() < 1e-9);
        assert!((drained.before_fresh - 1.0 / 3.0).abs() < 1e-9);
        assert!((drained.per_s - 2.5).abs() < 1e-9);
    }

    #[test]
    fn what_is_missing_or_there_twice_is_counted() {
        let drained = read(&["3", "2", "2", FRESH, "0"]);
        assert_eq!((drained.lost, drained.doubled), (1, 1));
        assert!(drained.older_first < 1e-9);
    }
}
