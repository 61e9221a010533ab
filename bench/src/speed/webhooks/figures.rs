//! What the measurement of webhooks came to.

use std::fmt;

use serde::Serialize;

use super::super::report::row;

/// The figures of webhooks.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Webhooks {
    /// One endpoint that takes everything at once, told by one worker.
    pub events_per_s: f64,
    /// CPU time of worker and database for an event.
    pub cpu_us_per_event: f64,
    /// From a change to its arrival; medians over windows.
    pub late_p50_ms: f64,
    pub late_p99_ms: f64,
    /// The same at those who answer, while another endpoint hangs, in alternating windows.
    pub late_p50_hanging_ms: f64,
    pub late_p99_hanging_ms: f64,
    /// The latter by the former; it is to be 1.1 at most.
    pub hanging_ratio: f64,
    /// So many that nothing is told.
    pub idle_endpoints: u64,
    /// For each of them; it is to be 5 at least.
    pub idle_seconds_per_query: f64,
    /// Of all of them; it is to be 0.
    pub idle_writes: i64,
    /// Of one core.
    pub idle_worker_cpu_percent: f64,
    pub idle_mongod_cpu_percent: f64,
    /// The most that a worker ever took that has them all, and that tells each something.
    pub idle_worker_rss_mb: f64,
    pub telling_worker_rss_mb: f64,
}

impl fmt::Display for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value, unit| row(f, name, value, unit);
        row("webhooks: events to one endpoint", self.events_per_s, "/s")?;
        row("  CPU of worker and mongod", self.cpu_us_per_event, "µs")?;
        row(
            "  from the change to its arrival, p50",
            self.late_p50_ms,
            "ms",
        )?;
        row(
            "    while another one hangs",
            self.late_p50_hanging_ms,
            "ms",
        )?;
        row("  p99", self.late_p99_ms, "ms")?;
        row(
            "    while another one hangs",
            self.late_p99_hanging_ms,
            "ms",
        )?;
        row("    ratio", self.hanging_ratio, "")?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        row("  endpoints that are idle", self.idle_endpoints as f64, "")?;
        row("    one is read every", self.idle_seconds_per_query, "s")?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        row("    writes", self.idle_writes as f64, "")?;
        row("    CPU of the worker", self.idle_worker_cpu_percent, "%")?;
        row("    of mongod", self.idle_mongod_cpu_percent, "%")?;
        row(
            "    peak memory of the worker",
            self.idle_worker_rss_mb,
            "MB",
        )?;
        row(
            "    once each was told something",
            self.telling_worker_rss_mb,
            "MB",
        )
    }
}
