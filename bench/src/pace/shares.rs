//! Who got how much of a sender, and in which order.

use std::time::Duration;

/// A text of one of several users that came to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Portion {
    /// In milliseconds since 1970.
    pub(super) at: i64,
    pub(super) user: usize,
    pub(super) segments: u32,
}

/// Between the beginnings of two windows, in milliseconds.
const STEP: i64 = 500;

/// How far the worst share of any user in any window is from an equal one, as a part of that, while
/// all of `users` have something to send. The portions are in their order. `None` if that does not
/// last for a window.
pub(super) fn worst_share(portions: &[Portion], users: usize, window: Duration) -> Option<f64> {
    let window = i64::try_from(window.as_millis()).ok()?;
    let first = portions.first()?.at;
    let last_of = |user| {
        let mut own = portions.iter().rev();
        own.find(|portion| portion.user == user)
            .map(|portion| portion.at)
    };
    let end = (0..users).map(last_of).min()??;
    let begins = (first..)
        .step_by(usize::try_from(STEP).ok()?)
        .take_while(|begin| begin + window <= end);
    let worst = begins.map(|begin| {
        let mut shares = vec![0.0; users];
        let from = portions.partition_point(|portion| portion.at < begin);
        let until = portions.partition_point(|portion| portion.at < begin + window);
        for portion in &portions[from..until] {
            shares[portion.user] += f64::from(portion.segments);
        }
        let equal = shares.iter().sum::<f64>() / f64::from(u32::try_from(users).unwrap_or(1));
        let off = shares.iter().map(|share| (share / equal - 1.0).abs());
        off.fold(0.0, f64::max)
    });
    worst.max_by(f64::total_cmp)
}

/// How long the text that came latest after one with a higher turn came after it, in milliseconds, given
/// when each came and its turn, in the order in which they came.
pub(super) fn worst_delay_behind_later_turns(texts: &[(i64, i64)]) -> i64 {
    // Whenever the highest turn so far rose, and to what.
    let mut rises: Vec<(i64, i64)> = Vec::new();
    let mut worst = 0;
    for &(at, turn) in texts {
        let overtaken = rises.partition_point(|(_, highest)| *highest <= turn);
        match rises.get(overtaken) {
            Some((since, _)) => worst = worst.max(at - since),
            None => rises.push((at, turn)),
        }
    }
    worst
}

/// The value that so many of a hundred do not exceed.
pub(super) fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * percent).div_ceil(100).max(1) - 1;
    values.get(place).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portions(all: &[(i64, usize, u32)]) -> Vec<Portion> {
        let portion = |&(at, user, segments)| Portion { at, user, segments };
        all.iter().map(portion).collect()
    }

    #[test]
    fn the_worst_share_is_that_of_the_windows_in_which_all_have_something() {
        let mut all = Vec::new();
        for n in 0..20 {
            all.extend([(n * 100, 0, 1), (n * 100, 1, 1)]);
        }
        // What one sends alone afterwards is no injustice.
        all.extend((20..60).map(|n| (n * 100, 1, 1)));
        let second = Duration::from_secs(1);
        assert_eq!(worst_share(&portions(&all), 2, second), Some(0.0));
        all[0].2 = 6;
        let worst = worst_share(&portions(&all), 2, second).unwrap();
        assert!((worst - 0.2).abs() < 1e-9, "15 and 10: {worst}");
        assert_eq!(worst_share(&portions(&all[..10]), 2, second), None);
    }

    #[test]
    fn a_text_is_late_from_the_first_on_that_came_before_its_turn() {
        let in_order = [(0, 10), (100, 20), (100, 20), (200, 30)];
        assert_eq!(worst_delay_behind_later_turns(&in_order), 0);
        let late = [(0, 10), (100, 30), (200, 40), (350, 20), (360, 35)];
        assert_eq!(worst_delay_behind_later_turns(&late), 250);
    }

    #[test]
    fn of_a_hundred_values_the_99th_is_exceeded_by_one() {
        let values: Vec<f64> = (1..=100).map(f64::from).rev().collect();
        let whole = |values, percent| percentile(values, percent).to_string();
        assert_eq!(whole(values.clone(), 99), "99");
        assert_eq!(whole(values, 50), "50");
        assert_eq!(whole(vec![7.0], 99), "7");
        assert!(percentile(Vec::new(), 50).is_nan());
    }
}
