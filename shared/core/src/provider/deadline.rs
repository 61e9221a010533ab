//! The last moment at which a request may begin.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::domain::Timestamp;

/// The last moment at which a request may begin, by both clocks: the monotonic one stands still
/// while a virtual machine is suspended, and the wall clock may be set back.
#[derive(Clone)]
pub struct StartDeadline {
    window: Duration,
    started: Instant,
    started_wall: Timestamp,
    clock: Arc<dyn Clock>,
}

impl StartDeadline {
    /// `started` and `started_wall`, of the machine's own clock, are one moment, noted before the
    /// claim was sent.
    pub fn new(
        window: Duration,
        started: Instant,
        started_wall: Timestamp,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            window,
            started,
            started_wall,
            clock,
        }
    }

    /// Whether more than the window has gone by on either clock.
    pub fn has_passed(&self) -> bool {
        self.started.elapsed() > self.window
            || self.clock.wall().since(self.started_wall) > self.window
    }
}

impl fmt::Debug for StartDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartDeadline")
            .field("window", &self.window)
            .field("started_wall", &self.started_wall)
            .finish_non_exhaustive()
    }
}
