//! How far all that our numbers received is known to be stored.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{LeaseToken, TOMBSTONE_KEPT, Timestamp};

/// How far a list goes back behind the one before: the provider lists some texts late.
pub const LISTED_AGAIN: Duration = Duration::from_mins(5);

/// How far the first list of all goes back: about as long as the program is away that is brought up to
/// date.
const FIRST_LOOK: Duration = Duration::from_hours(1);

/// A list goes back no further than this: then whatever was deleted here is still known by its SID, and
/// does not come back.
const FURTHEST: Duration = Duration::from_hours(TOMBSTONE_KEPT.as_secs() / 3600 - 24);

/// A list that is so much older than two intervals should have been read again.
const OLD: Duration = Duration::from_mins(1);

/// For how long the right to list is taken.
const LEASE: Duration = Duration::from_secs(15);

/// A part of the list is not made shorter than this.
const SHORTEST_PART: Duration = Duration::from_secs(1);

/// How far all that our numbers received is known to be stored, and who sees to it.
///
/// Times are by the clock that all processes share, but for those of the list, which are the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatchUp {
    /// Whatever the provider received before this, by its clock, is stored.
    from: Timestamp,
    /// The list is read in parts of so many milliseconds, because it was too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_ms: Option<u64>,
    /// When the latest list was asked for that was read up to its present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<ListFailure>,
}

/// The right of one worker to list. It only saves work: whatever two workers find is stored once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    holder: LeaseToken,
    until: Timestamp,
}

/// Why the list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFailure {
    pub since: Timestamp,
    /// When it failed last.
    pub at: Timestamp,
    /// Tries in a row that failed.
    pub tries: u32,
    pub retry_at: Timestamp,
    pub reason: String,
}

/// What is to be listed, by the provider's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: Timestamp,
    /// `None` is up to the present.
    pub until: Option<Timestamp>,
    /// What was received from here to `from` is not looked for any more.
    pub given_up_from: Option<Timestamp>,
}

impl CatchUp {
    /// Nothing was listed yet.
    pub fn begin(now: Timestamp) -> Self {
        Self {
            from: whole_second(now - FIRST_LOOK),
            part_ms: None,
            complete_at: None,
            lease: None,
            failure: None,
        }
    }

    pub fn complete_at(&self) -> Option<Timestamp> {
        self.complete_at
    }

    pub fn failure(&self) -> Option<&ListFailure> {
        self.failure.as_ref()
    }

    /// Whether a list should be read: the latest one is older than `interval`, or than `wanted`, or was not
    /// read to its end. A failure after `wanted` is waited for.
    pub fn is_due(&self, interval: Duration, wanted: Option<Timestamp>, now: Timestamp) -> bool {
        let is_missed = |at: Timestamp| wanted.is_some_and(|wanted| at < wanted);
        if let Some(failure) = &self.failure {
            return failure.retry_at <= now || is_missed(failure.at);
        }
        let is_old = |at: Timestamp| now.since(at) >= interval || is_missed(at);
        self.part_ms.is_some() || self.complete_at.is_none_or(is_old)
    }

    /// Why texts may be missing that were received before now, if they may: for operators.
    pub fn trouble(&self, interval: Duration, now: Timestamp) -> Option<String> {
        if let Some(failure) = &self.failure {
            let (since, reason) = (failure.since, &failure.reason);
            return Some(format!(
                "the list has not been readable since {since}: {reason}"
            ));
        }
        let is_old = |at: &Timestamp| now.since(*at) > interval * 2 + OLD;
        let at = self.complete_at.filter(is_old)?;
        Some(format!("no worker has read the list since {at}"))
    }

    /// Takes or renews the right to list; returns false while another worker has it.
    pub fn lease(&mut self, holder: LeaseToken, now: Timestamp) -> bool {
        let free = self
            .lease
            .is_none_or(|lease| lease.holder == holder || lease.until <= now);
        if free {
            let until = now + LEASE;
            self.lease = Some(Lease { holder, until });
        }
        free
    }

