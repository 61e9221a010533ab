//! When a text will probably leave: told when it is accepted, by what is ahead of it.

use std::time::Duration;

use crate::domain::{Class, Line, PerClass, QuietHours, Rate, Timestamp, Turn, Zone, opening};
use crate::store::{QueueStanding, Reach};

/// A class that waits behind others keeps this part of the rate.
const KEPT: f64 = 0.1;

/// The later of the two times leaves this much room in any case, for jobs on their way.
const LEAST_ROOM: Duration = Duration::from_secs(5);

/// How much more room it leaves for what comes between, in parts of the wait. Bulk waits for the classes
/// above, whenever they come, and shares with every user who has bulk as well: two more of them, one at once
/// and one on the way, make its wait two and a half times as long.
const fn room(class: Class) -> f64 {
    match class {
        Class::Otp | Class::Transactional => 0.5,
        Class::Bulk => 1.5,
    }
}

/// No forecast reaches further.
const FURTHEST: Duration = Duration::from_hours(40 * 24);

/// Quiet times that are shorter than this may be overlooked.
const STEP: Duration = Duration::from_mins(5);

/// How exactly the beginning of a quiet time is found.
const ACCURACY: Duration = Duration::from_secs(1);

/// What leaves a line before a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// Segments of its own class.
    pub own: u64,
    /// Segments of the classes above.
    pub above: u64,
    /// How many of the classes below wait too.
    pub below: u32,
}

/// How a queue is, and how far the turns of its users reach.
pub type Queue = (QueueStanding, Vec<Reach>);

impl Ahead {
    /// What is ahead of a text of a class with a turn. Each user's texts lie one behind the other from the
    /// virtual time on, so that as much of each is ahead as reaches to the turn.
    pub fn of(class: Class, turn: Turn, queues: &PerClass<Queue>) -> Self {
        let (standing, reaches) = &queues[class];
        let from = standing.virtual_time;
        let before = |reach: &Reach| reach.end.min(turn).segments_since(from, reach.weight);
        let own: u64 = reaches.iter().map(before).sum();
        let waits = |class: &Class| queues[*class].0.waiting() > 0;
        Self {
            // A user whom the list does not name any more counts by what waits.
            own: if reaches.len() < crate::store::LISTED_USERS {
                own
            } else {
                own.max(standing.waiting() / 2)
            },
            above: class.above().map(|above| queues[above].0.waiting()).sum(),
            below: u32::try_from(class.below().filter(waits).count()).unwrap_or(0),
        }
    }
}

/// Two times: as many texts leave before the first as after it, and nearly all before the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub at: Timestamp,
    pub by: Timestamp,
    /// The quiet times that the text has to wait for after it may leave, and until when.
    rests: Vec<(Timestamp, Timestamp)>,
}

/// What a forecast is made from.
#[derive(Debug, Clone, Copy)]
pub struct Outlook<'a> {
    pub line: &'a Line,
    pub rate: Rate,
    /// How much may leave in a day, and when today ends.
    pub today: Option<crate::domain::Allowance>,
    /// When nothing but login codes leaves.
    pub quiet: &'a [(QuietHours, Zone)],
    pub now: Timestamp,
    /// Until when nothing leaves, if it is paused.
    pub paused_until: Option<Timestamp>,
}

impl Expected {
    /// Of what leaves as soon as it may, from a moment on.
    pub fn soon(class: Class, quiet: &[(QuietHours, Zone)], from: Timestamp) -> Self {
        let mut rests = Vec::new();
        let at = Nights { class, quiet }.pass(from, from, &mut rests);
        Self {
            at,
            by: at + LEAST_ROOM,
            rests,
        }
    }

    /// When a text is given up that is valid until a moment, if it is likely not to leave before. Its
    /// validity moves along by each quiet time that begins before it is over.
    pub fn given_up_at(&self, expires_at: Timestamp) -> Option<Timestamp> {
        let mut over = expires_at;
        for (since, until) in &self.rests {
            if *since < over {
                over = over + until.since(*since);
            }
        }
        (self.at > over).then_some(over)
    }
}

