mod descriptors;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use shared::lifecycle::{Lifecycle, TaskResult};
use shared::telemetry::Chain;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::Layer;

use crate::accounts::erase_closed;
use crate::line::Line;
use crate::router;
use crate::state::AppState;

/// Connections at a time, if the system allows so many; more wait in the listener's backlog.
const CONNECTIONS: usize = 16_384;

/// How long a client may take to send a request's head. An idle connection is closed after the same
/// time, so it is longer than an honest client needs.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a request's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// Serves the API until the soft stop, and then answers what was begun: when it returns, every
/// connection has ended.
///
/// Meant for [`Lifecycle::spawn`], which drops it at the hard stop.
pub async fn serve(
    mut listener: TcpListener,
    mut state: AppState,
    lifecycle: Lifecycle,
) -> TaskResult {
    let stop = lifecycle.soft();
    state.stopping = stop.clone();
    // So that no text has to be asked about. If it fails, each is, until a look succeeds.
    if let Err(error) = state.opt_outs.look(state.clock.now()).await {
        tracing::warn!(error = %Chain(&error), "cannot see yet who has opted out");
    }
    let watch = Arc::clone(&state.revoked).watch(Arc::clone(&state.clock), stop.clone());
    lifecycle.spawn("revocations", watch);
    let watch = Arc::clone(&state.opt_outs).watch(Arc::clone(&state.clock), stop.clone());
    lifecycle.spawn("opt-outs", watch);
    lifecycle.spawn("erasing", erase_closed(state.clone()));
    lifecycle.spawn("events", Arc::clone(&state.events).run(stop.clone()));
    let router = router(&state);
    let connections = descriptors::allow(CONNECTIONS);
    let places = Arc::new(Semaphore::new(connections));
    let accept = async {
        loop {
            let place = Arc::clone(&places).acquire_owned().await?;
            let (stream, peer) = Listener::accept(&mut listener).await;
            let connection = connection(stream, peer, router.clone(), stop.clone());
            let hard = lifecycle.hard();
            lifecycle.tracker().spawn(async move {
                hard.run_until_cancelled(connection).await;
                drop(place);
            });
        }
    };
    if let Some(result) = stop.run_until_cancelled(accept).await {
        return result;
    }
    drop(listener);
    // With every place free again, every connection has ended.
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let _all = places.acquire_many(all).await?;
    Ok(())
}

/// Serves one client until it leaves or the stop, at which the request under way is still answered.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    let line = Line::default();
    let service = (Extension(ConnectInfo(peer)), Extension(line.clone())).layer(router);
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be delayed by the system");
    }
    // A builder that also knew HTTP/2 would wait for a client's first bytes without a timeout.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT);
    let connection =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let served = async {
        tokio::select! {
            result = connection.as_mut() => result,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::debug!(error, "a connection ended badly");
        },
        () = line.is_cut() => tracing::debug!("a connection was cut"),
    }
}

#[cfg(test)]
mod tests;
