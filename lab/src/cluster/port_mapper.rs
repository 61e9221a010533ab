//! The port mapper of RabbitMQ's nodes (`epmd`), which says that each listens where its wire begins.
//!
//! A node registers over a connection that lasts as long as the node does, and asks for the others
//! by name (<https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html>).

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::free_port;

const REGISTER: u8 = 120;
const REGISTERED: u8 = 118;
const ASK_PORT: u8 = 122;
const PORT: u8 = 119;
const ASK_NAMES: u8 = 110;

/// A port mapper; dropped, it is gone.
#[derive(Debug)]
pub(super) struct PortMapper {
    port: u16,
    _tasks: JoinSet<()>,
}

/// What it knows.
struct Ports {
    own: u16,
    /// Where the wires to nodes begin.
    wires: HashMap<String, u16>,
    registered: Mutex<HashMap<String, Registered>>,
}

/// A node that runs.
#[derive(Clone, Copy)]
struct Registered {
    /// Where it says that it listens.
    port: u16,
    /// Tells it from the one that had its name before.
    creation: u32,
}

impl PortMapper {
    /// Starts one that names these ports for the nodes with these names.
    pub(super) async fn start(wires: HashMap<String, u16>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port()?)).await?;
        let port = listener.local_addr()?.port();
        let ports = Arc::new(Ports {
            own: port,
            wires,
            registered: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, ports));
        Ok(Self {
            port,
            _tasks: tasks,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

async fn serve(listener: TcpListener, ports: Arc<Ports>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((mut stream, _)) = listener.accept().await {
            let ports = Arc::clone(&ports);
            // Who asks for something else, or goes away, is not answered.
            connections.spawn(async move { drop(ports.answer(&mut stream).await) });
        }
        while connections.try_join_next().is_some() {}
    }
}

impl Ports {
    async fn answer(&self, stream: &mut TcpStream) -> anyhow::Result<()> {
        let length = stream.read_u16().await?;
        let mut request = vec![0; length.into()];
        stream.read_exact(&mut request).await?;
        let (&kind, rest) = request.split_first().context("an empty request")?;
        match kind {
            REGISTER => self.register(stream, rest).await,
            ASK_PORT => Ok(stream.write_all(&self.port(rest)).await?),
            ASK_NAMES => Ok(stream.write_all(&self.names()).await?),
            other => anyhow::bail!("no such request: {other}"),
        }
    }

    /// Knows a node for as long as its connection lasts.
    async fn register(&self, stream: &mut TcpStream, request: &[u8]) -> anyhow::Result<()> {
        let port = request.get(..2).context("no port")?;
        let port = u16::from_be_bytes(port.try_into()?);
        // Between them: its kind, its protocol and the versions that it speaks.
        let name = text(request.get(8..).context("no name")?)?;
        let creation = rand::random_range(4..u32::MAX);
        let node = Registered { port, creation };
        self.known().insert(name.clone(), node);
        let mut answer = vec![REGISTERED, 0];
        answer.extend(creation.to_be_bytes());
        stream.write_all(&answer).await?;
        let mut nothing = [0; 16];
        while stream.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
        let mut known = self.known();
        // It may be back already.
        if known.get(&name).map(|node| node.creation) == Some(creation) {
            known.remove(&name);
        }
        Ok(())
    }

    fn port(&self, name: &[u8]) -> Vec<u8> {
        let name = String::from_utf8_lossy(name).into_owned();
        let Some(node) = self.known().get(&name).copied() else {
            return vec![PORT, 1];
        };
        // Those who only visit, as `rabbitmqctl` does, have no wire.
        let port = self.wires.get(&name).copied().unwrap_or(node.port);
        let mut answer = vec![PORT, 0];
        answer.extend(port.to_be_bytes());
        // An ordinary node on TCP, and the versions of the protocol that it speaks.
        answer.extend([77, 0, 0, 6, 0, 5]);
        answer.extend(u16::try_from(name.len()).unwrap_or(0).to_be_bytes());
        answer.extend(name.as_bytes());
        answer.extend([0, 0]);
        answer
    }

    fn names(&self) -> Vec<u8> {
        let mut answer = u32::from(self.own).to_be_bytes().to_vec();
        for (name, node) in &*self.known() {
            answer.extend(format!("name {name} at port {}\n", node.port).into_bytes());
        }
        answer
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Registered>> {
        let known = self.registered.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is written with its length before it.
fn text(bytes: &[u8]) -> anyhow::Result<String> {
    let length = bytes.get(..2).context("no length")?;
    let length: usize = u16::from_be_bytes(length.try_into()?).into();
    let text = bytes.get(2..2 + length).context("cut off")?;
    Ok(String::from_utf8(text.to_vec())?)
}
