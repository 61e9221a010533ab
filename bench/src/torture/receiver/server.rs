//! A receiver as bad as receivers are.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use super::book::{Book, Noted};
use crate::server::{Answered, Cut, empty, serve};

/// For how long it is there, and away, in turn.
const THERE: Duration = Duration::from_secs(12);
const AWAY: Duration = Duration::from_secs(3);

/// How late it answers when it is slow. Longer than a call may take is no answer.
const SLOW: Duration = Duration::from_secs(2);
const TOO_SLOW: Duration = Duration::from_secs(16);

pub(super) struct Server {
    address: SocketAddr,
    /// Until it is served.
    listener: Mutex<Option<TcpListener>>,
    book: Mutex<Book>,
    moods: Mutex<StdRng>,
    behaves: AtomicBool,
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Take,
    TakeSlowly,
    /// Notes it, and says that it did not.
    TakeAndRefuse,
    /// Notes it, and never says so.
    TakeAndHang,
    TakeAndCut,
    Refuse,
    Cut,
}

impl Server {
    pub(super) async fn bind(seed: u64) -> anyhow::Result<Self> {
        // One that the system gives to nobody else while it is away.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, lab::free_port()?)).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener: Mutex::new(Some(listener)),
            book: Mutex::default(),
            moods: Mutex::new(StdRng::seed_from_u64(seed)),
            behaves: AtomicBool::new(false),
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// Takes everything from now on.
    pub(super) fn behave(&self) {
        self.behaves.store(true, Ordering::SeqCst);
    }

    pub(super) fn book(&self) -> Book {
        lock(&self.book).clone()
    }

    /// Serves for ever, and goes away now and then: everything that was under way is cut off.
    pub(super) async fn serve(self: Arc<Self>) {
        let mut listener = lock(&self.listener).take();
        loop {
            let Some(open) = listener.take() else {
                listener = TcpListener::bind(self.address).await.ok();
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            let this = Arc::clone(&self);
            let there = serve(&open, move |request| Arc::clone(&this).answer(request));
            if self.behaves() {
                there.await;
            } else if timeout(THERE, there).await.is_err() {
                drop(open);
                sleep(AWAY).await;
            }
        }
    }

    fn behaves(&self) -> bool {
        self.behaves.load(Ordering::SeqCst)
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answered {
        let id = request.headers().get("webhook-id");
        let id = id
            .and_then(|id| id.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = request
            .into_body()
            .collect()
            .await
            .map_err(|_| Cut)?
            .to_bytes();
        let mood = self.mood();
        if matches!(mood, Mood::Refuse | Mood::Cut) {
            lock(&self.book).refused += 1;
        } else if let Ok(event) = serde_json::from_slice(&body)
            && let Some(noted) = Noted::read(&id, &event)
        {
            lock(&self.book).note(noted);
        }
        match mood {
            Mood::Take => {}
            Mood::TakeSlowly => sleep(SLOW).await,
            Mood::TakeAndHang => sleep(TOO_SLOW).await,
            Mood::TakeAndCut | Mood::Cut => return Err(Cut),
            Mood::TakeAndRefuse | Mood::Refuse => {
                return Ok(empty(StatusCode::INTERNAL_SERVER_ERROR));
            }
        }
        Ok(empty(StatusCode::NO_CONTENT))
    }

    fn mood(&self) -> Mood {
        if self.behaves() {
            return Mood::Take;
        }
        match lock(&self.moods).random_range(0..100) {
            0..6 => Mood::Refuse,
            6..9 => Mood::Cut,
            9..14 => Mood::TakeAndRefuse,
            14..18 => Mood::TakeAndCut,
            18..21 => Mood::TakeSlowly,
            21 => Mood::TakeAndHang,
            _ => Mood::Take,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// While it is away, the connections of others may take any port that the system hands out.
    #[tokio::test]
    async fn a_receiver_can_come_back_to_its_port() {
        let server = Server::bind(1).await.unwrap();
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
        let bounds: Vec<u16> = range.split_whitespace().flat_map(str::parse).collect();
        let port = server.address.port();
        assert!(
            !(bounds[0]..=bounds[1]).contains(&port),
            "{port} of {range}"
        );
    }
}
