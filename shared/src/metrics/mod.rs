//! What a process counts and measures: every metric with its name, once.
//!
//! Labels take their values from fixed sets, never from users, ids or numbers, so that the series of
//! a process stay few. Whoever records something does it in one line:
//!
//! ```
//! shared::metrics::metrics().accepted.inc();
//! ```

mod label;
mod server;

use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::{FactEffect, Lane, Status};
use crate::ledger::FactOutcome;

pub use label::{
    AttemptOutcome, CallbackOutcome, Cap, InboundOutcome, PausedBy, SecurityEvent, SecurityOutcome,
};
use label::{
    ByAttempt, ByCallback, ByCap, ByInbound, ByLane, ByPause, ByRequest, ByRoute, BySecurity,
    ByStatus,
};
pub use server::{MetricsError, Watched, serve, text};

/// Which metrics a process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Api,
    Worker,
    /// Both in one process.
    Standalone,
}

/// The metrics of this process. They are counted whether anybody asks for them or not.
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

type Histograms<L> = Family<L, Histogram, Buckets>;
type Fraction = Gauge<f64, AtomicU64>;

/// Everything that is counted and measured. What each one means is said where it is registered.
#[derive(Debug)]
pub struct Metrics {
    requests: Family<ByRequest, Counter>,
    request_duration: Histograms<ByRoute>,
    pub accepted: Counter,
    callbacks: Family<ByCallback, Counter>,
    inbound: Family<ByInbound, Counter>,
    refused: Family<ByCap, Counter>,
    security: Family<BySecurity, Counter>,
    pub event_streams: Gauge,
    pub event_streams_dropped: Counter,
    attempts: Family<ByAttempt, Counter>,
    deliveries: Family<ByStatus, Counter>,
    pub expired: Counter,
    pub outcome_unknown: Counter,
    pub surplus_sids: Counter,
    pub erased: Counter,
    time_to_provider: Histogram,
    time_to_delivered: Histogram,
    ledger_age: Family<ByLane, Fraction>,
    paused_senders: Family<ByPause, Gauge>,
    pub breaker_open: Gauge,
    pub concurrency_limit: Gauge,
    pub concurrency_max: Gauge,
    queue_up: Gauge,
    store_up: Gauge,
    clock_right: Gauge,
}

impl Metrics {
    fn new() -> Self {
        let metrics = Self {
            requests: Family::default(),
            request_duration: Family::new_with_constructor(Buckets::REQUEST),
            accepted: Counter::default(),
            callbacks: Family::default(),
            inbound: Family::default(),
            refused: Family::default(),
            security: Family::default(),
            event_streams: Gauge::default(),
            event_streams_dropped: Counter::default(),
            attempts: Family::default(),
            deliveries: Family::default(),
            expired: Counter::default(),
            outcome_unknown: Counter::default(),
            surplus_sids: Counter::default(),
            erased: Counter::default(),
            time_to_provider: Buckets::DELIVERY.new_metric(),
            time_to_delivered: Buckets::DELIVERY.new_metric(),
            ledger_age: Family::default(),
            paused_senders: Family::default(),
            breaker_open: Gauge::default(),
            concurrency_limit: Gauge::default(),
            concurrency_max: Gauge::default(),
            queue_up: Gauge::default(),
            store_up: Gauge::default(),
            clock_right: Gauge::default(),
        };
        metrics.begin_at_zero();
        metrics
    }

    /// A counter that appears with its first event hides that event from `increase()`.
    fn begin_at_zero(&self) {
        self.clock_right.set(1);
        for outcome in AttemptOutcome::ALL.iter().copied() {
            self.attempts
                .get_or_create(&ByAttempt { outcome })
                .inc_by(0);
        }
        for outcome in CallbackOutcome::ALL.iter().copied() {
            self.callbacks
                .get_or_create(&ByCallback { outcome })
                .inc_by(0);
        }
        for outcome in InboundOutcome::ALL.iter().copied() {
            self.inbound.get_or_create(&ByInbound { outcome }).inc_by(0);
        }
        for cap in Cap::ALL.iter().copied() {
            self.refused.get_or_create(&ByCap { cap }).inc_by(0);
        }
        for event in SecurityEvent::ALL.iter().copied() {
            for outcome in SecurityOutcome::ALL.iter().copied() {
                let label = BySecurity { event, outcome };
                self.security.get_or_create(&label).inc_by(0);
            }
        }
        for status in Status::ALL
            .into_iter()
            .filter(|status| *status >= Status::Accepted)
        {
            self.deliveries
                .get_or_create(&ByStatus::from(status))
                .inc_by(0);
        }
    }

    /// The metrics of a service, ready to be shown.
    pub fn registry(&self, service: Service) -> Registry {
        let mut registry = Registry::default();
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("mysms_build", "The version that runs", version);
        if service != Service::Worker {
            self.register_api(&mut registry);
        }
        if service != Service::Api {
            self.register_worker(&mut registry);
        }
        self.register_both(&mut registry);
        registry
    }

