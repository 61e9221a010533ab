//! Whom a webhook may reach.

mod address;
mod policy;
mod resolver;

pub(crate) use policy::Channel;
pub use policy::Policy;
pub(crate) use resolver::{Guarded, Lookups, Names, NoAddress, SystemNames};
