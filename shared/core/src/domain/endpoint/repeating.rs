//! When what an endpoint did not take is told again.

use std::time::Duration;

/// After so long with nothing but failures an endpoint is disabled.
pub const REPEATED_FOR: Duration = Duration::from_hours(5 * 24);

/// The longest that an endpoint may ask us to wait.
const LONGEST: Duration = Duration::from_hours(24);

/// The schedule of the Standard Webhooks.
const DELAYS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How long to wait after the `failures`-th failure (from 1), and up to a fifth longer: `jitter` is from 0
/// to 1. What the endpoint asks for is heeded up to a day.
pub(super) fn delay(failures: u32, asked: Option<Duration>, jitter: f64) -> Duration {
    let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let delay = DELAYS.get(place).copied().unwrap_or(LONGEST);
    let delay = delay + delay.mul_f64(jitter.clamp(0.0, 1.0) / 5.0);
    delay.max(asked.unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_follow_the_schedule_and_end_at_a_day() {
        assert_eq!(delay(1, None, 0.0), Duration::from_secs(5));
        let minutes = |failures| delay(failures, None, 0.0).as_secs() / 60;
        let rest: Vec<_> = (2..=11).map(minutes).collect();
        assert_eq!(rest, [5, 30, 120, 300, 600, 840, 1200, 1440, 1440, 1440]);
        assert_eq!(delay(u32::MAX, None, 0.0), LONGEST);
        assert_eq!(delay(0, None, 0.0), DELAYS[0]);
    }

    #[test]
    fn jitter_only_delays_and_the_endpoint_may_ask_for_more() {
        assert_eq!(delay(2, None, 0.5), Duration::from_secs(330));
        assert_eq!(delay(2, None, 7.0), Duration::from_mins(6));
        let asking = |seconds| delay(2, Some(Duration::from_secs(seconds)), 0.0);
        assert_eq!(asking(10), Duration::from_mins(5));
        assert_eq!(asking(1000), Duration::from_secs(1000));
        assert_eq!(asking(u64::MAX / 2), LONGEST);
    }
}
