use std::sync::atomic::{AtomicI64, Ordering};

use rustix::time::{ClockId, clock_gettime};

use super::{Clock, SystemClock};
use crate::domain::Timestamp;

/// A clock that goes on evenly while the machine's own is set: it was read off that once, and counts
/// the time since.
///
/// So a lease that this process gave lasts as long as it was meant to, whatever happens to the
/// machine's clock meanwhile.
#[derive(Debug)]
pub struct SteadyClock {
    /// What the wall clock said at [`uptime`] 0, in milliseconds.
    began: AtomicI64,
}

impl SteadyClock {
    /// Starts with what the machine's clock says now.
    pub fn start() -> Self {
        let began = AtomicI64::new(began(SystemClock.now()));
        Self { began }
    }

    /// Takes over what the machine's clock says now.
    pub fn follow_wall(&self) {
        self.began.store(began(self.wall()), Ordering::SeqCst);
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.began.load(Ordering::SeqCst) + uptime())
    }

    fn wall(&self) -> Timestamp {
        SystemClock.now()
    }
}

fn began(wall: Timestamp) -> i64 {
    wall.as_millis() - uptime()
}

/// Milliseconds since the machine was started, while it was suspended included.
fn uptime() -> i64 {
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_the_wall_clock_said_and_never_goes_back() {
        let clock = SteadyClock::start();
        let first = clock.now();
        assert!(clock.now() >= first);
        let elsewhere = SteadyClock {
            began: AtomicI64::new(0),
        };
        elsewhere.follow_wall();
        for at in [first, elsewhere.now()] {
            assert!(clock.wall().since(at).as_secs() < 60);
            assert!(at.since(clock.wall()).as_secs() < 60);
        }
    }
}