impl Outlook<'_> {
    /// When a text of a class with so many segments leaves that may leave from `from` on.
    pub fn expect(&self, class: Class, segments: u32, ahead: Ahead, from: Timestamp) -> Expected {
        let begin = self.now.max(self.line.free_at());
        let begin = begin.max(self.paused_until.unwrap_or(begin));
        let from = from.max(begin);
        let work = self.work(ahead);
        let mut rests = Vec::new();
        let at = self.after(begin, work, (class, segments), (from, &mut rests));
        let room = work.mul_f64(room(class)).max(LEAST_ROOM);
        let by = self.after(
            begin,
            work + room,
            (class, segments),
            (from, &mut Vec::new()),
        );
        Expected {
            at,
            by: by.max(at + LEAST_ROOM),
            rests,
        }
    }

    /// How long the line has to send before it is the text's turn, if nothing stops it.
    fn work(&self, ahead: Ahead) -> Duration {
        let full = self.line.segments_per_second(self.rate, self.now);
        let shared = full * (1.0 - KEPT * f64::from(ahead.below));
        let in_turn = seconds(ahead.above + ahead.own, shared);
        // However much is above, its own class keeps its part.
        in_turn.min(seconds(ahead.own, full * KEPT).max(seconds(ahead.own, shared)))
    }

    /// When so much time of sending is over, with nights and used-up days in between, for a text that may
    /// leave from a moment on; notes the nights since.
    fn after(
        &self,
        begin: Timestamp,
        work: Duration,
        (class, segments): (Class, u32),
        (from, rests): (Timestamp, &mut Vec<(Timestamp, Timestamp)>),
    ) -> Timestamp {
        let nights = Nights {
            class,
            quiet: self.quiet,
        };
        let mut pass = |at: Timestamp| nights.pass(at, from, rests);
        let mut now = pass(begin);
        let mut left = work;
        let latest = begin + FURTHEST;
        let mut today = self.today;
        let mut room = today.map(|day| day.segments.saturating_sub(self.line.spent_on(day)));
        while now < latest {
            let until_spent = room.map(|room| {
                let room = room.saturating_sub(u64::from(segments).saturating_sub(1));
                seconds(room, self.line.segments_per_second(self.rate, self.now))
            });
            let step = nights.step(now, left);
            if let (Some(day), Some(until_spent)) = (today, until_spent)
                && until_spent <= step
            {
                // The rest goes on with the next day.
                left = left.saturating_sub(until_spent);
                now = pass(day.ends.max(now));
                let next = crate::domain::Allowance {
                    begins: day.ends,
                    ends: day.ends + Duration::from_hours(24),
                    ..day
                };
                (today, room) = (Some(next), Some(next.segments));
                continue;
            }
            left = left.saturating_sub(step);
            if let Some(room) = &mut room {
                *room = room.saturating_sub(self.segments_in(step));
            }
            now = pass(now + step);
            if left.is_zero() {
                break;
            }
        }
        pass(now.max(from))
    }

    fn segments_in(&self, time: Duration) -> u64 {
        let segments = time.as_secs_f64() * self.line.segments_per_second(self.rate, self.now);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of segments is positive and small"
        )]
        let segments = segments as u64;
        segments
    }
}

/// The quiet times that a text of a class keeps.
#[derive(Clone, Copy)]
struct Nights<'a> {
    class: Class,
    quiet: &'a [(QuietHours, Zone)],
}

impl Nights<'_> {
    /// The first moment from `at` on that is not quiet. What a text that may leave from `from` on waits for
    /// is noted.
    fn pass(
        &self,
        at: Timestamp,
        from: Timestamp,
        rests: &mut Vec<(Timestamp, Timestamp)>,
    ) -> Timestamp {
        let open = opening(self.class, self.quiet, at).unwrap_or(at + FURTHEST);
        if open > at.max(from) {
            rests.push((at.max(from), open));
        }
        open
    }

    /// How much of some time of sending from a moment on is over before it may be quiet: it ends with the
    /// first quiet moment, if that comes within it.
    fn step(&self, from: Timestamp, time: Duration) -> Duration {
        if self.quiet.is_empty() || self.class == Class::Otp {
            return time;
        }
        let step = time.min(STEP);
        let is_quiet = |after: Duration| {
            let at = from + after;
            opening(self.class, self.quiet, at) != Some(at)
        };
        if !is_quiet(step) {
            return step;
        }
        let (mut open, mut quiet) = (Duration::ZERO, step);
        while quiet > open + ACCURACY {
            let middle = (open + quiet) / 2;
            if is_quiet(middle) {
                quiet = middle;
            } else {
                open = middle;
            }
        }
        quiet
    }
}

