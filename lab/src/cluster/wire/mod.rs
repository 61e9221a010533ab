//! The addresses under which servers are known, and what is between those and the servers.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::callers::Asked;
use super::network::{Deaths, Link, Network};
use crate::free_port;

/// A server where it really listens.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) port: u16,
}

/// An address whose connections go to a server, as the network lets them; to one server after the
/// other, where it is the address of several, and past those that refuse. Dropped, it ends them.
#[derive(Debug)]
pub(super) struct Wire {
    port: u16,
    _tasks: JoinSet<()>,
}

impl Wire {
    pub(super) async fn lay(network: &Network, servers: Vec<Server>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port()?)).await?;
        let port = listener.local_addr()?.port();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, network.clone(), servers.into()));
        Ok(Self {
            port,
            _tasks: tasks,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

async fn serve(listener: TcpListener, network: Network, servers: Arc<[Server]>) {
    let mut connections = JoinSet::new();
    for turn in 0.. {
        // A connection that was gone before it was accepted concerns nobody else.
        if let Ok((stream, _)) = listener.accept().await {
            let (network, servers) = (network.clone(), Arc::clone(&servers));
            connections.spawn(connect(stream, network, servers, turn));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(mut near: TcpStream, network: Network, servers: Arc<[Server]>, turn: usize) {
    let mut caller = Caller::of(&near, &network);
    for offset in 0..servers.len() {
        let server = &servers[(turn + offset) % servers.len()];
        if !network.is_open() {
            let mut link = caller.link_to(server, network.deaths()).await;
            link.until_open().await;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port));
        if let Ok(mut far) = TcpStream::connect(address).await {
            let link = caller.link_to(server, network.deaths());
            carry(&mut near, &mut far, &network, link).await;
            return;
        }
    }
    // A server that does not run refuses; to be cut off at once is the nearest to that.
    let _ = near.set_zero_linger();
}

/// Carries until either end is gone; whoever is left is told when both are dropped.
///
/// While all links are open nobody waits until it is known whose this one is: a process that connects
/// anew for each request, because none is answered in time, would never come out of that.
async fn carry(
    near: &mut TcpStream,
    far: &mut TcpStream,
    network: &Network,
    link: impl Future<Output = Link>,
) {
    // Small messages must not wait for each other here when they do not elsewhere.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let mut carrying = pin!(copy_bidirectional(near, far));
    let mut link = pin!(link);
    let mut link = tokio::select! {
        biased;
        link = &mut link => link,
        // This one may be among those that are cut.
        () = network.until_cut() => link.await,
        _ = &mut carrying => return,
    };
    loop {
        tokio::select! {
            biased;
            () = link.until_silent() => {
                link.until_open().await;
                if link.is_dead() {
                    return;
                }
            }
            _ = &mut carrying => return,
        }
    }
}

/// Whoever made a connection, which takes a moment to find out.
struct Caller {
    network: Network,
    asked: Option<Asked>,
    name: Option<String>,
}

impl Caller {
    fn of(stream: &TcpStream, network: &Network) -> Self {
        Self {
            network: network.clone(),
            asked: network.ask_for_caller(stream),
            name: None,
        }
    }

    /// The link to a server of a connection that was made after these deaths.
    async fn link_to(&mut self, server: &Server, after: Deaths) -> Link {
        if let Some(asked) = self.asked.take() {
            // Nobody answers any more once the network is gone.
            self.name = asked.await.unwrap_or_default();
        }
        let name = self.name.as_deref();
        self.network.link(name, &server.name, &after)
    }
}

#[cfg(test)]
mod tests;
