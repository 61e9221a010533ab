//! Shows the metrics to Prometheus, on a port of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use mysms_core::queue::{Queue, QueueHealth};
use mysms_core::store::Upkeep;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Metrics, Service};
use crate::lifecycle::{Lifecycle, TaskResult};

/// What the format calls itself
/// (<https://prometheus.io/docs/specs/om/open_metrics_spec/#protocol-negotiation>).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}; set METRICS_PORT to a free port")]
pub struct MetricsError {
    address: SocketAddr,
    #[source]
    source: io::Error,
}

/// How often it is looked whether the ledger and the queue are there.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How long the ledger may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the metrics tell the health of.
#[derive(Clone)]
pub struct Watched {
    pub upkeep: Arc<dyn Upkeep>,
    pub queue: Arc<dyn Queue>,
}

/// Serves `/metrics` on `address` until the soft stop.
pub async fn serve(
    address: SocketAddr,
    service: Service,
    watched: Watched,
    metrics: Arc<Metrics>,
    lifecycle: &Lifecycle,
) -> Result<(), MetricsError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| MetricsError { address, source })?;
    #[expect(clippy::disallowed_methods, reason = "no part of the API")]
    let router = Router::new()
        .route("/metrics", get(show))
        .with_state(Arc::new(metrics.registry(service)));
    let stop = lifecycle.soft();
    lifecycle.spawn("metrics", async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await?;
        Ok(())
    });
    lifecycle.spawn("watch", watch(watched, metrics, lifecycle.soft()));
    tracing::info!(%address, "the metrics are shown");
    Ok(())
}

async fn watch(watched: Watched, metrics: Arc<Metrics>, stop: CancellationToken) -> TaskResult {
    loop {
        let ping = timeout(PATIENCE, watched.upkeep.ping()).await;
        metrics.set_store_up(matches!(ping, Ok(Ok(()))));
        metrics.set_queue_up(watched.queue.health() == QueueHealth::Up);
        let pause = sleep(LOOK_EVERY);
        if stop.run_until_cancelled(pause).await.is_none() {
            return Ok(());
        }
    }
}

async fn show(State(registry): State<Arc<Registry>>) -> impl IntoResponse {
    match text(&registry) {
        Ok(text) => Ok(([(CONTENT_TYPE, OPEN_METRICS)], text)),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// The metrics as Prometheus reads them.
pub fn text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    encode(&mut text, registry)?;
    Ok(text)
}
