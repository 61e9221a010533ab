//! Real HTTP against started simulators.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod callbacks;
mod control;
mod create;
mod faults;
mod list;
mod process;
mod restart;
mod signature;
mod support;
