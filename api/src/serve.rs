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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::Layer;

use crate::accounts::erase_closed;
use crate::router;
use crate::state::AppState;

/// Connections at a time; more wait in the listener's backlog.
const CONNECTIONS: u32 = 4096;

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
    let watch = Arc::clone(&state.revoked).watch(Arc::clone(&state.clock), stop.clone());
    lifecycle.spawn("revocations", watch);
    lifecycle.spawn("erasing", erase_closed(state.clone()));
    let router = router(&state);
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
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
    let _all = places.acquire_many(CONNECTIONS).await?;
    Ok(())
}

/// Serves one client until it leaves or the stop, at which the request under way is still answered.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    let service = Extension(ConnectInfo(peer)).layer(router);
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
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(error, "a connection ended badly");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::testing::TestApi;

    struct Server {
        lifecycle: Lifecycle,
        address: SocketAddr,
        _api: TestApi,
    }

    async fn start(api: TestApi) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let lifecycle = Lifecycle::new();
        let server = serve(listener, api.state.clone(), lifecycle.clone());
        lifecycle.spawn("http", server);
        Server {
            lifecycle,
            address,
            _api: api,
        }
    }

    impl Server {
        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_stop_lets_the_request_under_way_finish_and_takes_no_more() {
        let server = start(TestApi::start().await).await;
        let mut stream = server.connect().await;
        // The handler has begun once the server asks for the body.
        let head = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\
                    Expect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

        let stop = server.lifecycle.stop(Duration::from_secs(30));
        let finish = async {
            server.lifecycle.soft().cancelled().await;
            stream.write_all(b"{}").await.unwrap();
            answer(&mut stream).await
        };
        let (in_time, text) = tokio::join!(stop, finish);
        assert!(text.starts_with("HTTP/1.1 400"), "{text}");
        assert!(in_time, "something had to be abandoned");
        assert!(TcpStream::connect(server.address).await.is_err());
    }

    #[tokio::test]
    async fn clients_are_told_apart_by_their_connections() {
        let api = TestApi::with(|settings| {
            settings.http.auth_attempts_per_minute = 1;
        })
        .await;
        let server = start(api).await;
        let login = "POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                     X-Forwarded-For: 1.2.3.4\r\nContent-Length: 2\r\n\r\n{}";
        for expected in ["HTTP/1.1 400", "HTTP/1.1 429"] {
            let mut stream = server.connect().await;
            stream.write_all(login.as_bytes()).await.unwrap();
            let text = answer(&mut stream).await;
            assert!(text.starts_with(expected), "{text}");
        }
        assert!(server.lifecycle.stop(Duration::from_secs(30)).await);
    }
}
