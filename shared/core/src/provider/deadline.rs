//! The last moment at which a request may begin.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::Timestamp;

/// The last moment at which a request may begin, by both clocks: the monotonic one stands still
/// while a virtual machine is suspended, and the wall clock may be set back.
#[derive(Clone)]
pub struct StartDeadline {
    first: Window,
    /// Another one, whichever ends first.
    second: Option<Window>,
    clock: Arc<dyn Clock>,
}

/// Some time from a moment on, which both clocks showed.
#[derive(Debug, Clone, Copy)]
struct Window {
    length: Duration,
    started: Instant,
    started_wall: Timestamp,
}

impl Window {
    fn left(&self, wall: Timestamp) -> Option<Duration> {
        let passed = self.started.elapsed();
        let passed = passed.max(wall.since(self.started_wall));
        self.length.checked_sub(passed)
    }
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
            first: Window {
                length: window,
                started,
                started_wall,
            },
            second: None,
            clock,
        }
    }

    /// The same deadline, but not later than that of another window.
    #[must_use]
    pub fn and(&self, window: Duration, started: Instant, started_wall: Timestamp) -> Self {
        let second = Some(Window {
            length: window,
            started,
            started_wall,
        });
        Self {
            second,
            ..self.clone()
        }
    }

    /// How much time is left; `None` if the deadline has passed on either clock.
    pub fn left(&self) -> Option<Duration> {
        let wall = self.clock.wall();
        let first = self.first.left(wall)?;
        match &self.second {
            Some(second) => Some(first.min(second.left(wall)?)),
            None => Some(first),
        }
    }

    pub fn has_passed(&self) -> bool {
        self.left().is_none()
    }
}

impl fmt::Debug for StartDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartDeadline")
            .field("first", &self.first)
            .field("second", &self.second)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_window_that_ends_first_counts() {
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let (minute, second) = (Duration::from_mins(1), Duration::from_secs(1));
        let long = StartDeadline::new(minute, Instant::now(), clock.now(), clock.clone());
        let short = long.and(second, Instant::now(), clock.now());
        assert!(short.left().is_some_and(|left| left <= second));
        clock.advance(second * 2);
        assert!(short.has_passed() && !long.has_passed());
        let longer = long.and(minute, Instant::now(), clock.now());
        clock.advance(second * 59);
        assert!(longer.has_passed(), "the claim's own window is over");
    }
}
