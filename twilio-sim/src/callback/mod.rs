//! A callback: what it says, how it is sent, and when.

mod notice;
mod overrides;
mod queue;
mod sender;

pub(crate) use notice::{Account, Notice};
pub(crate) use overrides::Overrides;
pub(crate) use queue::{Job, Queue};
pub(crate) use sender::{Answer, Failure, Sender};
