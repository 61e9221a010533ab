//! Tells endpoints what changed: an endpoint is a follower of its user's messages that we push to, with a
//! durable place.
//!
//! There is no table of events. What is to be told is read from the messages themselves, behind the place of
//! each endpoint; what was told of each message is remembered, so nothing is told twice because a place was
//! lost or because a second look reads it again. One worker at a time has the lease of an endpoint. What it
//! does may end anywhere: an event that was taken and not noted is told again.

mod desk;
mod finder;
mod follower;
mod held;
mod hint;
mod look;
mod round;
mod seen;
mod telling;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use mysms_core::post::Post;
use runtime::lifecycle::Lifecycle;

use crate::Parts;
use desk::Desk;
use finder::Finder;

/// Tells endpoints what changed, until the soft stop; what is in flight then is finished.
pub fn start(parts: &Parts, post: Arc<dyn Post>, lifecycle: &Lifecycle) {
    let desk = Desk::new(parts, post, lifecycle.clone());
    let finder = Finder::new(Arc::new(desk));
    lifecycle.spawn("hooks", Arc::clone(&finder).hear());
    lifecycle.spawn("hooks-look", finder.look_slowly());
}
