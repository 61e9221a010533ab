//! Judges whether the time that a process goes by can be right.

use std::time::Duration;

use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::Timestamp;

/// What all clocks said at about one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// The time that the process goes by.
    pub(super) own: Timestamp,
    /// The machine's clock.
    pub(super) wall: Timestamp,
    /// The ledger's clock; `None` if it has none but the machine's.
    pub(super) ledger: Option<Sighting>,
}

/// The ledger's clock, which was read at some moment within `within`, up to that of the reading.
#[derive(Debug, Clone, Copy)]
pub struct Sighting {
    pub at: Timestamp,
    pub within: Duration,
}

/// What to think of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opinion {
    Right,
    /// Nothing may be begun, for this reason.
    Wrong(String),
    /// The machine's clock is right and ours is not: it is to follow.
    Follow,
}

/// Remembers what it has to between two readings.
#[derive(Debug)]
pub(super) struct Judge {
    /// How long a machine's clock that was set has to stand before it is believed, where there is no
    /// other to ask.
    probation: Duration,
    /// By our own clock.
    differs_since: Option<Timestamp>,
}

impl Judge {
    pub(super) fn new(probation: Duration) -> Self {
        Self {
            probation,
            differs_since: None,
        }
    }

    pub(super) fn judge(&mut self, reading: Reading) -> Opinion {
        match reading.ledger {
            Some(ledger) => by_the_ledger(reading, ledger),
            None => self.by_itself(reading),
        }
    }

    /// Two clocks of one machine differ because the one was set. Which is right nobody here can know:
    /// soon it is set back, or it is to be believed.
    fn by_itself(&mut self, reading: Reading) -> Opinion {
        let Some(differs) = apart(reading.wall, reading.own, Duration::ZERO) else {
            self.differs_since = None;
            return Opinion::Right;
        };
        let since = *self.differs_since.get_or_insert(reading.own);
        if reading.own.since(since) >= self.probation {
            self.differs_since = None;
            return Opinion::Follow;
        }
        Opinion::Wrong(format!(
            "this machine's clock was set: it is {differs} where it was; it is believed after {} s",
            self.probation.as_secs()
        ))
    }
}

fn by_the_ledger(reading: Reading, ledger: Sighting) -> Opinion {
    if let Some(reason) = unsafe_beside(reading.wall, ledger) {
        return Opinion::Wrong(reason);
    }
    if apart(reading.own, ledger.at, ledger.within).is_some() {
        return Opinion::Follow;
    }
    Opinion::Right
}

/// Why a machine's clock cannot be used beside the ledger's; `None` if it can.
pub fn unsafe_beside(wall: Timestamp, ledger: Sighting) -> Option<String> {
    let differs = apart(wall, ledger.at, ledger.within)?;
    Some(format!(
        "this machine's clock is {differs} the database's, at most {} s are safe: synchronise both",
        MAX_CLOCK_SKEW.as_secs()
    ))
}

/// How far a clock is from another one, in words; `None` if that is safe. The other was read some
/// time `within` before, and the benefit of that doubt is theirs.
fn apart(clock: Timestamp, other: Timestamp, within: Duration) -> Option<String> {
    let (by, direction) = if other <= clock {
        (clock.since(other).saturating_sub(within), "ahead of")
    } else {
        (other.since(clock), "behind")
    };
    (by > MAX_CLOCK_SKEW).then(|| format!("{:.1} s {direction}", by.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBATION: Duration = Duration::from_mins(2);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_767_225_600_000 + seconds * 1000)
    }

    fn with_ledger(own: i64, wall: i64, ledger: i64) -> Reading {
        let (at_ledger, within) = (at(ledger), Duration::from_millis(20));
        Reading {
            own: at(own),
            wall: at(wall),
            ledger: Some(Sighting {
                at: at_ledger,
                within,
            }),
        }
    }

    fn alone(own: i64, wall: i64) -> Reading {
        Reading {
            own: at(own),
            wall: at(wall),
            ledger: None,
        }
    }

    fn is_wrong(opinion: &Opinion, why: &str) -> bool {
        matches!(opinion, Opinion::Wrong(reason) if reason.contains(why))
    }

    #[test]
    fn clocks_may_be_five_seconds_apart() {
        let mut judge = Judge::new(PROBATION);
        for seconds in [-5, -3, 0, 3, 5] {
            let reading = with_ledger(seconds, seconds, 0);
            assert_eq!(judge.judge(reading), Opinion::Right, "{seconds}");
        }
        let slow = Reading {
            ledger: Some(Sighting {
                at: at(0),
                within: Duration::from_secs(2),
            }),
            ..with_ledger(7, 7, 0)
        };
        assert_eq!(
            judge.judge(slow),
            Opinion::Right,
            "it may have been read 2 s before"
        );
    }

    #[test]
    fn a_machines_clock_that_is_far_from_the_ledgers_is_wrong_until_it_is_back() {
        let mut judge = Judge::new(PROBATION);
        for (wall, why) in [
            (6, "6.0 s ahead of the database's"),
            (600, "600.0 s ahead of the database's"),
            (-600, "600.0 s behind the database's"),
        ] {
            let opinion = judge.judge(with_ledger(0, wall, 0));
            assert!(is_wrong(&opinion, why), "{opinion:?}");
        }
        assert_eq!(judge.judge(with_ledger(0, 0, 0)), Opinion::Right);
    }

    #[test]
    fn where_only_our_own_time_is_wrong_it_follows_the_machines() {
        let mut judge = Judge::new(PROBATION);
        assert_eq!(judge.judge(with_ledger(0, 60, 60)), Opinion::Follow);
        assert_eq!(judge.judge(with_ledger(60, 0, 0)), Opinion::Follow);
    }

    #[test]
    fn a_clock_that_was_set_is_believed_once_it_has_stood_for_long_enough() {
        let mut judge = Judge::new(PROBATION);
        assert_eq!(judge.judge(alone(0, 3)), Opinion::Right);
        for second in [1, 60, 120] {
            let opinion = judge.judge(alone(second, second + 600));
            assert!(
                is_wrong(&opinion, "600.0 s ahead of where it was"),
                "{opinion:?}"
            );
        }
        assert_eq!(judge.judge(alone(121, 721)), Opinion::Follow);
        assert_eq!(judge.judge(alone(722, 722)), Opinion::Right);
    }

    #[test]
    fn a_clock_that_is_set_back_in_time_changes_nothing() {
        let mut judge = Judge::new(PROBATION);
        assert_ne!(judge.judge(alone(0, -60)), Opinion::Right);
        assert_eq!(judge.judge(alone(30, 30)), Opinion::Right);
        assert!(
            is_wrong(&judge.judge(alone(200, 100)), "behind"),
            "it begins anew"
        );
    }
}
