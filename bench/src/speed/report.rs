//! What a run came to, for machines and for people.

use std::fmt;

use serde::Serialize;

use super::webhooks::Webhooks;

/// The figures of a run; medians over its windows unless their names say otherwise.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Report {
    pub ceiling_insert_per_s: f64,
    pub ceiling_publish_per_s: f64,
    pub cpu_us_per_bare_insert: f64,
    pub accept_per_s: f64,
    pub accept_conns: usize,
    pub accept_ratio: f64,
    pub cpu_us_per_accept: f64,
    /// By connections, workers stopped.
    pub accept_by_connections: Vec<(usize, f64)>,
    /// With workers that deliver meanwhile.
    pub accept_while_delivering_per_s: f64,
    pub open_loop_per_s: f64,
    pub accept_p50_ms: f64,
    pub accept_p99_ms: f64,
    pub ceiling_p99_ms: f64,
    pub accept_p99_ratio: f64,
    pub e2e_per_s: f64,
    pub e2e_ratio: f64,
    pub cpu_us_per_delivered: f64,
    pub cpu_us_api: f64,
    pub cpu_us_worker: f64,
    pub cpu_us_mongod: f64,
    pub cpu_us_broker: f64,
    /// The ideal pipeline, in the same windows.
    pub ideal_per_s: f64,
    pub cpu_us_per_ideal: f64,
    pub ideal_cpu_us_api: f64,
    pub ideal_cpu_us_worker: f64,
    pub ideal_cpu_us_mongod: f64,
    pub ideal_cpu_us_broker: f64,
    /// The CPU time of a text of ours by that of an ideal one; it is to be 1.5 at most.
    pub e2e_over_ideal: f64,
    /// Our texts in a second by the ideal ones.
    pub e2e_ideal_ratio: f64,
    pub receipt_p50_ms: f64,
    pub receipt_p99_ms: f64,
    pub dispatch_0ms_per_s: f64,
    pub dispatch_50ms_per_s: f64,
    pub dispatch_200ms_per_s: f64,
    pub worker_concurrency: usize,
    pub embedded_accept_per_s: f64,
    pub embedded_e2e_per_s: f64,
    pub history_small_p99_ms: f64,
    pub history_large_p99_ms: f64,
    pub history_growth_ratio: f64,
    pub conversations_small_p99_ms: f64,
    pub conversations_large_p99_ms: f64,
    pub conversations_growth_ratio: f64,
    pub due_pickup_p99_ms: f64,
    pub grown_to: u64,
    /// A wrong password of a user, and of nobody.
    pub login_known_ms: f64,
    pub login_unknown_ms: f64,
    pub login_ratio: f64,
    pub api_rss_mb: f64,
    pub worker_rss_mb: f64,
    pub lost: usize,
    pub duplicates: usize,
    pub webhooks: Webhooks,
    /// Latency of accepting in the open loop, as (quantile, milliseconds), beside the ceiling's.
    pub accept_latency: Vec<(f64, f64)>,
    pub ceiling_latency: Vec<(f64, f64)>,
}

/// What a text comes to from POST to delivered: how many there are in a second, and the CPU time in
/// microseconds that each part takes for one.
#[derive(Debug, Clone, Copy)]
pub(super) struct PerText {
    pub(super) per_s: f64,
    pub(super) api: f64,
    pub(super) worker: f64,
    pub(super) mongod: f64,
    pub(super) broker: f64,
}

impl PerText {
    pub(super) fn cpu(&self) -> f64 {
        self.api + self.worker + self.mongod + self.broker
    }
}

