//! The addresses of a name, as far as they may be connected to.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use mysms_core::post::Objection;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::policy::{Channel, Policy};

/// How many names may be looked up at a time. Each takes a thread for as long as the servers of the name
/// keep it waiting.
const MOST_LOOKUPS: usize = 128;

/// Where the addresses of a name come from.
pub(crate) trait Names: Send + Sync {
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks as every program of the machine does.
pub(crate) struct SystemNames {
    threads: Arc<Semaphore>,
}

impl SystemNames {
    pub(crate) fn new() -> Self {
        Self {
            threads: Arc::new(Semaphore::new(MOST_LOOKUPS)),
        }
    }
}

impl Names for SystemNames {
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let threads = Arc::clone(&self.threads);
        async move {
            let permit = threads.acquire_owned().await.map_err(io::Error::other)?;
            let found = tokio::task::spawn_blocking(move || -> io::Result<Vec<IpAddr>> {
                // Kept until the thread ends, though whoever asked may have given up.
                let _permit = permit;
                let found = (name.as_str(), 0).to_socket_addrs()?;
                Ok(found.map(|address| address.ip()).collect())
            });
            found.await.map_err(io::Error::other)?
        }
        .boxed()
    }
}

/// Why a name leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAddress {
    /// It has none.
    Unknown,
    /// It has some, and none of them may be connected to.
    Closed(Objection),
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the name has no address"),
            Self::Closed(objection) => write!(f, "the name {objection}"),
        }
    }
}

impl Error for NoAddress {}

type Found = Option<Arc<[IpAddr]>>;
type Lookup = BoxFuture<'static, Found>;

/// Looks names up, those that are asked for at the same time once: however many deliveries to a name wait
/// for servers that do not answer, one thread does.
pub(crate) struct Lookups {
    names: Arc<dyn Names>,
    under_way: Mutex<HashMap<String, WeakShared<Lookup>>>,
}

impl Lookups {
    pub(crate) fn new(names: Arc<dyn Names>) -> Self {
        Self {
            names,
            under_way: Mutex::new(HashMap::new()),
        }
    }

    /// Those addresses of the name that may be connected to; at least one.
    ///
    /// The others are left out rather than held against the name: a receiver may have an address on the
    /// internet beside one within a network of its own.
    pub(crate) async fn open_addresses(
        &self,
        policy: &Policy,
        channel: Channel,
        name: &str,
    ) -> Result<Vec<IpAddr>, NoAddress> {
        let found = self.begin(name).await.ok_or(NoAddress::Unknown)?;
        let allowed = |address: &IpAddr| policy.allows(channel, *address);
        let open: Vec<_> = found.iter().copied().filter(allowed).collect();
        match (found.is_empty(), open.is_empty()) {
            (true, _) => Err(NoAddress::Unknown),
            (_, true) => Err(NoAddress::Closed(channel.closed())),
            _ => Ok(open),
        }
    }

    fn begin(&self, name: &str) -> Shared<Lookup> {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(lookup) = under_way.get(name).and_then(WeakShared::upgrade)
            && lookup.peek().is_none()
        {
            return lookup;
        }
        under_way.retain(|_, lookup| lookup.upgrade().is_some());
        let found = self.names.look_up(name.to_owned());
        let lookup = found.map(|found| -> Found { Some(found.ok()?.into()) });
        let lookup = lookup.boxed().shared();
        if let Some(weak) = lookup.downgrade() {
            under_way.insert(name.to_owned(), weak);
        }
        lookup
    }
}

/// The resolver of a client: what it does not answer is not connected to, whatever was answered before.
pub(crate) struct Guarded {
    pub(crate) lookups: Arc<Lookups>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) channel: Channel,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookups, policy) = (Arc::clone(&self.lookups), Arc::clone(&self.policy));
        let channel = self.channel;
        Box::pin(async move {
            match lookups
                .open_addresses(&policy, channel, name.as_str())
                .await
            {
                // The client puts the port of the URL in the place of the zero.
                Ok(open) => {
                    let open = open.into_iter().map(|ip| SocketAddr::new(ip, 0));
                    Ok(Box::new(open) as Addrs)
                }
                Err(closed) => Err(Box::new(closed) as Box<dyn Error + Send + Sync>),
            }
        })
    }
}
