//! Who is calling, and how they prove it.

mod buckets;
mod caller;
mod hasher;
mod limiter;
mod marks;
mod network;
mod passwords;
mod queue;
mod revoked;
mod tokens;

pub(crate) use limiter::{Attempt, AttemptLimiter, limit_attempts};
pub(crate) use marks::Marks;
pub(crate) use network::Network;
pub(crate) use passwords::{Password, Passwords};
pub(crate) use revoked::Revoked;
pub(crate) use tokens::{Caller, Login, Tokens};