    fn register_api(&self, registry: &mut Registry) {
        registry.register(
            "mysms_requests",
            "HTTP requests by method, route pattern and status of the answer",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "mysms_request_duration",
            "Time until an answer began, by method and route pattern",
            Unit::Seconds,
            self.request_duration.clone(),
        );
        registry.register(
            "mysms_messages_accepted",
            "Messages stored by POST /messages; repeats of one request count once",
            self.accepted.clone(),
        );
        registry.register(
            "mysms_callbacks",
            "Status callbacks by what became of them; late: the message was further on, \
             repeated: it was known",
            self.callbacks.clone(),
        );
        registry.register(
            "mysms_inbound",
            "Texts that the provider received for us by what became of them; unassigned: nobody had \
             written to their authors, known: they were stored before",
            self.inbound.clone(),
        );
        registry.register(
            "mysms_texts_refused",
            "Texts refused by the limits that are counted for all processes together, once for each",
            self.refused.clone(),
        );
        registry.register(
            "mysms_security_events",
            "What was tried on accounts, with tokens that do not hold and in the provider's name, by \
             what became of it",
            self.security.clone(),
        );
        registry.register(
            "mysms_event_streams",
            "Streams of GET /events that are open",
            self.event_streams.clone(),
        );
        registry.register(
            "mysms_event_streams_dropped",
            "Streams that were ended because their clients did not keep up",
            self.event_streams_dropped.clone(),
        );
    }

    fn register_worker(&self, registry: &mut Registry) {
        registry.register(
            "mysms_attempts",
            "Attempts to send by what became of them",
            self.attempts.clone(),
        );
        registry.register(
            "mysms_messages_expired",
            "Messages that were not sent within their validity",
            self.expired.clone(),
        );
        registry.register(
            "mysms_outcome_unknown",
            "Doubts that could not be settled: failed as outcome_unknown",
            self.outcome_unknown.clone(),
        );
        registry.register(
            "mysms_messages_erased",
            "Messages erased because they were older than RETENTION_DAYS",
            self.erased.clone(),
        );
        registry.register_with_unit(
            "mysms_time_to_provider",
            "From the moment a message was to be sent until the provider answered with its SID",
            Unit::Seconds,
            self.time_to_provider.clone(),
        );
        registry.register_with_unit(
            "mysms_ledger_oldest_due",
            "How long ago the oldest due message of a lane fell due; 0 if none is",
            Unit::Seconds,
            self.ledger_age.clone(),
        );
        registry.register(
            "mysms_paused_senders",
            "Pauses of sending in the ledger: begun for what the provider said, or by an operator",
            self.paused_senders.clone(),
        );
        registry.register(
            "mysms_breaker_open",
            "1 while this worker cannot reach the provider and makes no attempts",
            self.breaker_open.clone(),
        );
        registry.register(
            "mysms_concurrency_limit",
            "Sends that may be in flight at once; the provider's throttling lowers it",
            self.concurrency_limit.clone(),
        );
        registry.register(
            "mysms_concurrency_max",
            "WORKER_CONCURRENCY, which the limit returns to",
            self.concurrency_max.clone(),
        );
    }

    fn register_both(&self, registry: &mut Registry) {
        registry.register(
            "mysms_deliveries",
            "Messages that came to a status, by answers, callbacks, polls and our own decisions",
            self.deliveries.clone(),
        );
        registry.register_with_unit(
            "mysms_time_to_delivered",
            "From a message's acceptance by the API until its receipt arrived",
            Unit::Seconds,
            self.time_to_delivered.clone(),
        );
        registry.register(
            "mysms_surplus_sids",
            "SIDs which show that the provider took a text a second time",
            self.surplus_sids.clone(),
        );
        registry.register(
            "mysms_queue_up",
            "1 while the process is connected to the queue",
            self.queue_up.clone(),
        );
        registry.register(
            "mysms_store_up",
            "1 while the ledger answers",
            self.store_up.clone(),
        );
        registry.register(
            "mysms_clock_right",
            "0 while the clock of this machine is too far from the ledger's, or was set a moment ago",
            self.clock_right.clone(),
        );
    }

    /// An answer to a request. `route` is the pattern that matched, empty if none did.
    pub fn request(&self, method: &str, route: &str, status: u16, duration: Duration) {
        let by_route = ByRoute::new(method, route);
        self.request_duration
            .get_or_create(&by_route)
            .observe(duration.as_secs_f64());
        let by_request = ByRequest::new(by_route, status);
        self.requests.get_or_create(&by_request).inc();
    }

    pub fn callback(&self, outcome: CallbackOutcome) {
        self.callbacks.get_or_create(&ByCallback { outcome }).inc();
    }

    pub fn inbound(&self, outcome: InboundOutcome) {
        self.inbound.get_or_create(&ByInbound { outcome }).inc();
    }

    /// A limit refused a text.
    pub fn refused(&self, cap: Cap) {
        self.refused.get_or_create(&ByCap { cap }).inc();
    }

