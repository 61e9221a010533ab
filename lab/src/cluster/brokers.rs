//! A RabbitMQ cluster of three.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context as _;
use futures_util::future::try_join_all;

use super::port_mapper::PortMapper;
use super::wire::{Server, Wire};
use super::{NODES, Network};
use crate::ports::free_broker_port;
use crate::programs::script;
use crate::rabbitmq::{find_queue, list_queues, tell_at_last, url};
use crate::{Whereabouts, services};

/// A RabbitMQ cluster whose nodes pause while they are in a minority; dropped, it is stopped and
/// forgets everything.
#[derive(Debug)]
pub struct BrokerCluster {
    nodes: Vec<Node>,
    door: Wire,
    _mapper: PortMapper,
    /// Between the nodes.
    _wires: Vec<Wire>,
}

#[derive(Debug)]
struct Node {
    /// Its place among the nodes, from 1 on.
    number: usize,
    /// Where it takes clients; other nodes a thousand above.
    port: u16,
    mapper: u16,
}

impl BrokerCluster {
    /// Starts one; it takes some seconds.
    pub async fn start(network: &Network) -> anyhow::Result<Self> {
        let mut ports = Vec::new();
        let mut wires = Vec::new();
        for name in NODES {
            let port = free_broker_port()?;
            network.register(name, whereabouts(port));
            wires.push(Wire::lay(network, vec![server(name, port + 1000)]).await?);
            ports.push(port);
        }
        let named = NODES.iter().zip(&wires);
        let named: HashMap<_, _> = named
            .map(|(name, wire)| ((*name).to_owned(), wire.port()))
            .collect();
        let mapper = PortMapper::start(named).await?;
        let servers = NODES.iter().zip(&ports);
        let servers = servers.map(|(name, port)| server(name, *port)).collect();
        let nodes = ports.iter().zip(1..).map(|(&port, number)| Node {
            number,
            port,
            mapper: mapper.port(),
        });
        let cluster = Self {
            nodes: nodes.collect(),
            door: Wire::lay(network, servers).await?,
            _mapper: mapper,
            _wires: wires,
        };
        // The first makes the cluster, the others join it.
        let (first, rest) = cluster.nodes.split_first().context("a cluster of none")?;
        first.tell("start").await?;
        try_join_all(rest.iter().map(|node| node.tell("start"))).await?;
        Ok(cluster)
    }

    /// Where clients find it: one address for all nodes, each connection goes to the next.
    pub fn url(&self) -> String {
        url(self.door.port())
    }

    /// The node that leads a queue; any of them knows, but it may be one that is away.
    pub async fn leader(&self, queue: &str) -> anyhow::Result<usize> {
        let mut leader = Err(anyhow::anyhow!("a cluster of none"));
        for node in 0..self.nodes.len() {
            leader = self.leader_seen_by(node, queue).await;
            if leader.is_ok() {
                break;
            }
        }
        leader
    }

    /// The node that leads a queue, as one of them sees it.
    pub async fn leader_seen_by(&self, node: usize, queue: &str) -> anyhow::Result<usize> {
        let listed = self.nodes[node].ask(&list_queues("leader")).await?;
        let leader = find_queue(&listed, queue)?;
        let host = leader.split('@').next();
        let leader = NODES.iter().position(|name| Some(*name) == host);
        leader.context("nobody leads the queue")
    }

    /// Ends a node at once.
    pub async fn kill(&self, node: usize) -> anyhow::Result<()> {
        self.nodes[node].tell("kill").await
    }

    /// Starts nodes that were killed; together, because they may wait for each other.
    pub async fn bring_back(&self, nodes: &[usize]) -> anyhow::Result<()> {
        let started = nodes.iter().map(|&node| self.nodes[node].tell("start"));
        try_join_all(started).await?;
        Ok(())
    }

    /// Waits until every node takes clients.
    pub async fn wait_until_whole(&self) -> anyhow::Result<()> {
        // To start a node that runs is to wait until it answers.
        self.bring_back(&[0, 1, 2]).await
    }

    /// Makes a node stand still.
    pub async fn freeze(&self, node: usize) -> anyhow::Result<()> {
        self.nodes[node].tell("freeze").await
    }

    pub async fn thaw(&self, node: usize) -> anyhow::Result<()> {
        self.nodes[node].tell("thaw").await
    }
}

impl Node {
    async fn tell(&self, command: &str) -> anyhow::Result<()> {
        self.ask(&[command]).await.map(drop)
    }

    async fn ask(&self, command: &[&str]) -> anyhow::Result<String> {
        let itself = [self.number, self.port.into(), self.mapper.into()];
        let itself = itself.map(|number| number.to_string());
        let itself: Vec<&str> = itself.iter().map(String::as_str).collect();
        services(&[&["member"], &*itself, command].concat()).await
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A farewell would only take time.
        for command in ["kill", "stop"] {
            tell_at_last(self.port, command);
        }
    }
}

fn server(name: &str, port: u16) -> Server {
    Server {
        name: name.to_owned(),
        port,
    }
}

/// The script keeps what it knows of a broker there.
fn whereabouts(port: u16) -> Whereabouts {
    let script = script();
    let checkout = script.ancestors().nth(2).map(PathBuf::from);
    let brokers = checkout.unwrap_or_default().join(".services/brokers");
    Whereabouts::File(brokers.join(port.to_string()).join("rabbitmq.pid"))
}
