//! The one place that reads the clocks.

mod steady;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::domain::Timestamp;

pub use steady::SteadyClock;

/// How far two of our hosts' clocks may be from the database's, and one clock from where it was. Leases
/// and start windows are kept by the clocks of many machines, and leave room for no more.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5);

/// Tells the time; injected so that tests decide what time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// What the machine's own clock says, which anybody may set at any time.
    fn wall(&self) -> Timestamp {
        self.now()
    }

    /// What may be begun by this time.
    fn fitness(&self) -> Fitness {
        Fitness::Fit
    }
}

/// What a process may begin, as far as its clock is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fitness {
    /// Everything.
    Fit,
    /// Its time was put right a moment ago: leases that were given before cannot be judged yet, so no
    /// doubt is looked into. Everything else may begin.
    Settling,
    /// Nothing, for this reason.
    Unfit(String),
}

impl Fitness {
    /// Why nothing may be begun, for operators.
    pub fn trouble(self) -> Option<String> {
        match self {
            Self::Unfit(reason) => Some(reason),
            Self::Fit | Self::Settling => None,
        }
    }
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is told to ask"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_millis()))
    }

    pub fn advance(&self, by: Duration) {
        let millis = (Timestamp::EPOCH + by).as_millis();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
