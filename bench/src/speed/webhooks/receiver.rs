//! A receiver that notes how late events come to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use hdrhistogram::Histogram;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use mongodb::bson::DateTime;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::super::delivering::until;
use super::super::load::histogram;
use crate::server::{Answered, Cut, empty, serve};

/// What comes here is never answered.
const HANGING: &str = "/hangs";

/// After so long without an event nothing more comes.
const SILENCE: Duration = Duration::from_millis(500);

pub(super) struct Receiver {
    address: SocketAddr,
    book: Arc<Book>,
    /// It ends with this.
    _serving: JoinSet<()>,
}

struct Book {
    taken: AtomicU64,
    /// From the change to its arrival, in milliseconds.
    late: Mutex<Histogram<u64>>,
    /// Raised to let go of all that hangs.
    released: watch::Sender<u64>,
}

/// The part of an event that is looked at.
#[derive(Deserialize)]
struct Event {
    timestamp: String,
}

impl Receiver {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, lab::free_port()?)).await?;
        let book = Arc::new(Book {
            taken: AtomicU64::new(0),
            late: Mutex::new(histogram()?),
            released: watch::Sender::new(0),
        });
        let (address, mut serving) = (listener.local_addr()?, JoinSet::new());
        let its = Arc::clone(&book);
        serving.spawn(async move {
            serve(&listener, move |request| Arc::clone(&its).answer(request)).await;
        });
        Ok(Self {
            address,
            book,
            _serving: serving,
        })
    }

    /// Where everything is taken at once.
    pub(super) fn url(&self) -> String {
        format!("http://{}/takes", self.address)
    }

    /// Where nothing is ever answered.
    pub(super) fn hanging_url(&self) -> String {
        format!("http://{}{HANGING}", self.address)
    }

    /// Cuts off all that hangs.
    pub(super) fn let_go(&self) {
        self.book.released.send_modify(|times| *times += 1);
    }

    pub(super) fn taken(&self) -> u64 {
        self.book.taken.load(Ordering::Relaxed)
    }

    /// Waits until so many events were taken in all; fails if no more come.
    pub(super) async fn has_taken(&self, count: u64) -> anyhow::Result<()> {
        let taken = async || Ok(usize::try_from(self.taken())?);
        until(count, "events are told", taken).await
    }

    /// Waits until nothing more comes; returns how late events came since it was asked last.
    pub(super) async fn lateness(&self) -> anyhow::Result<Histogram<u64>> {
        let mut taken = 0;
        while taken != self.taken() {
            taken = self.taken();
            sleep(SILENCE).await;
        }
        Ok(std::mem::replace(&mut *self.book.late(), histogram()?))
    }
}

impl Book {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answered {
        if request.uri().path() == HANGING {
            // It fails when the receiver is gone.
            let _ = self.released.subscribe().changed().await;
            return Err(Cut);
        }
        let body = request.into_body().collect().await.map_err(|_| Cut)?;
        let late = late(&body.to_bytes()).map_err(|_| Cut)?;
        // Longer than there is room for is as long as there is.
        self.late().saturating_record(late);
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(empty(StatusCode::NO_CONTENT))
    }

    fn late(&self) -> MutexGuard<'_, Histogram<u64>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many milliseconds ago the change was of which an event tells.
fn late(event: &[u8]) -> anyhow::Result<u64> {
    let Event { timestamp } = serde_json::from_slice(event).context("an event")?;
    let at = DateTime::parse_rfc3339_str(timestamp)?;
    let late = DateTime::now().timestamp_millis() - at.timestamp_millis();
    // Those who told it have the same clock, but a change may be moved on by a millisecond or two.
    Ok(u64::try_from(late).unwrap_or(0))
}