    /// Somebody tried something that matters to the safety of accounts.
    pub fn security(&self, event: SecurityEvent, outcome: SecurityOutcome) {
        let label = BySecurity { event, outcome };
        self.security.get_or_create(&label).inc();
    }

    pub fn attempt(&self, outcome: AttemptOutcome) {
        self.attempts.get_or_create(&ByAttempt { outcome }).inc();
    }

    /// A message came to a status.
    pub fn came_to(&self, status: Status) {
        self.deliveries.get_or_create(&ByStatus::from(status)).inc();
    }

    /// What was learned from the provider about a SID, at `at`.
    pub fn learned(&self, status: Status, at: crate::domain::Timestamp, outcome: FactOutcome) {
        match outcome {
            FactOutcome::Applied {
                id,
                effect: FactEffect::Raised,
                ..
            } => {
                self.came_to(status);
                if status == Status::Delivered {
                    let taken = at.since(id.made_at());
                    self.time_to_delivered.observe(taken.as_secs_f64());
                }
            }
            FactOutcome::Surplus {
                taken_twice: true, ..
            } => {
                self.surplus_sids.inc();
            }
            _ => {}
        }
    }

    pub fn taken_by_provider(&self, after: Duration) {
        self.time_to_provider.observe(after.as_secs_f64());
    }

    pub fn set_ledger_age(&self, lane: Lane, age: Duration) {
        self.ledger_age
            .get_or_create(&ByLane::from(lane))
            .set(age.as_secs_f64());
    }

    pub fn set_paused(&self, by: PausedBy, count: usize) {
        self.paused_senders
            .get_or_create(&ByPause { by })
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub fn set_queue_up(&self, up: bool) {
        self.queue_up.set(i64::from(up));
    }

    pub fn set_clock_right(&self, right: bool) {
        self.clock_right.set(i64::from(right));
    }

    pub fn set_store_up(&self, up: bool) {
        self.store_up.set(i64::from(up));
    }
}

/// The upper bounds of a histogram's buckets, in seconds.
#[derive(Debug, Clone, Copy)]
struct Buckets(&'static [f64]);

impl Buckets {
    const REQUEST: Self = Self(&[
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ]);
    /// From an idle messenger's milliseconds to a text's whole validity, and the polls of three days.
    const DELIVERY: Self = Self(&[
        0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0,
        86_400.0, 259_200.0,
    ]);
}

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(metrics: &Metrics, service: Service) -> String {
        text(&metrics.registry(service)).unwrap()
    }

    #[test]
    fn what_may_happen_is_there_before_it_has_happened() {
        let text = shown(&Metrics::new(), Service::Standalone);
        for line in [
            "mysms_outcome_unknown_total 0",
            "mysms_attempts_total{outcome=\"unreachable\"} 0",
            "mysms_callbacks_total{outcome=\"late\"} 0",
            "mysms_deliveries_total{status=\"undelivered\"} 0",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_process_shows_only_what_it_does() {
        let metrics = Metrics::new();
        let api = shown(&metrics, Service::Api);
        assert!(api.contains("mysms_callbacks") && !api.contains("mysms_breaker_open"));
        let worker = shown(&metrics, Service::Worker);
        assert!(!worker.contains("mysms_callbacks") && worker.contains("mysms_breaker_open"));
        for both in ["mysms_queue_up", "mysms_deliveries"] {
            assert!(api.contains(both) && worker.contains(both));
        }
    }

    #[test]
    fn clients_cannot_make_series_of_their_own() {
        let metrics = Metrics::new();
        for n in 0..100 {
            let method = format!("METHOD{n}");
            metrics.request(&method, "", 405, Duration::from_millis(1));
        }
        let text = shown(&metrics, Service::Api);
        let requests = |line: &&str| line.starts_with("mysms_requests_total");
        let series: Vec<_> = text.lines().filter(requests).collect();
        let expected = "mysms_requests_total{method=\"other\",route=\"none\",status=\"405\"} 100";
        assert_eq!(series, [expected]);
    }

    #[test]
    fn a_receipt_is_timed_from_the_acceptance_of_its_message() {
        use crate::domain::{MessageId, Timestamp, UserId};
        let metrics = Metrics::new();
        let id = MessageId::generate(Timestamp::from_millis(1_767_225_600_000));
        let raised = FactOutcome::Applied {
            id,
            owner: UserId::generate(id.made_at()),
            effect: FactEffect::Raised,
        };
        // An id is never older than those that other tests of this process made before it.
        let later = id.made_at() + Duration::from_secs(7);
        metrics.learned(Status::Delivered, later, raised);
        let text = shown(&metrics, Service::Api);
        assert!(
            text.contains("mysms_time_to_delivered_seconds_sum 7.0"),
            "{text}"
        );
        assert!(
            text.contains("mysms_deliveries_total{status=\"delivered\"} 1"),
            "{text}"
        );
    }
}
