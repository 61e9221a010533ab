//! Load over kept-alive HTTP connections, as lean as it can be made: the generator shares the machine
//! with what it measures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Where texts are posted, by whom, and which have been.
#[derive(Clone)]
pub(super) struct Target {
    authority: String,
    authorization: String,
    /// The number of the next text, over all windows: every text is another one.
    next: Arc<AtomicU64>,
}

/// When the next request of a window is due.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// As soon as the one before was answered.
    Closed,
    /// So many in a second, whatever becomes of those before.
    Open(f64),
}

/// For how long requests are made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    Time(Duration),
    Count(u64),
}

/// What came of a window.
pub(super) struct Window {
    pub(super) done: u64,
    pub(super) took: Duration,
    /// From when each request was due to its answer, in microseconds.
    pub(super) latency: Histogram<u64>,
}

impl Window {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) fn per_s(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }
}

/// Latencies up to two minutes, to a thousandth.
pub(super) fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_max(120_000_000, 3)?)
}

/// Makes requests of a kind over `lanes` connections.
///
/// In an open window each request's latency counts from when it was due, so that a server that
/// stalls is not spared the requests it kept waiting.
pub(super) async fn window<C, F, R>(
    lanes: usize,
    pace: Pace,
    length: Length,
    connect: C,
) -> anyhow::Result<Window>
where
    C: Fn() -> F,
    F: Future<Output = anyhow::Result<R>>,
    R: Requests + Send + 'static,
{
    let mut connections = Vec::new();
    for _ in 0..lanes {
        connections.push(connect().await?);
    }
    let tickets = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut running = JoinSet::new();
    for mut connection in connections {
        let tickets = Arc::clone(&tickets);
        running.spawn(async move {
            let mut latency = histogram()?;
            loop {
                let ticket = tickets.fetch_add(1, Ordering::Relaxed);
                let due = match pace {
                    Pace::Closed => Instant::now(),
                    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
                    Pace::Open(per_s) => began + Duration::from_secs_f64(ticket as f64 / per_s),
                };
                let over = match length {
                    Length::Time(time) => due.max(Instant::now()) - began >= time,
                    Length::Count(count) => ticket >= count,
                };
                if over {
                    return anyhow::Ok(latency);
                }
                sleep_until(due).await;
                connection.request().await?;
                latency.record(u64::try_from(due.elapsed().as_micros())?)?;
            }
        });
    }
    let mut latency = histogram()?;
    while let Some(lane) = running.join_next().await {
        latency.add(lane??)?;
    }
    Ok(Window {
        done: latency.len(),
        took: began.elapsed(),
        latency,
    })
}

/// One lane of requests.
pub(super) trait Requests {
    /// Makes one, and waits for its answer.
    fn request(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

impl Target {
    pub(super) fn new(base: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self {
            authority: authority_of(base)?,
            authorization: format!("Bearer {token}"),
            next: Arc::default(),
        })
    }

    /// Another API for the same texts: each is posted to one of both.
    pub(super) fn elsewhere(&self, base: &str) -> anyhow::Result<Self> {
        Ok(Self {
            authority: authority_of(base)?,
            ..self.clone()
        })
    }

    /// How many texts were posted so far.
    pub(super) fn posted(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// A connection that posts texts.
    pub(super) async fn poster(&self) -> anyhow::Result<Poster> {
        Ok(Poster {
            connection: connect(&self.authority).await?,
            target: self.clone(),
        })
    }

    /// A connection that reads `path`.
    pub(super) async fn reader(&self, path: String) -> anyhow::Result<Reader> {
        Ok(Reader {
            connection: connect(&self.authority).await?,
            target: self.clone(),
            path,
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        Ok(Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.authority)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?)
    }
}

pub(super) fn authority_of(base: &str) -> anyhow::Result<String> {
    let authority = base.strip_prefix("http://").context("an http URL")?;
    Ok(authority.to_owned())
}

/// A connection that is kept alive.
pub(super) async fn connect(authority: &str) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends by itself when the sender is dropped.
    #[expect(clippy::disallowed_methods, reason = "its errors reach the sender")]
    tokio::spawn(connection);
    Ok(sender)
}

/// Posts texts, each another one.
pub(super) struct Poster {
    connection: SendRequest<Full<Bytes>>,
    target: Target,
}

impl Requests for Poster {
    async fn request(&mut self) -> anyhow::Result<()> {
        let n = self.target.next.fetch_add(1, Ordering::Relaxed);
        let (number, body) = (n % 10_000_000, body(n));
        let text = format!(r#"{{"recipient":"+1415{number:07}","content":"{body}"}}"#);
        let request = self
            .target
            .request(Method::POST, "/messages", text.into())?;
        answered(&mut self.connection, request).await.map(drop)
    }
}

/// The body of a text by its number.
pub(super) fn body(n: u64) -> String {
    format!("Your table for four is booked, number {n}.")
}

/// Reads one page again and again.
pub(super) struct Reader {
    connection: SendRequest<Full<Bytes>>,
    target: Target,
    path: String,
}

impl Requests for Reader {
    async fn request(&mut self) -> anyhow::Result<()> {
        let request = self.target.request(Method::GET, &self.path, Bytes::new())?;
        answered(&mut self.connection, request).await.map(drop)
    }
}

/// Reads the answer to its end; tells how many bytes it had.
async fn answered(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<usize> {
    connection.ready().await?;
    let mut answer = connection.send_request(request).await?;
    let status = answer.status();
    anyhow::ensure!(status == StatusCode::OK, "a request was answered {status}");
    let mut length = 0;
    while let Some(frame) = answer.body_mut().frame().await {
        length += frame?.data_ref().map_or(0, Bytes::len);
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers at once, but for one request that takes long.
    struct Stalling {
        turn: u32,
    }

    impl Requests for Stalling {
        async fn request(&mut self) -> anyhow::Result<()> {
            self.turn += 1;
            if self.turn == 1 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
    }

    async fn slow_ones(pace: Pace) -> u64 {
        let window = window(1, pace, Length::Count(100), async || {
            Ok(Stalling { turn: 0 })
        });
        let latency = window.await.unwrap().latency;
        latency.len() - latency.count_between(0, 400_000)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_counts_for_all_that_were_due_meanwhile() {
        assert_eq!(slow_ones(Pace::Closed).await, 1);
        let due_meanwhile = slow_ones(Pace::Open(50.0)).await;
        assert!((25..=35).contains(&due_meanwhile), "{due_meanwhile}");
    }
}