    pub fn is_held_by(&self, holder: LeaseToken) -> bool {
        self.lease.is_some_and(|lease| lease.holder == holder)
    }

    pub fn release(&mut self, holder: LeaseToken) {
        self.lease.take_if(|lease| lease.holder == holder);
    }

    /// What is to be listed next, if messages are erased once they are as old as `retention`.
    pub fn next(&self, retention: Option<Duration>, now: Timestamp) -> Stretch {
        let furthest = retention.map_or(FURTHEST, |kept| kept.min(FURTHEST));
        let earliest = whole_second(now - furthest);
        let from = self.from.max(earliest);
        let part = self.part_ms.map(Duration::from_millis);
        let until = part.map(|part| from + part);
        Stretch {
            from,
            // What is listed late is listed again.
            until: until.filter(|until| *until < now - LISTED_AGAIN),
            given_up_from: (from > self.from).then_some(self.from),
        }
    }

    /// The list was too long: shorter parts are listed next; returns false if they cannot be shorter.
    pub fn shorten(&mut self, listed: Stretch, now: Timestamp) -> bool {
        let until = listed.until.unwrap_or(now);
        let half = whole_second(listed.from + until.since(listed.from) / 2).since(listed.from);
        let part = half.max(SHORTEST_PART);
        let is_shorter = listed.from + part < until;
        if is_shorter {
            self.part_ms = Some(u64::try_from(part.as_millis()).unwrap_or(u64::MAX));
        }
        is_shorter
    }

    /// All of it was listed and is stored. `seen_at` is when it was asked for, `present` the same moment by
    /// the provider's clock.
    pub fn stored(&mut self, listed: Stretch, seen_at: Timestamp, present: Timestamp) {
        self.failure = None;
        if let Some(until) = listed.until {
            self.from = until;
        } else {
            self.from = whole_second(present - LISTED_AGAIN);
            self.part_ms = None;
            self.complete_at = Some(seen_at);
        }
    }

    /// It could not be listed, and is tried again after a wait. Whatever was reached stays reached.
    pub fn fail(&mut self, reason: String, wait: Duration, now: Timestamp) {
        let before = self.failure.take();
        self.failure = Some(ListFailure {
            since: before.as_ref().map_or(now, |failure| failure.since),
            at: now,
            tries: before.map_or(0, |failure| failure.tries).saturating_add(1),
            retry_at: now + wait,
            reason,
        });
    }
}

