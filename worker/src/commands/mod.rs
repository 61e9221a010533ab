//! What operators do by hand, each a subcommand that ends by itself.

mod dead;
mod retry;

pub(crate) use dead::Dead;
pub(crate) use retry::Retry;
