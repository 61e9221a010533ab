//! Whether the process lives, and whether it can do its work.
//!
//! `/readyz` answers 200 or 503 with
//!
//! ```json
//! {
//!   "status": "ready",
//!   "checks": {
//!     "process": {"status": "up"},
//!     "store": {"status": "up"},
//!     "queue": {"status": "down", "reason": "RabbitMQ cannot be used; the log tells why"},
//!     "clock": {"status": "up"},
//!     "spending": {"status": "up"},
//!     "provider": {"status": "paused", "pauses": [
//!       {"code": "20003", "reason": "…", "since": "2026-01-31T12:00:00.000Z"}
//!     ]},
//!     "senders": {"status": "limited", "limited": [
//!       {"sender": "…06", "state": "slowed", "percent": 50, "until": null}
//!     ]}
//!   }
//! }
//! ```
//!
//! Only the process (`"stopping"`), the store and the clock (`"down"`) make it `"not ready"`: while the
//! queue is away or sending is paused, messages are still accepted. While the limits of all users together
//! are used up (`"spent"`, with the codes of the problems that users get), it is `"ready"` too: another
//! process could not do more.
//!
//! `/healthz` does not ask a store elsewhere, since no restart of this process brings that back. `mysms`
//! is its own store, so there it says no while that cannot be written.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mysms_core::chain::Chain;
use mysms_core::domain::Timestamp;
use mysms_core::queue::QueueHealth;
use mysms_core::store::{self, Pause};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi::schema;
use crate::outgoing::{Hindrance, Trouble};
use crate::state::AppState;
use crate::store_timeout::StoreTimeout;

const QUEUE_DOWN: &str = "RabbitMQ cannot be used; the log tells why";

/// How long a store may take to say that it is there.
const PING: StoreTimeout = StoreTimeout(Duration::from_secs(2));

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(alive))
        .routes(routes!(ready))
}

