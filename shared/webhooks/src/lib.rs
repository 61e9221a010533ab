//! Telling receivers, by a client that reaches nobody but those whom it may: by webhooks, signed as
//! <https://www.standardwebhooks.com> says, and browsers by Web Push.
//!
//! What webhooks tell to whom and when is decided elsewhere; for them this crate knows neither endpoints nor
//! messages.

mod guard;
mod poster;
mod push;
mod signature;
mod wiring;

pub use guard::Policy;
pub use poster::{ClientError, Poster};
pub use push::Doorbell;
pub use signature::signed_headers;
pub use wiring::poster;

/// The example in Rust of the page for those who receive.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/webhooks.md")]
mod page {}
