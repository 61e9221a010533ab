//! How long to wait before the next attempt, whatever is attempted.
//!
//! The only place that uses the crate `backoff`; it computes the delays, the jitter is an argument.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;

/// Doubling delays from `initial` up to `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub initial: Duration,
    pub max: Duration,
}

impl Schedule {
    /// The delay after the `attempt`-th attempt (from 1): `initial`, twice that, four times that … `max`.
    pub fn delay(self, attempt: u32) -> Duration {
        let mut delays = ExponentialBackoff {
            current_interval: self.initial,
            initial_interval: self.initial,
            multiplier: 2.0,
            randomization_factor: 0.0,
            max_interval: self.max,
            // The callers limit the attempts, not the backoff.
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        let mut delay = self.initial.min(self.max);
        for _ in 0..attempt {
            delay = delays.next_backoff().unwrap_or(self.max);
            if delay >= self.max {
                break;
            }
        }
        delay
    }

    /// A part of that delay, so that not all try again at once: `jitter` is from 0 (now) to 1 (all of it).
    pub fn jittered(self, attempt: u32, jitter: f64) -> Duration {
        self.delay(attempt).mul_f64(jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule {
        initial: Duration::from_secs(2),
        max: Duration::from_mins(5),
    };

    #[test]
    fn delays_double_up_to_the_limit() {
        let seconds: Vec<u64> = (1..=10)
            .map(|attempt| SCHEDULE.delay(attempt).as_secs())
            .collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(SCHEDULE.delay(1_000_000), SCHEDULE.max);
    }

    #[test]
    fn delays_of_milliseconds_double_too_and_end_at_a_limit_that_is_no_double() {
        let reconnect = Schedule {
            initial: Duration::from_millis(200),
            max: Duration::from_secs(5),
        };
        let millis: Vec<_> = (1..=7)
            .map(|attempt| reconnect.delay(attempt).as_millis())
            .collect();
        assert_eq!(millis, [200, 400, 800, 1600, 3200, 5000, 5000]);
        let half = reconnect.jittered(u32::MAX, 0.5);
        assert_eq!(half, Duration::from_millis(2500));
    }

    #[test]
    fn jitter_spreads_over_the_whole_delay() {
        assert_eq!(SCHEDULE.jittered(3, 0.0), Duration::ZERO);
        assert_eq!(SCHEDULE.jittered(3, 0.5), Duration::from_secs(4));
        assert_eq!(SCHEDULE.jittered(3, 1.0), Duration::from_secs(8));
    }
}
