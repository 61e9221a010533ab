//! What only the queue on RabbitMQ promises, against real brokers.

mod announcements;
mod bench;
mod dead;
mod faults;
mod flow;
mod harmed;
mod limits;
mod trouble;

pub(crate) use bench::Bench;
