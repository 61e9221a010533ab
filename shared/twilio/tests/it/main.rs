#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; clippy's allowance for tests does not reach helpers"
)]

mod codes;
mod create;
mod erasing;
mod inbox;
mod list;
mod look;
mod media;
mod server;