/// The provider tells time in whole seconds, cut off; and so parts never end within one.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_seconds() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_mins(15);
    const HOUR: Duration = Duration::from_hours(1);
    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_700);

    /// One of which everything was listed at a time.
    fn complete(at: Timestamp) -> CatchUp {
        let mut state = CatchUp::begin(at);
        state.stored(state.next(None, at), at, at);
        state
    }

    #[test]
    fn a_list_is_due_when_the_latest_is_old_or_older_than_what_was_missed() {
        assert!(CatchUp::begin(NOW).is_due(INTERVAL, None, NOW));
        let state = complete(NOW);
        let later = NOW + INTERVAL / 2;
        assert!(!state.is_due(INTERVAL, None, later));
        assert!(state.is_due(INTERVAL, Some(later), later));
        assert!(!state.is_due(INTERVAL, Some(NOW), later));
        assert!(state.is_due(INTERVAL, None, NOW + INTERVAL));
    }

    #[test]
    fn a_list_goes_on_behind_the_one_before_with_an_overlap() {
        let first = CatchUp::begin(NOW).next(None, NOW);
        assert_eq!(first.from, whole_second(NOW - FIRST_LOOK));
        let next = complete(NOW).next(None, NOW + HOUR);
        let from = whole_second(NOW - LISTED_AGAIN);
        let until = None;
        assert_eq!(
            (next.from, next.until, next.given_up_from),
            (from, until, None)
        );
    }

    #[test]
    fn it_goes_no_further_back_than_what_was_deleted_is_remembered() {
        let state = complete(NOW);
        let week = HOUR * (8 * 24);
        let next = state.next(None, NOW + week);
        let from = next.from;
        assert!(from > NOW + week - TOMBSTONE_KEPT + HOUR * 23);
        assert_eq!(next.given_up_from, Some(whole_second(NOW - LISTED_AGAIN)));
        let kept = state.next(Some(HOUR * 24), NOW + week);
        assert_eq!(kept.from, whole_second(NOW + week - HOUR * 24));
    }

    #[test]
    fn too_long_a_list_is_read_in_parts_that_leave_nothing_out() {
        let mut state = complete(NOW);
        let now = NOW + HOUR * 10;
        assert!(state.shorten(state.next(None, now), now));
        let first = state.next(None, now);
        let half = first.until.unwrap();
        assert!(state.shorten(first, now));
        let mut from = state.next(None, now).from;
        let mut parts = 0;
        while let Some(until) = state.next(None, now).until {
            let part = state.next(None, now);
            assert_eq!(part.from, from);
            assert!(until <= half || parts > 0);
            state.stored(part, now, now);
            (from, parts) = (until, parts + 1);
            assert!(state.is_due(INTERVAL, None, now), "there is more");
        }
        assert!((3..=4).contains(&parts), "{parts}");
        let last = state.next(None, now);
        assert_eq!((last.from, last.until), (from, None));
        state.stored(last, now, now);
        assert!(!state.is_due(INTERVAL, None, now));
        assert_eq!(state.next(None, now).until, None, "it is short now");
    }

    #[test]
    fn a_part_of_a_second_is_not_divided() {
        let mut state = complete(NOW);
        let now = NOW + HOUR;
        while state.shorten(state.next(None, now), now) {}
        let Stretch { from, until, .. } = state.next(None, now);
        assert_eq!(until, Some(from + SHORTEST_PART));
    }

    #[test]
    fn one_worker_lists_until_its_lease_is_over() {
        let (one, other) = (LeaseToken::generate(), LeaseToken::generate());
        let mut state = complete(NOW);
        assert!(state.lease(one, NOW) && state.is_held_by(one));
        assert!(!state.lease(other, NOW + LEASE / 2));
        assert!(state.lease(one, NOW + LEASE / 2), "it is renewed");
        assert!(!state.lease(other, NOW + LEASE));
        assert!(state.lease(other, NOW + LEASE * 2));
        state.release(one);
        assert!(state.is_held_by(other));
        state.release(other);
        assert!(state.lease(one, NOW));
    }

    #[test]
    fn after_a_failure_it_waits_and_goes_on_where_it_was() {
        let mut state = complete(NOW);
        let before = state.next(None, NOW + HOUR);
        let wait = Duration::from_mins(1);
        state.fail("no".to_owned(), wait, NOW + HOUR);
        assert!(!state.is_due(INTERVAL, Some(NOW + HOUR), NOW + HOUR));
        let started = NOW + HOUR + wait / 2;
        assert!(state.is_due(INTERVAL, Some(started), started));
        assert!(state.is_due(INTERVAL, None, NOW + HOUR + wait));
        state.fail("no".to_owned(), wait, NOW + HOUR * 2);
        let trouble = state.trouble(INTERVAL, NOW + HOUR * 2).unwrap();
        assert!(trouble.ends_with("01:00:00.700Z: no"), "{trouble}");
        let failure = state.failure().unwrap();
        assert_eq!((failure.tries, failure.since), (2, NOW + HOUR));
        assert_eq!(state.next(None, NOW + HOUR), before);
        state.stored(before, NOW + HOUR, NOW + HOUR);
        assert_eq!(state.failure(), None);
        let later = NOW + HOUR + INTERVAL * 2 + OLD;
        assert_eq!(state.trouble(INTERVAL, later), None);
        assert!(state.trouble(INTERVAL, later + wait).is_some());
    }
}
