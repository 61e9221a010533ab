//! Servers as they run in production: a MongoDB replica set and a RabbitMQ cluster, three of each,
//! and between all processes a network that can be cut without a word.
//!
//! Every server is known, to the messenger and to the other servers, by the address of a wire of
//! ours. Who connects is seen by the socket, so each link of each process can be cut by itself: a
//! primary that no other member hears may still be heard by an API.

mod brokers;
mod callers;
mod network;
mod owner;
mod port_mapper;
mod replica_set;
mod wire;

pub use brokers::BrokerCluster;
pub use network::Network;
pub use replica_set::{Elections, ReplicaSet};

/// How many servers there are of each kind.
pub const SERVERS: usize = 3;

/// The members of the replica set, as the network knows them.
pub const MEMBERS: [&str; SERVERS] = ["mongo-1", "mongo-2", "mongo-3"];

/// The nodes of the RabbitMQ cluster, as it and the network know them.
pub const NODES: [&str; SERVERS] = ["rabbit-1", "rabbit-2", "rabbit-3"];

/// The two others.
pub fn others(server: usize) -> [usize; SERVERS - 1] {
    [(server + 1) % SERVERS, (server + 2) % SERVERS]
}
