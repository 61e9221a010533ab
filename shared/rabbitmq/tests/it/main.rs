//! What only the queue on RabbitMQ promises, against real brokers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed; clippy's allowance for tests does not reach helpers"
)]

mod announcements;
mod bench;
mod dead;
mod faults;
mod flow;
mod harmed;
mod limits;
mod queue;
mod trouble;

pub(crate) use bench::Bench;
