//! One address for several processes, as a load balancer gives them, which can be cut off.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::free_port;

/// Hands each connection to the next of its backends that takes connections; a connection that none
/// takes is closed. Dropped, it closes all of them.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    backends: Arc<[SocketAddr]>,
    tasks: JoinSet<()>,
}

impl Proxy {
    /// Opens one on `port` of this machine.
    pub async fn open(port: u16, backends: Vec<SocketAddr>) -> anyhow::Result<Self> {
        let mut proxy = Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            backends: backends.into(),
            tasks: JoinSet::new(),
        };
        proxy.mend().await?;
        Ok(proxy)
    }

    /// Opens one on any port, in front of a server with an address of this machine.
    pub async fn to(url: &str) -> anyhow::Result<Self> {
        let backend = url.strip_prefix("http://").context("an HTTP URL")?;
        Self::open(free_port()?, vec![backend.parse()?]).await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection and refuses new ones.
    pub async fn cut(&mut self) {
        self.tasks.shutdown().await;
    }

    /// Takes connections again.
    pub async fn mend(&mut self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.tasks
            .spawn(serve(listener, Arc::clone(&self.backends)));
        Ok(())
    }
}

async fn serve(listener: TcpListener, backends: Arc<[SocketAddr]>) {
    let mut connections = JoinSet::new();
    for turn in 0.. {
        // A connection that was gone before it was accepted concerns nobody else.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(forward(stream, Arc::clone(&backends), turn));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn forward(mut outside: TcpStream, backends: Arc<[SocketAddr]>, turn: usize) {
    for offset in 0..backends.len() {
        let backend = backends[(turn + offset) % backends.len()];
        if let Ok(mut inside) = TcpStream::connect(backend).await {
            // Whichever end breaks, dropping both tells the other.
            let _ = copy_bidirectional(&mut outside, &mut inside).await;
            return;
        }
    }
}
