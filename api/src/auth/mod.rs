//! Who is calling, and how they prove it.

mod caller;
mod hasher;
mod limiter;
mod passwords;
mod revoked;
mod tokens;

pub(crate) use limiter::AttemptLimiter;
pub(crate) use limiter::limit_attempts;
pub(crate) use passwords::{Password, Passwords};
pub(crate) use revoked::Revoked;
pub(crate) use tokens::{Caller, Login, Tokens};
