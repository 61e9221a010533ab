//! What a worker answers on its health port.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use mysms_core::clock::Clock;
use mysms_core::queue::{Queue, QueueHealth};
use mysms_core::store::Upkeep;
use runtime::lifecycle::{Lifecycle, TaskResult};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use worker::WorkerStatus;

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(crate) struct Health {
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) status: WorkerStatus,
    pub(crate) lifecycle: Lifecycle,
}

/// Serves `/healthz` and `/readyz` until the process has stopped.
pub(crate) async fn serve(listener: TcpListener, health: Health) -> TaskResult {
    let stop = health.lifecycle.soft();
    #[expect(clippy::disallowed_methods, reason = "no part of the API")]
    let router = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .with_state(health);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await?;
    Ok(())
}

/// 503 while the ledger is away, the clock cannot be trusted or the worker stops. A queue that is down,
/// a paused sender and a provider out of reach are lines: the worker copes with them by itself.
async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let answer = tokio::time::timeout(PATIENCE, health.upkeep.ping()).await;
    let store_is_up = matches!(answer, Ok(Ok(())));
    let stopping = health.lifecycle.soft().is_cancelled();
    let clock = health.clock.fitness().trouble();
    let ready = store_is_up && clock.is_none() && !stopping;
    let queue = match health.queue.health() {
        QueueHealth::Up => json!({"status": "up"}),
        QueueHealth::Down { reason } => json!({"status": "down", "reason": reason}),
    };
    let troubles = health.status.troubles();
    let body = json!({
        "status": if ready { "ready" } else { "not ready" },
        "checks": {
            "process": {"status": if stopping { "stopping" } else { "up" }},
            "store": {"status": if store_is_up { "up" } else { "down" }},
            "queue": queue,
            "clock": match clock {
                None => json!({"status": "up"}),
                Some(reason) => json!({"status": "down", "reason": reason}),
            },
            "provider": {"status": if troubles.is_empty() { "up" } else { "troubled" }, "troubles": troubles},
        },
    });
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(body))
}
