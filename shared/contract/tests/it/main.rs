#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed; clippy's allowance for tests does not reach helpers"
)]

mod mongo;
mod store;
