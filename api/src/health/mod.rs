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
//!     "inbox": {"status": "up"},
//!     "received": {"status": "behind", "reason": "no worker has read the list since 2026-01-31T12:00:00.000Z"},
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
//! `"received"` is `"behind"` while texts may be missing that the provider received for us when nobody here
//! could be told of them.
//!
//! `/healthz` does not ask a store elsewhere, since no restart of this process brings that back. `mysms`
//! is its own store, so there it says no while that cannot be written.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mysms_core::chain::Chain;
use mysms_core::domain::{CatchUp, Timestamp};
use mysms_core::queue::QueueHealth;
use mysms_core::store::{self, Kind, Pause, Reading};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi::schema;
use crate::outgoing::{Hindrance, Trouble};
use crate::state::AppState;
use crate::store_timeout::StoreTimeout;

const QUEUE_DOWN: &str = "RabbitMQ cannot be used; the log tells why";

const NO_DEFAULT_OWNER: &str =
    "DEFAULT_INBOX_USER names nobody, so what belongs to nobody waits in the inbox";

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
    /// `misconfigured` while `DEFAULT_INBOX_USER` names nobody, `unknown` if the store does not say.
    inbox: Check,
    /// `behind` while texts to us may be missing that nobody here could be told of, `off` if they are not
    /// looked for, `unknown` if they never were, or the store does not say.
    received: Check,
    provider: ProviderCheck,
    senders: SendersCheck,
}

#[derive(Serialize, ToSchema)]
struct Check {
    /// `up`, `down`, of the process also `stopping`, of spending `spent` or `unknown`, of the inbox
    /// `misconfigured` or `unknown`, of what was received `behind`, `off` or `unknown`.
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
    /// may in a day, or the rest is too little for what waits.
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
    let (ping, received, paused, tripped, ownerless) = tokio::join!(
        ping(&state),
        received(&state),
        PING.once(state.stores.pauses.paused()),
        PING.once(state.limits.tripped(state.clock.now())),
        PING.once(state.default_owner.is_missing()),
    );
    let paused = paused.ok();
    let troubles = match &paused {
        Some(known) => PING.once(state.outgoing.troubles(known)).await.ok(),
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
        inbox: inbox(ownerless.ok()),
        received,
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

fn inbox(ownerless: Option<bool>) -> Check {
    match ownerless {
        None => Check::new("unknown"),
        Some(false) => Check::new("up"),
        Some(true) => Check {
            status: "misconfigured",
            reason: Some(NO_DEFAULT_OWNER.to_owned()),
        },
    }
}

/// Whether all that was received is known to be here.
async fn received(state: &AppState) -> Check {
    let Some(interval) = state.delivery.catch_up else {
        return Check::new("off");
    };
    let account = &state.provider.account;
    let records = &state.stores.records;
    let reading = records.record(Kind::CatchUp, account, state.clock.now());
    let Ok(Reading { record, at }) = PING.once(reading).await else {
        return Check::new("unknown");
    };
    match record.map(|record| record.read::<CatchUp>()) {
        Some(Ok(known)) => match known.trouble(interval, at) {
            None => Check::new("up"),
            Some(reason) => Check {
                status: "behind",
                reason: Some(reason),
            },
        },
        None | Some(Err(_)) => Check::new("unknown"),
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
mod tests;
