//! Who may hear whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::callers::{Asked, Callers};
use crate::Whereabouts;

/// The network between the processes of a cluster: a matrix of links, each of them open or silent.
///
/// What a silent link carries is kept from both ends, data as well as the end of a connection, for
/// as long as it is silent; so do packets vanish that are sent again until they arrive. A connection
/// that is made meanwhile stands, and is mute.
#[derive(Debug, Clone)]
pub struct Network(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    callers: Callers,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    silent: BTreeSet<Way>,
    deaths: Deaths,
}

/// From the process that connects to the server that is connected to.
type Way = (String, String);

/// One way through the network, which one connection takes. A process that nobody knows is never
/// cut off: that is how those who judge look at everything.
#[derive(Debug)]
pub(super) struct Link {
    way: Option<Way>,
    /// Deaths at its ends before there was this connection.
    deaths: u32,
    state: watch::Receiver<State>,
}

/// How often each process has died.
#[derive(Debug, Clone, Default)]
pub(super) struct Deaths(BTreeMap<String, u32>);

impl Deaths {
    /// At either end of a way.
    fn of(&self, (from, to): &Way) -> u32 {
        let of = |name| self.0.get(name).copied().unwrap_or(0);
        of(from) + of(to)
    }
}

impl Network {
    /// One in which all links are open.
    pub fn open() -> Self {
        Self(Arc::new(Inner {
            callers: Callers::new(),
            state: watch::Sender::default(),
        }))
    }

    /// Makes a process known by its name.
    pub fn register(&self, name: &str, whereabouts: Whereabouts) {
        self.0.callers.register(name, whereabouts);
    }

    /// Lets no group hear another one; whatever was silent before is silent no more.
    ///
    /// Who is in no group hears everybody.
    pub fn part(&self, groups: &[&[&str]]) {
        let mut silent = BTreeSet::new();
        for (n, group) in groups.iter().enumerate() {
            let others = groups.iter().enumerate().filter(|(other, _)| *other != n);
            for other in others.flat_map(|(_, other)| *other) {
                silent.extend(group.iter().map(|one| way(one, other)));
            }
        }
        self.0.state.send_modify(|state| state.silent = silent);
    }

    /// Silences the links from one process to some servers; all others stay as they are.
    pub fn silence<'a>(&self, from: &str, to: impl IntoIterator<Item = &'a str>) {
        let ways: Vec<_> = to.into_iter().map(|to| way(from, to)).collect();
        self.0.state.send_modify(|state| state.silent.extend(ways));
    }

    /// Opens those links again.
    pub fn mend<'a>(&self, from: &str, to: impl IntoIterator<Item = &'a str>) {
        let ways: Vec<_> = to.into_iter().map(|to| way(from, to)).collect();
        let mend = |state: &mut State| state.silent.retain(|way| !ways.contains(way));
        self.0.state.send_modify(mend);
    }

    /// Opens all links.
    pub fn mend_all(&self) {
        self.0.state.send_modify(|state| state.silent.clear());
    }

    /// A process has died, and its machine with it: what it sent and nobody has heard is gone.
    pub(super) fn note_death(&self, name: &str) {
        self.0.state.send_modify(|state| {
            *state.deaths.0.entry(name.to_owned()).or_default() += 1;
        });
    }

    /// Whether nobody is cut off from anybody.
    pub(super) fn is_open(&self) -> bool {
        self.0.state.borrow().silent.is_empty()
    }

    /// Waits until somebody is cut off.
    pub(super) async fn until_cut(&self) {
        let mut state = self.0.state.subscribe();
        // It is never closed while we have it.
        let _ = state.wait_for(|state| !state.silent.is_empty()).await;
    }

    /// Asks who made this connection to us, as far as that is known.
    pub(super) fn ask_for_caller(&self, stream: &TcpStream) -> Option<Asked> {
        self.0.callers.ask(stream)
    }

    /// The link of a connection that was made after these deaths.
    pub(super) fn link(&self, from: Option<&str>, to: &str, after: &Deaths) -> Link {
        let way = from.map(|from| way(from, to));
        let state = self.0.state.subscribe();
        let deaths = way.as_ref().map_or(0, |way| after.of(way));
        Link { way, deaths, state }
    }

    /// Those until now.
    pub(super) fn deaths(&self) -> Deaths {
        self.0.state.borrow().deaths.clone()
    }
}

impl Link {
    pub(super) async fn until_silent(&mut self) {
        self.until(true).await;
    }

    pub(super) async fn until_open(&mut self) {
        self.until(false).await;
    }

    /// Whether either end has died since there is this link.
    pub(super) fn is_dead(&self) -> bool {
        let deaths = |way| self.state.borrow().deaths.of(way);
        self.way
            .as_ref()
            .is_some_and(|way| deaths(way) != self.deaths)
    }

    async fn until(&mut self, is: bool) {
        let way = self.way.as_ref();
        let silent = |state: &State| way.is_some_and(|way| state.silent.contains(way));
        if self
            .state
            .wait_for(|state| silent(state) == is)
            .await
            .is_err()
        {
            // The network is gone, and all that goes through it ends with it.
            std::future::pending::<()>().await;
        }
    }
}

fn way(from: &str, to: &str) -> Way {
    (from.to_owned(), to.to_owned())
}
