mod background;
mod descriptors;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use runtime::lifecycle::TaskResult;
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Layer;

use self::background::start_background;
use crate::connection::{Connection, Place};
use crate::network::Network;
use crate::routes::Api;
use crate::state::AppState;
use crate::tally::{Full, Held, Tally};

/// Connections at a time, if the system allows so many; more wait in the listener's backlog.
const CONNECTIONS: usize = 16_384;

/// How long a client may take nothing of an answer that waits for it. Nothing else ends such a
/// connection, and what it was to be told stays in memory.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of an answer that the system keeps for a client: by itself it keeps megabytes for each.
const SEND_BUFFER: usize = 128 * 1024;

/// Bytes of a request's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// Serves the API until the soft stop, and then answers what was begun: when it returns, every
/// connection has ended.
///
/// Meant for [`Lifecycle::spawn`] of the state's own lifecycle, which drops it at the hard stop.
///
/// [`Lifecycle::spawn`]: runtime::lifecycle::Lifecycle::spawn
pub async fn serve(mut listener: TcpListener, state: AppState) -> TaskResult {
    start_background(&state).await;
    let stop = state.closing.clone();
    let connections = descriptors::allow(CONNECTIONS);
    let places = Arc::new(Semaphore::new(connections));
    let clients = Tally::new(state.http.capacity.connections_per_address, usize::MAX);
    let terms = Terms {
        api: Api::new(&state),
        keep_alive: state.http.capacity.keep_alive,
        stop: stop.clone(),
    };
    let accept = async {
        loop {
            let place = Arc::clone(&places).acquire_owned().await?;
            let (stream, peer) = Listener::accept(&mut listener).await;
            let Ok(own) = own_place(&clients, &state.http.trusted_proxies, peer.ip()) else {
                refuse(&stream);
                continue;
            };
            let place = Place::new(place, own);
            let connection = terms.clone().connection(stream, peer, place);
            let hard = state.lifecycle.hard();
            state.lifecycle.tracker().spawn(async move {
                hard.run_until_cancelled(connection).await;
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

/// The place of a connection among those of its client. What a proxy passes on is many clients'.
fn own_place(
    clients: &Arc<Tally<Network>>,
    proxies: &[IpNet],
    peer: IpAddr,
) -> Result<Option<Held<Network>>, Full> {
    let is_proxy = proxies.iter().any(|net| net.contains(&peer.to_canonical()));
    let client = Network::of_a_client(peer).filter(|_| !is_proxy);
    client.map(|client| clients.take(client, 1)).transpose()
}

/// Says why, if that takes no time, before the connection is closed.
fn refuse(stream: &TcpStream) {
    tracing::debug!("a client has too many connections");
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n\
                   Content-Length: 0\r\n\r\n";
    if let Err(error) = stream.try_write(answer) {
        tracing::debug!(%error, "it could not be told");
    }
}

/// How clients are served.
#[derive(Clone)]
struct Terms {
    api: Api,
    keep_alive: Duration,
    stop: CancellationToken,
}

impl Terms {
    /// Serves one client until it leaves or the stop, at which the request under way is still
    /// answered.
    async fn connection(self, stream: TcpStream, peer: SocketAddr, place: Place) {
        let handle = Connection::default();
        let about = (
            Extension(ConnectInfo(peer)),
            Extension(handle.clone()),
            Extension(place),
        );
        let service = about.layer(self.api);
        let bounded = set_socket_send_buffer_size(&stream, SEND_BUFFER);
        if let Err(error) = stream.set_nodelay(true).and(bounded.map_err(Into::into)) {
            tracing::debug!(%error, "answers may be delayed by the system, or kept in its memory");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        // A builder that also knew HTTP/2 would wait for a client's first bytes without a timeout.
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        // It is the time for a request's head as well.
        let idle = self.keep_alive;
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(idle)
            .max_buf_size(HEAD_LIMIT);
        let stream = TokioIo::new(Box::pin(stream));
        let connection = builder.serve_connection(stream, TowerToHyperService::new(service));
        tokio::pin!(connection);
        let served = async {
            tokio::select! {
                result = connection.as_mut() => result,
                () = self.stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        };
        tokio::select! {
            result = served => if let Err(error) = result {
                tracing::debug!(error, "a connection ended badly");
            },
            () = handle.is_cut() => tracing::debug!("a connection was cut"),
        }
    }
}

#[cfg(test)]
mod tests;
