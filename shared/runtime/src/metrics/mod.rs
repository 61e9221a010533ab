//! What a process counts and measures; `table.rs` has every metric, once.
//!
//! A program makes its [`Metrics`] once and gives them to its parts: they are counted whether anybody
//! asks for them or not.
//!
//! Labels take their values from fixed sets, never from users, ids or numbers, so that the series of
//! a process stay few.

mod label;
mod server;
mod table;

use std::fmt;
use std::hash::Hash;
use std::time::Duration;

use mysms_core::domain::{Class, DisabledBy, FactEffect, Lane, PerClass, Status};
use mysms_core::ledger::FactOutcome;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

pub use label::{
    AttemptOutcome, CallbackOutcome, Cap, InboundOutcome, PausedBy, SecurityEvent, SecurityOutcome,
    WebhookOutcome,
};
use label::{ByRoute, Disabled, OfClass, OfLane, OfStatus};
pub use server::{MetricsError, Watched, serve, text};
pub use table::{Metrics, Service};

/// Shows counters before they have counted anything: one that appears with its first event hides that
/// event from `increase()`.
fn begin_at_zero<L>(counters: &Family<L, Counter>, labels: impl IntoIterator<Item = L>)
where
    L: Clone + fmt::Debug + Hash + Eq,
{
    for label in labels {
        counters.get_or_create(&label).inc_by(0);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self::unused();
        metrics.clock_right.set(1);
        begin_at_zero(&metrics.attempts, AttemptOutcome::ALL.iter().copied());
        begin_at_zero(&metrics.callbacks, CallbackOutcome::ALL.iter().copied());
        begin_at_zero(&metrics.inbound, InboundOutcome::ALL.iter().copied());
        begin_at_zero(&metrics.refused, Cap::ALL.iter().copied());
        begin_at_zero(&metrics.webhook_calls, WebhookOutcome::ALL.iter().copied());
        begin_at_zero(&metrics.browsers_told, WebhookOutcome::ALL.iter().copied());
        let by_us = DisabledBy::ALL
            .into_iter()
            .filter(|by| *by != DisabledBy::Owner);
        begin_at_zero(&metrics.webhooks_disabled, by_us.map(Disabled));
        begin_at_zero(&metrics.line_segments, Class::ALL.map(OfClass));
        for event in SecurityEvent::ALL.iter().copied() {
            let outcomes = SecurityOutcome::ALL.iter().copied();
            begin_at_zero(&metrics.security, outcomes.map(|outcome| (event, outcome)));
        }
        let of_provider = |status: &Status| *status >= Status::Accepted;
        begin_at_zero(
            &metrics.deliveries,
            Status::ALL.into_iter().filter(of_provider).map(OfStatus),
        );
        metrics
    }
}

impl Metrics {
    /// An answer to a request. `route` is the pattern that matched, empty if none did.
    pub fn request(&self, method: &str, route: &str, status: u16, duration: Duration) {
        let by_route = ByRoute::new(method, route);
        self.request_duration
            .get_or_create(&by_route)
            .observe(duration.as_secs_f64());
        let code = [("status", status)];
        self.requests.get_or_create(&(by_route, code)).inc();
    }

    pub fn callback(&self, outcome: CallbackOutcome) {
        self.callbacks.get_or_create(&outcome).inc();
    }

    pub fn inbound(&self, outcome: InboundOutcome) {
        self.inbound.get_or_create(&outcome).inc();
    }

    /// A limit refused a text.
    pub fn refused(&self, cap: Cap) {
        self.refused.get_or_create(&cap).inc();
    }

    /// Somebody tried something that matters to the safety of accounts.
    pub fn security(&self, event: SecurityEvent, outcome: SecurityOutcome) {
        self.security.get_or_create(&(event, outcome)).inc();
    }

    pub fn attempt(&self, outcome: AttemptOutcome) {
        self.attempts.get_or_create(&outcome).inc();
    }

    pub fn webhook_called(&self, outcome: WebhookOutcome) {
        self.webhook_calls.get_or_create(&outcome).inc();
    }

    pub fn browser_told(&self, outcome: WebhookOutcome) {
        self.browsers_told.get_or_create(&outcome).inc();
    }

    /// An endpoint took an event, so long after it happened.
    pub fn webhook_taken(&self, after: Duration) {
        self.webhook_delay.observe(after.as_secs_f64());
    }

    pub fn webhook_disabled(&self, by: DisabledBy) {
        self.webhooks_disabled.get_or_create(&Disabled(by)).inc();
    }

    /// A message came to a status.
    pub fn came_to(&self, status: Status) {
        self.deliveries.get_or_create(&OfStatus(status)).inc();
    }

    /// What was learned from the provider about a SID, at `at`.
    pub fn learned(&self, status: Status, at: mysms_core::domain::Timestamp, outcome: FactOutcome) {
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
            .get_or_create(&OfLane(lane))
            .set(age.as_secs_f64());
    }

    pub fn set_received_list_age(&self, age: Duration) {
        self.received_list_age.set(age.as_secs_f64());
    }

    pub fn set_paused(&self, by: PausedBy, count: usize) {
        self.paused_senders
            .get_or_create(&by)
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Segments were given a place at the rate of their sender.
    pub fn left(&self, class: Class, segments: u64) {
        let counter = self.line_segments.get_or_create(&OfClass(class));
        counter.inc_by(segments);
    }

    /// How many segments wait for their turn.
    pub fn set_waiting(&self, segments: PerClass<u64>) {
        for (class, count) in segments.into_each() {
            let gauge = self.line_waiting.get_or_create(&OfClass(class));
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(metrics: &Metrics, service: Service) -> String {
        text(&metrics.registry(service)).unwrap()
    }

    #[test]
    fn what_may_happen_is_there_before_it_has_happened() {
        let text = shown(&Metrics::default(), Service::Standalone);
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
        let metrics = Metrics::default();
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
        let metrics = Metrics::default();
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
        use mysms_core::domain::{MessageId, Timestamp, UserId};
        let metrics = Metrics::default();
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