#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok` or `failing`.
    #[schema(example = "ok")]
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ready` or `not ready`.
    #[schema(example = "ready")]
    status: &'static str,
    checks: Checks,
}

#[derive(Serialize, ToSchema)]
struct Checks {
    process: Check,
    store: Check,
    queue: Check,
    /// `down` while this machine's clock cannot be trusted.
    clock: Check,
    /// `spent` while the limits of all users together refuse texts, `unknown` if the store does not say.
    spending: Check,
    provider: ProviderCheck,
    senders: SendersCheck,
}

#[derive(Serialize, ToSchema)]
struct Check {
    /// `up`, `down`, of the process also `stopping`, of spending `spent` or `unknown`.
    #[schema(example = "up")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ProviderCheck {
    /// `up`, `paused` or `unknown`.
    #[schema(example = "up")]
    status: &'static str,
    pauses: Vec<PauseLine>,
}

/// The sender's key stays out of it: it holds our number and the credential's fingerprint.
#[derive(Serialize, ToSchema)]
struct PauseLine {
    #[schema(example = "20003")]
    code: String,
    #[schema(example = "The provider does not accept the credentials.")]
    reason: String,
    #[schema(value_type = schema::Timestamp)]
    since: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct SendersCheck {
    /// `up`, `limited` or `unknown`.
    #[schema(example = "limited")]
    status: &'static str,
    /// Those that do not send at their rates.
    limited: Vec<SenderLine>,
}

/// Anybody may ask: those who know the sender recognise it.
#[derive(Serialize, ToSchema)]
struct SenderLine {
    /// The end of its address.
    #[schema(example = "…06")]
    sender: String,
    /// `paused`; `slowed`, because the provider found it too fast; `spent`, because it has sent all that it
    /// may in a day.
    #[schema(example = "slowed")]
    state: &'static str,
    /// Which part of its rate is left.
    #[schema(required, minimum = 1, maximum = 99, example = 50)]
    percent: Option<u32>,
    /// When it is tried again, or its day ends.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    until: Option<Timestamp>,
}

/// Whether the process lives
///
/// A store elsewhere does not matter to it. `mysms`, which keeps the store itself, lives only while that
/// can be written.
#[utoipa::path(
    get, path = "/healthz", tag = "service", operation_id = "isAlive",
    security(()),
    responses(
        (status = 200, description = "It does", body = Health),
        (status = 503, description = "Its own store cannot be written", body = Health),
    ),
)]
async fn alive(State(state): State<AppState>) -> (StatusCode, Json<Health>) {
    let lives = !state.has_own_store || ping(&state).await.is_ok();
    let (code, status) = if lives {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "failing")
    };
    (code, Json(Health { status }))
}

/// Whether it can do its work
///
/// Only a process that stops, a store that is away and a clock that cannot be trusted make it
/// `not ready`: while the queue is away or sending is paused, messages are still accepted.
#[utoipa::path(
    get, path = "/readyz", tag = "service", operation_id = "isReady",
    security(()),
    responses(
        (status = 200, description = "It can", body = Readiness),
        (status = 503, description = "It cannot", body = Readiness),
    ),
)]
async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Readiness>) {
    let (ping, paused, tripped) = tokio::join!(
        ping(&state),
        PING.once(state.stores.pauses.paused()),
        PING.once(state.limits.tripped(state.clock.now())),
    );
    let paused = paused.ok();
    let troubles = match &paused {
        Some(pauses) => PING.once(state.outgoing.troubles(pauses)).await.ok(),
        None => None,
    };
    let stopping = state.lifecycle.soft().is_cancelled();
    let clock = state.clock.fitness().trouble();
    let up = ping.is_ok() && clock.is_none() && !stopping;
    let checks = Checks {
        process: Check::new(if stopping { "stopping" } else { "up" }),
        store: match ping {
            Ok(()) => Check::new("up"),
            Err(error) => Check::down(error.to_string()),
        },
        queue: match state.queue.health() {
            QueueHealth::Up => Check::new("up"),
            // Anybody may ask, and the reason names addresses of ours.
            QueueHealth::Down { .. } => Check::down(QUEUE_DOWN.to_owned()),
        },
        clock: clock.map_or(Check::new("up"), Check::down),
        spending: spending(tripped.ok()),
        provider: provider_check(paused),
        senders: senders_check(troubles),
    };
    let (code, status) = if up {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (code, Json(Readiness { status, checks }))
}

async fn ping(state: &AppState) -> store::Result<()> {
    let ping = PING.once(state.stores.upkeep.ping()).await;
    if let Err(error) = ping.as_ref() {
        tracing::warn!(error = %Chain(error), "the store does not work");
    }
    ping
}

fn spending(tripped: Option<Vec<&'static str>>) -> Check {
    match tripped {
        None => Check::new("unknown"),
        Some(codes) if codes.is_empty() => Check::new("up"),
        Some(codes) => Check {
            status: "spent",
            reason: Some(codes.join(", ")),
        },
    }
}

fn provider_check(paused: Option<Vec<Pause>>) -> ProviderCheck {
    let status = match &paused {
        None => "unknown",
        Some(list) if list.is_empty() => "up",
        Some(_) => "paused",
    };
    let line = |pause: Pause| PauseLine {
        code: pause.code,
        reason: pause.reason,
        since: pause.since,
    };
    ProviderCheck {
        status,
        pauses: paused.into_iter().flatten().map(line).collect(),
    }
}

fn senders_check(troubles: Option<Vec<Trouble>>) -> SendersCheck {
    let status = match &troubles {
        None => "unknown",
        Some(list) if list.is_empty() => "up",
        Some(_) => "limited",
    };
    let line = |Trouble { sender, what }: Trouble| {
        let (state, percent, until) = match what {
            Hindrance::Paused { until } => ("paused", None, Some(until)),
            Hindrance::Slowed { percent } => ("slowed", Some(percent), None),
            Hindrance::Spent { until } => ("spent", None, Some(until)),
        };
        SenderLine {
            sender: sender.redacted(),
            state,
            percent,
            until,
        }
    };
    SendersCheck {
        status,
        limited: troubles.into_iter().flatten().map(line).collect(),
    }
}

impl Check {
    fn new(status: &'static str) -> Self {
        Self {
            status,
            reason: None,
        }
    }

    fn down(reason: String) -> Self {
        Self {
            status: "down",
            reason: Some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use http::Method;
    use mysms_core::domain::{MessageId, Timestamp};
    use mysms_core::queue::{Delivery, Queue};
    use mysms_core::store::{Pauses, SenderKey};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{START, TestApi, request};

    async fn readiness(api: &TestApi) -> (u16, Value) {
        let answer = api.call(request(Method::GET, "/readyz", None, "")).await;
        assert_eq!(answer.header("content-type"), "application/json");
        (answer.status.as_u16(), answer.json())
    }

    #[tokio::test]
    async fn a_healthy_process_is_alive_and_ready() {
        let api = TestApi::start().await;
        let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
        assert_eq!(answer.status, 200);
        let expected = json!({
            "status": "ready",
            "checks": {
                "process": {"status": "up"},
                "store": {"status": "up"},
                "queue": {"status": "up"},
                "clock": {"status": "up"},
                "spending": {"status": "up"},
                "provider": {"status": "up", "pauses": []},
                "senders": {"status": "up", "limited": []},
            },
        });
        assert_eq!(readiness(&api).await, (200, expected));
    }

    #[tokio::test]
    async fn without_its_store_it_is_alive_but_not_ready() {
        let api = TestApi::start().await;
        api.store.close().await;
        let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
        assert_eq!(answer.status, 200);
        let (status, json) = readiness(&api).await;
        assert_eq!((status, &json["status"]), (503, &json!("not ready")));
        assert_eq!(json["checks"]["store"]["status"], "down");
        assert_eq!(json["checks"]["provider"]["status"], "unknown");
    }

    /// A queue that is away.
    struct Away;

    #[async_trait]
    impl Queue for Away {
        fn offer(&self, _: MessageId, _: Option<String>) {}

        async fn receive(&self) -> Delivery {
            std::future::pending().await
        }

        fn health(&self) -> QueueHealth {
            QueueHealth::Down {
                reason: "10.1.2.3:5672: connection refused".to_owned(),
            }
        }

        async fn close(&self, _: Duration) {}
    }

    #[tokio::test]
    async fn without_its_queue_it_is_ready_and_tells_strangers_no_address() {
        let mut api = TestApi::start().await;
        api.replace(|parts| parts.queue = Arc::new(Away));
        let (status, json) = readiness(&api).await;
        assert_eq!(status, 200);
        let queue = &json["checks"]["queue"];
        assert_eq!(queue["status"], "down");
        assert!(!json.to_string().contains("10.1.2.3"), "{json}");
    }

    #[tokio::test]
    async fn a_process_that_is_its_own_store_does_not_live_without_it() {
        for (closed, expected) in [(false, (200, "ok")), (true, (503, "failing"))] {
            let api = TestApi::with(|settings| settings.has_own_store = true).await;
            if closed {
                api.store.close().await;
            }
            let answer = api.call(request(Method::GET, "/healthz", None, "")).await;
            let (status, said) = (answer.status.as_u16(), answer.json());
            assert_eq!((status, said["status"].as_str().unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn it_is_not_ready_while_it_stops() {
        let api = TestApi::start().await;
        api.state.lifecycle.soft().cancel();
        let (status, json) = readiness(&api).await;
        assert_eq!(status, 503);
        assert_eq!(json["checks"]["process"]["status"], "stopping");
    }

    #[tokio::test]
    async fn a_limit_of_all_users_together_that_is_used_up_is_a_line() {
        let api = TestApi::with(|settings| settings.caps.total = Some(2)).await;
        let john = api.user("john_doe").await;
        api.send(&john, "hello").await;
        assert_eq!(
            readiness(&api).await.1["checks"]["spending"]["status"],
            "up"
        );
        // There is room for one segment, but these are two.
        let long = "x".repeat(161);
        let text = json!({"recipient": "+14155550123", "content": long});
        api.post("/messages", Some(&john), &text).await.problem(429);
        let spent = json!({"status": "spent", "reason": "total-segments-spent"});
        let (status, json) = readiness(&api).await;
        assert_eq!((status, &json["checks"]["spending"]), (200, &spent));
        api.send(&john, "hello").await;
        // Another process, which has refused nothing, sees it in the count.
        let beside = api.beside_with(|settings| settings.caps.total = Some(2));
        assert_eq!(readiness(&beside).await.1["checks"]["spending"], spent);
        api.clock.advance(Duration::from_hours(24));
        assert_eq!(
            readiness(&api).await.1["checks"]["spending"]["status"],
            "up"
        );
    }

    #[tokio::test]
    async fn a_paused_sender_is_a_line_without_any_credential() {
        let api = TestApi::start().await;
        let pause = Pause {
            sender: SenderKey::new("AC1", "+15005550006", "fingerprint"),
            code: "20003".to_owned(),
            reason: "The provider does not accept the credentials.".to_owned(),
            since: START,
            probe_at: Timestamp::from_millis(START.as_millis() + 15_000),
            failures: 0,
            probing_until: None,
        };
        api.store.pause(pause).await.unwrap();
        let (status, json) = readiness(&api).await;
        assert_eq!(status, 200);
        let line = json!({
            "code": "20003",
            "reason": "The provider does not accept the credentials.",
            "since": "2026-01-01T00:00:00.120Z",
        });
        let expected = json!({"status": "paused", "pauses": [line]});
        assert_eq!(json["checks"]["provider"], expected);
        let line = json!({
            "sender": "…06", "state": "paused", "percent": null, "until": "2026-01-01T00:00:15.120Z",
        });
        let expected = json!({"status": "limited", "limited": [line]});
        assert_eq!(json["checks"]["senders"], expected);
        assert!(!json.to_string().contains("500555"), "{json}");
    }
}
