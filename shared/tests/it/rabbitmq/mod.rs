//! What only the queue on RabbitMQ promises, against real brokers.

mod bench;
mod faults;
mod flow;
mod harmed;
mod limits;
mod trouble;

pub(crate) use bench::Bench;
