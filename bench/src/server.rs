//! Servers that the messenger calls.

use std::fmt;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What a request is answered. An error cuts its connection.
pub(crate) type Answered = Result<Response<Empty<Bytes>>, Cut>;

/// The connection ends without an answer.
#[derive(Debug)]
pub(crate) struct Cut;

/// Answers all that connect, for ever; when it is dropped, all connections are cut.
pub(crate) async fn serve<F>(
    listener: &TcpListener,
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Answered> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // It only costs time.
        let _ = stream.set_nodelay(true);
        let service = service_fn(answer.clone());
        let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async move {
            // A client that goes away is its own business.
            let _ = served.await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut off")
    }
}

impl std::error::Error for Cut {}
