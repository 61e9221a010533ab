//! Every metric, once: its field, its name as Prometheus knows it (a counter's gets `_total`, a unit is
//! added too), and what it means.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::label::{
    AttemptOutcome, ByRoute, CallbackOutcome, Cap, Disabled, InboundOutcome, OfClass, OfLane,
    OfStatus, PausedBy, SecurityEvent, SecurityOutcome, WebhookOutcome,
};

/// Which metrics a process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Api,
    Worker,
    /// Both in one process.
    Standalone,
}

/// The label of an answer's status.
pub(super) type Code = [(&'static str, u16); 1];

/// What is not made by default says how after its unit.
macro_rules! made {
    () => {
        Default::default()
    };
    ($make:expr) => {
        $make
    };
}

macro_rules! register {
    ($registry:ident, $name:literal, $help:literal, $metric:expr) => {
        $registry.register($name, $help, $metric)
    };
    ($registry:ident, $name:literal, $help:literal, $metric:expr, $unit:ident) => {
        $registry.register_with_unit($name, $help, Unit::$unit, $metric)
    };
}

macro_rules! metrics {
    ($($process:ident {$(
        $vis:vis $field:ident: $type:ty = $name:literal $(, $unit:ident, $make:expr)? => $help:literal;
    )*})*) => {
        /// Everything that is counted and measured. What each one means is said beside its name.
        #[derive(Debug)]
        pub struct Metrics {
            $($($vis $field: $type,)*)*
        }

        impl Metrics {
            pub(super) fn unused() -> Self {
                Self { $($($field: made!($($make)?),)*)* }
            }

            $(fn $process(&self, registry: &mut Registry) {
                $(register!(registry, $name, $help, self.$field.clone() $(, $unit)?);)*
            })*
        }
    };
}

metrics! {
    api {
        pub(super) requests: Family<(ByRoute, Code), Counter> = "mysms_requests"
            => "HTTP requests by method, route pattern and status of the answer";
        pub(super) request_duration: Family<ByRoute, Histogram, Buckets> = "mysms_request_duration", Seconds, Family::new_with_constructor(Buckets::REQUEST)
            => "Time until an answer began, by method and route pattern";
        pub accepted: Counter = "mysms_messages_accepted"
            => "Messages stored by POST /messages; repeats of one request count once";
        pub(super) callbacks: Family<CallbackOutcome, Counter> = "mysms_callbacks"
            => "Status callbacks by what became of them; late: the message was further on, repeated: it \
             was known";
        pub(super) inbound: Family<InboundOutcome, Counter> = "mysms_inbound"
            => "Texts that the provider received for us by what became of them; unassigned: nobody had \
             written to their authors, known: they were stored before";
        pub(super) refused: Family<Cap, Counter> = "mysms_texts_refused"
            => "Texts refused by the limits that are counted for all processes together, once for each";
        pub(super) security: Family<(SecurityEvent, SecurityOutcome), Counter> = "mysms_security_events"
            => "What was tried on accounts, with tokens that do not hold and in the provider's name, by \
             what became of it";
        pub event_streams: Gauge = "mysms_event_streams"
            => "Streams of GET /events that are open";
        pub event_streams_dropped: Counter = "mysms_event_streams_dropped"
            => "Streams that were ended because their clients did not keep up";
    }
    worker {
        pub(super) attempts: Family<AttemptOutcome, Counter> = "mysms_attempts"
            => "Attempts to send by what became of them";
        pub expired: Counter = "mysms_messages_expired"
            => "Messages that were not sent within their validity";
        pub outcome_unknown: Counter = "mysms_outcome_unknown"
            => "Doubts that could not be settled: failed as outcome_unknown";
        pub erased: Counter = "mysms_messages_erased"
            => "Messages erased because they were older than RETENTION_DAYS";
        pub erased_at_provider: Counter = "mysms_messages_erased_at_provider"
            => "Deleted messages that the provider has erased as well";
        pub erasures_refused: Counter = "mysms_erasures_refused"
            => "Refusals of the provider to erase a deleted message; each is tried again an hour later";
        pub recovered: Counter = "mysms_inbound_recovered"
            => "Texts to us that the provider could not tell us of, and that were found in its list";
        pub(super) received_list_age: Gauge<f64, AtomicU64> = "mysms_received_list_age", Seconds, Gauge::default()
            => "How long ago the latest list of what our numbers received was begun that was read to its end";
        pub(super) time_to_provider: Histogram = "mysms_time_to_provider", Seconds, Buckets::DELIVERY.new_metric()
            => "From the moment a message was to be sent until the provider answered with its SID";
        pub(super) ledger_age: Family<OfLane, Gauge<f64, AtomicU64>> = "mysms_ledger_oldest_due", Seconds, Family::default()
            => "How long ago the oldest due message of a lane fell due; 0 if none is";
        pub(super) paused_senders: Family<PausedBy, Gauge> = "mysms_paused_senders"
            => "Pauses of sending in the ledger: begun for what the provider said, because a sender has used up what \
             carriers allow it in a day, or by an operator";
        pub senders_slowed: Gauge = "mysms_senders_slowed"
            => "Senders that send slower than their rate, because the provider found them too fast";
        pub senders_spent: Gauge = "mysms_senders_spent"
            => "Senders that have sent all that they may in a day";
        pub(super) line_waiting: Family<OfClass, Gauge> = "mysms_line_waiting_segments"
            => "Segments that wait for their turn, of all senders that have a rate";
        pub(super) line_segments: Family<OfClass, Counter> = "mysms_line_segments"
            => "Segments that were given a place at the rate of their sender";
        pub line_slots_missed: Counter = "mysms_line_slots_missed"
            => "Texts that were not begun at their place, because the worker was held up; they get another";
        pub(super) webhook_calls: Family<WebhookOutcome, Counter> = "mysms_webhook_calls"
            => "Calls of users' endpoints by what became of them";
        pub(super) webhook_delay: Histogram = "mysms_webhook_delay", Seconds, Buckets::DELIVERY.new_metric()
            => "From a change of a message until an endpoint took the event";
        pub(super) webhooks_disabled: Family<Disabled, Counter> = "mysms_webhooks_disabled"
            => "Endpoints that were disabled because they answered 410, or took nothing for five days";
        pub webhooks_set_aside: Counter = "mysms_webhooks_set_aside"
            => "Events that an endpoint refused for an hour while it took others; they wait for their user";
        pub webhooks_down: Gauge = "mysms_webhooks_down"
            => "Endpoints that take nothing, of all users, at the latest look at all of them";
        pub breaker_open: Gauge = "mysms_breaker_open"
            => "1 while this worker cannot reach the provider and makes no attempts";
        pub concurrency_limit: Gauge = "mysms_concurrency_limit"
            => "Sends that may be in flight at once; the provider's throttling lowers it";
        pub concurrency_max: Gauge = "mysms_concurrency_max"
            => "WORKER_CONCURRENCY, which the limit returns to";
    }
    both {
        pub(super) browsers_told: Family<WebhookOutcome, Counter> = "mysms_push_calls"
            => "Calls of the push services of users' browsers by what became of them";
        pub(super) deliveries: Family<OfStatus, Counter> = "mysms_deliveries"
            => "Messages that came to a status, by answers, callbacks, polls and our own decisions";
        pub(super) time_to_delivered: Histogram = "mysms_time_to_delivered", Seconds, Buckets::DELIVERY.new_metric()
            => "From a message's acceptance by the API until its receipt arrived";
        pub surplus_sids: Counter = "mysms_surplus_sids"
            => "SIDs which show that the provider took a text a second time";
        pub(super) queue_up: Gauge = "mysms_queue_up"
            => "1 while the process is connected to the queue";
        pub(super) store_up: Gauge = "mysms_store_up"
            => "1 while the ledger answers";
        pub(super) clock_right: Gauge = "mysms_clock_right"
            => "0 while the clock of this machine is too far from the ledger's, or was set a moment ago";
    }
}

impl Metrics {
    /// The metrics of a service, ready to be shown.
    pub fn registry(&self, service: Service) -> Registry {
        let mut registry = Registry::default();
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("mysms_build", "The version that runs", version);
        if service != Service::Worker {
            self.api(&mut registry);
        }
        if service != Service::Api {
            self.worker(&mut registry);
        }
        self.both(&mut registry);
        registry
    }
}

/// The upper bounds of a histogram's buckets, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buckets(&'static [f64]);

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
