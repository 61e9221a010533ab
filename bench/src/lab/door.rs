//! One address for several processes, as a load balancer gives them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Hands each connection to the next of its backends that takes connections; a connection that none
/// takes is closed. Dropped, it closes all of them.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Door {
    /// Opens one on `port` of this machine.
    pub async fn open(port: u16, backends: Vec<SocketAddr>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, backends.into()));
        Ok(Self {
            address,
            _tasks: tasks,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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