/// The middle one; of an even number the higher of the two in the middle. 0 of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Report {
    /// Whether nothing was lost or doubled.
    pub fn is_sound(&self) -> bool {
        self.lost == 0 && self.duplicates == 0
    }

    /// Takes in what a text costs from POST to delivered, and what an ideal one does.
    pub(super) fn compare(&mut self, ours: PerText, ideal: PerText) {
        self.e2e_per_s = ours.per_s;
        self.e2e_ratio = ours.per_s / self.ceiling_insert_per_s;
        self.cpu_us_per_delivered = ours.cpu();
        self.cpu_us_api = ours.api;
        self.cpu_us_worker = ours.worker;
        self.cpu_us_mongod = ours.mongod;
        self.cpu_us_broker = ours.broker;
        self.ideal_per_s = ideal.per_s;
        self.cpu_us_per_ideal = ideal.cpu();
        self.ideal_cpu_us_api = ideal.api;
        self.ideal_cpu_us_worker = ideal.worker;
        self.ideal_cpu_us_mongod = ideal.mongod;
        self.ideal_cpu_us_broker = ideal.broker;
        self.e2e_over_ideal = ours.cpu() / ideal.cpu();
        self.e2e_ideal_ratio = ours.per_s / ideal.per_s;
    }

    /// The ideal pipeline, and what it says of ours.
    fn write_ideal(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "the ideal pipeline, end to end", self.ideal_per_s, "/s")?;
        row(f, "  CPU in all", self.cpu_us_per_ideal, "µs")?;
        row(f, "    its api", self.ideal_cpu_us_api, "µs")?;
        row(f, "    its worker", self.ideal_cpu_us_worker, "µs")?;
        row(f, "    mongod", self.ideal_cpu_us_mongod, "µs")?;
        row(f, "    broker", self.ideal_cpu_us_broker, "µs")?;
        row(f, "  CPU of ours to the ideal's", self.e2e_over_ideal, "")?;
        row(
            f,
            "  texts of ours to the ideal's",
            self.e2e_ideal_ratio,
            "",
        )?;
        writeln!(
            f,
            "A text of ours takes {:.2} times the CPU time of the least that it can take: bare drivers \
             that store, queue and send it in batches and check nothing.",
            self.e2e_over_ideal
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value, unit| row(f, name, value, unit);
        row("bare insert_one", self.ceiling_insert_per_s, "/s")?;
        row("  CPU of mongod", self.cpu_us_per_bare_insert, "µs")?;
        row(
            "bare publish with confirm",
            self.ceiling_publish_per_s,
            "/s",
        )?;
        for (connections, per_s) in &self.accept_by_connections {
            row(&format!("accept, {connections} connections"), *per_s, "/s")?;
        }
        row("  ratio to bare insert_one", self.accept_ratio, "")?;
        row(
            "  CPU of api, mongod and broker",
            self.cpu_us_per_accept,
            "µs",
        )?;
        row(
            "accept while delivering",
            self.accept_while_delivering_per_s,
            "/s",
        )?;
        row("open loop", self.open_loop_per_s, "/s")?;
        row("  accept p50", self.accept_p50_ms, "ms")?;
        row("  accept p99", self.accept_p99_ms, "ms")?;
        row("  bare insert_one p99", self.ceiling_p99_ms, "ms")?;
        row("delivered, end to end", self.e2e_per_s, "/s")?;
        row("  ratio to bare insert_one", self.e2e_ratio, "")?;
        row("  CPU in all", self.cpu_us_per_delivered, "µs")?;
        row("    api", self.cpu_us_api, "µs")?;
        row("    worker", self.cpu_us_worker, "µs")?;
        row("    mongod", self.cpu_us_mongod, "µs")?;
        row("    broker", self.cpu_us_broker, "µs")?;
        row(
            "POST to the provider's receipt, p50",
            self.receipt_p50_ms,
            "ms",
        )?;
        row("  p99", self.receipt_p99_ms, "ms")?;
        row(
            "dispatch, provider answers at once",
            self.dispatch_0ms_per_s,
            "/s",
        )?;
        row("  after 50 ms", self.dispatch_50ms_per_s, "/s")?;
        row("  after 200 ms", self.dispatch_200ms_per_s, "/s")?;
        row(
            "history page p99, small ledger",
            self.history_small_p99_ms,
            "ms",
        )?;
        row("  grown ledger", self.history_large_p99_ms, "ms")?;
        row(
            "conversations p99, small ledger",
            self.conversations_small_p99_ms,
            "ms",
        )?;
        row("  grown ledger", self.conversations_large_p99_ms, "ms")?;
        row("pick-up of due messages p99", self.due_pickup_p99_ms, "ms")?;
        row("failing login of a user", self.login_known_ms, "ms")?;
        row("  of nobody", self.login_unknown_ms, "ms")?;
        row("embedded: accept", self.embedded_accept_per_s, "/s")?;
        row("  delivered, end to end", self.embedded_e2e_per_s, "/s")?;
        row("peak memory of the api", self.api_rss_mb, "MB")?;
        row("  of the worker", self.worker_rss_mb, "MB")?;
        self.webhooks.fmt(f)?;
        self.write_ideal(f)?;
        writeln!(f, "lost {}, doubled {}", self.lost, self.duplicates)
    }
}

pub(super) fn row(f: &mut fmt::Formatter<'_>, name: &str, value: f64, unit: &str) -> fmt::Result {
    let digits = usize::from(value < 100.0) * 2;
    writeln!(f, "{name:<44}{value:>10.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_mind_one_bad_window() {
        assert!((median(vec![5.0, 100.0, 4.0]) - 5.0).abs() < 1e-9);
        assert!((median(vec![1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!(median(Vec::new()).abs() < 1e-9);
    }

    #[test]
    fn more_cpu_is_a_greater_and_fewer_texts_a_smaller_ratio_to_the_ideal() {
        let text = |per_s, each| PerText {
            per_s,
            api: each,
            worker: each,
            mongod: each,
            broker: each,
        };
        let mut report = Report::default();
        report.compare(text(500.0, 30.0), text(2_000.0, 15.0));
        assert!((report.cpu_us_per_delivered - 120.0).abs() < 1e-9);
        assert!((report.e2e_over_ideal - 2.0).abs() < 1e-9);
        assert!((report.e2e_ideal_ratio - 0.25).abs() < 1e-9);
        let printed = report.to_string();
        assert!(printed.contains("2.00 times the CPU time"), "{printed}");
    }
}
