//! Real HTTP against started simulators.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod callbacks;
mod control;
mod create;
mod erase;
mod faults;
mod inbound;
mod list;
mod media;
mod opt_out;
mod page;
mod phones;
mod process;
mod restart;
mod senders;
mod signature;
mod support;