fn seconds(segments: u64, per_second: f64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "so many segments do not exist")]
    let seconds = segments as f64 / per_second;
    Duration::try_from_secs_f64(seconds).map_or(FURTHEST, |time| time.min(FURTHEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Allowance, UserId, Weight};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn reach(end: u64) -> Reach {
        Reach {
            user: UserId::NOBODY,
            end: Turn::FIRST.after(end, Weight::ONE),
            weight: Weight::ONE,
        }
    }

    fn queue(ends: &[u64]) -> Queue {
        let entered = ends.iter().sum();
        let standing = QueueStanding {
            entered,
            ..QueueStanding::default()
        };
        (standing, ends.iter().map(|end| reach(*end)).collect())
    }

    fn queues(of: impl Fn(Class) -> Queue) -> PerClass<Queue> {
        PerClass::each(of)
    }

    fn outlook(line: &Line, rate: f64) -> Outlook<'_> {
        Outlook {
            line,
            rate: Rate::try_from(rate).unwrap(),
            today: None,
            quiet: &[],
            now: NOW,
            paused_until: None,
        }
    }

    #[test]
    fn of_each_user_as_much_is_ahead_as_reaches_to_the_turn() {
        let queues = queues(|class| match class {
            Class::Bulk => queue(&[100_000, 50, 200]),
            Class::Otp => queue(&[3]),
            Class::Transactional => queue(&[]),
        });
        let turn = |segments| Turn::FIRST.after(segments, Weight::ONE);
        let ahead = Ahead::of(Class::Bulk, turn(100), &queues);
        assert_eq!((ahead.own, ahead.above, ahead.below), (250, 3, 0));
        let first = Ahead::of(Class::Otp, turn(0), &queues);
        assert_eq!((first.own, first.above, first.below), (0, 0, 1));
        let last = Ahead::of(Class::Bulk, turn(100_000), &queues);
        assert_eq!(last.own, 100_250);
    }

    #[test]
    fn the_wait_is_what_is_ahead_at_the_rate_that_is_left() {
        let line = Line::default();
        let ahead = Ahead {
            own: 891,
            above: 0,
            below: 1,
        };
        let expected = outlook(&line, 10.0).expect(Class::Transactional, 1, ahead, NOW);
        let wait = expected.at.since(NOW).as_secs();
        assert!((99..=101).contains(&wait), "{wait}");
        let room = expected.by.since(expected.at).as_secs();
        assert!((49..=51).contains(&room), "{room}");
        let ahead = Ahead { below: 0, ..ahead };
        let bulk = outlook(&line, 10.0).expect(Class::Bulk, 1, ahead, NOW);
        let (wait, room) = (bulk.at.since(NOW), bulk.by.since(bulk.at));
        assert!(room.abs_diff(wait.mul_f64(1.5)) < Duration::from_secs(1));
        let none = outlook(&line, 10.0).expect(Class::Otp, 1, Ahead::default(), NOW);
        assert_eq!(none.at, NOW);
    }

    #[test]
    fn what_does_not_fit_today_leaves_after_midnight() {
        let line = Line::default();
        let ends = NOW + Duration::from_hours(3);
        let today = Allowance {
            segments: 100,
            begins: ends - Duration::from_hours(24),
            ends,
        };
        let outlook = Outlook {
            today: Some(today),
            ..outlook(&line, 10.0)
        };
        let expect = |own| {
            let ahead = Ahead {
                own,
                ..Ahead::default()
            };
            outlook.expect(Class::Bulk, 1, ahead, NOW).at
        };
        assert!(expect(50).since(NOW) < Duration::from_secs(6));
        let late = expect(150).since(ends);
        assert!(
            expect(150) > ends && late < Duration::from_secs(6),
            "{late:?}"
        );
        let third = expect(250).since(ends + Duration::from_hours(24));
        assert!(third < Duration::from_secs(6), "{third:?}");
    }

    fn nights(windows: &str) -> Vec<(QuietHours, Zone)> {
        let quiet = serde_json::from_str(&format!(r#"{{"windows":[{windows}]}}"#)).unwrap();
        vec![(quiet, Zone::parse("Etc/UTC").unwrap())]
    }

    const NIGHT: &str = r#"{"from":"00:30","to":"08:00"}"#;

    fn hours(hours: u64) -> Duration {
        Duration::from_hours(hours)
    }

    #[test]
    fn nothing_but_login_codes_leaves_in_quiet_hours() {
        let (line, rules) = (Line::default(), nights(NIGHT));
        let outlook = Outlook {
            quiet: &rules,
            ..outlook(&line, 1.0)
        };
        let ahead = Ahead {
            own: 3600,
            ..Ahead::default()
        };
        // NOW is midnight; half an hour is left before the night and half an hour comes after it.
        let at = outlook.expect(Class::Bulk, 1, ahead, NOW).at.since(NOW);
        let expected = Duration::from_secs(8 * 3600 + 1836);
        assert!(at.abs_diff(expected) < ACCURACY * 2, "{at:?}");
        let code = outlook.expect(Class::Otp, 1, ahead, NOW).at.since(NOW);
        assert!(code < Duration::from_secs(3700), "{code:?}");
    }

    #[test]
    fn the_validity_of_what_waits_moves_along_with_each_night_that_it_meets() {
        let (line, rules) = (Line::default(), nights(NIGHT));
        let outlook = Outlook {
            quiet: &rules,
            ..outlook(&line, 1.0)
        };
        let given_up = |own, from, valid_for| {
            let ahead = Ahead {
                own,
                ..Ahead::default()
            };
            let expected = outlook.expect(Class::Bulk, 1, ahead, from);
            expected.given_up_at(from + valid_for)
        };
        assert_eq!(
            given_up(3600, NOW, hours(4)),
            None,
            "it leaves at half past eight"
        );
        let over = given_up(5 * 3600, NOW, hours(4)).unwrap().since(NOW);
        assert!(
            over.abs_diff(hours(11) + hours(1) / 2) < ACCURACY * 2,
            "{over:?}"
        );
        let evening = given_up(3600, NOW, hours(1) / 3);
        assert_eq!(
            evening,
            Some(NOW + hours(1) / 3),
            "it is over before the night"
        );
        // A night before it may leave is none that it waits through.
        let morning = NOW + hours(8);
        assert_eq!(given_up(3600, morning, hours(1)), None);
        assert_eq!(
            given_up(3600, morning, hours(1) / 4),
            Some(morning + hours(1) / 4)
        );
        let second = given_up(20 * 3600, NOW, hours(35) / 2).unwrap().since(NOW);
        assert!(second.abs_diff(hours(65) / 2) < ACCURACY * 4, "{second:?}");
    }

    #[test]
    fn nothing_leaves_in_a_pause_nor_in_the_night_after_it() {
        let (line, rules) = (Line::default(), nights(NIGHT));
        let paused = |minutes, quiet| Outlook {
            quiet,
            paused_until: Some(NOW + Duration::from_mins(minutes)),
            ..outlook(&line, 1.0)
        };
        let ahead = Ahead {
            own: 60,
            ..Ahead::default()
        };
        let expect =
            |outlook: Outlook<'_>| outlook.expect(Class::Bulk, 1, ahead, NOW).at.since(NOW);
        let after = expect(paused(20, &[]));
        assert!(
            after.abs_diff(Duration::from_mins(21)) < ACCURACY,
            "{after:?}"
        );
        let morning = expect(paused(60, &rules));
        assert!(
            morning.abs_diff(hours(8) + Duration::from_mins(1)) < ACCURACY,
            "{morning:?}"
        );
        let unpaced = Expected::soon(Class::Bulk, &rules, NOW + hours(1));
        assert_eq!(unpaced.at, NOW + hours(8));
        assert_eq!(unpaced.given_up_at(NOW + hours(2)), None);
        assert_eq!(unpaced.given_up_at(NOW + hours(1)), Some(NOW + hours(1)));
        let code = Expected::soon(Class::Otp, &rules, NOW + hours(1));
        assert_eq!(code.at, NOW + hours(1));
    }
}
