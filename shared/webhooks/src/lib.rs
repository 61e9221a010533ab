//! Webhooks as they go out: signed as <https://www.standardwebhooks.com> says, by a client that reaches
//! nobody but those whom it may.
//!
//! What is told to whom and when is decided elsewhere; this crate knows neither endpoints nor messages.

mod guard;
mod poster;
mod signature;
mod wiring;

pub use guard::Policy;
pub use poster::{ClientError, Poster};
pub use signature::signed_headers;
pub use wiring::post;

/// The example in Rust of the page for those who receive.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/webhooks.md")]
mod page {}
