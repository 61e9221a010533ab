//! What a user is told about when a text leaves, and when it does.

use std::time::Duration;

use futures_util::future::try_join_all;
use lab::Account;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{Instant, sleep_until};

use super::book::Book;
use super::field::{Cap, Field, Sender};
use super::report::{Bound, Proof, count};
use super::shares::percentile;
use super::texts::{Class, Sent, Text, now, send_all};

/// A text is near its time if it is off by so much of its wait, or by [`NEAR_MS`].
const NEAR: f64 = 0.1;
const NEAR_MS: f64 = 2000.0;

const SEED: u64 = 20;

/// Without a text for so long, nothing more is to come.
const STANDSTILL: Duration = Duration::from_secs(15);

const MS_PER_HOUR: i64 = 3_600_000;

/// The two senders: one without a cap, and a slower one that may send `segments` in a day.
pub(super) fn senders(segments: u64) -> [Sender; 2] {
    let capped = Sender {
        cap: Some(next_cap(segments, now())),
        ..Sender::new("+18885550123", 10.0)
    };
    [Sender::new("72001", 20.0), capped]
}

/// A place whose midnight is at each hour of UTC, where clocks are never changed.
const ZONES: [&str; 24] = [
    "Africa/Abidjan",
    "Atlantic/Cape_Verde",
    "America/Noronha",
    "America/Sao_Paulo",
    "America/Caracas",
    "America/Bogota",
    "America/Costa_Rica",
    "America/Phoenix",
    "Pacific/Pitcairn",
    "Pacific/Gambier",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
    "Pacific/Tarawa",
    "Pacific/Guadalcanal",
    "Australia/Brisbane",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Bangkok",
    "Asia/Dhaka",
    "Asia/Karachi",
    "Asia/Dubai",
    "Africa/Nairobi",
    "Africa/Maputo",
    "Africa/Lagos",
];

/// A cap that ends with the next midnight there is, somewhere.
fn next_cap(segments: u64, now: i64) -> Cap {
    let hours = now.div_euclid(MS_PER_HOUR) + 1;
    let hour = usize::try_from(hours.rem_euclid(24)).unwrap_or(0);
    Cap {
        segments,
        zone: ZONES[hour],
        midnight: hours * MS_PER_HOUR,
    }
}

/// What a user sends at a moment after the beginning.
struct Event {
    after: Duration,
    user: usize,
    texts: Vec<Text>,
}

/// How many users take part.
pub(super) const USERS: usize = 5;

/// Sends of all classes for two minutes and waits for what is to leave; returns what was told.
pub(super) async fn send(
    field: &Field,
    users: &[Account],
    [free, capped]: &[Sender; 2],
) -> anyhow::Result<Vec<Sent>> {
    let began = Instant::now();
    let events = script(field, free.address, capped.address);
    let sent = events.into_iter().map(async |event| {
        sleep_until(began + event.after).await;
        send_all(&users[event.user], &field.stack.api, &event.texts).await
    });
    Ok(try_join_all(sent).await?.concat())
}

/// Waits for what was told to have left by now.
pub(super) async fn wait(sent: &[Sent], book: &mut Book) -> anyhow::Result<()> {
    book.wait_for(sent.iter().filter(|sent| !sent.is_for_later()), STANDSTILL)
        .await
}

/// Bulk of several users, some of whom come later, and single texts of the other classes meanwhile.
fn script(field: &Field, free: &'static str, capped: &'static str) -> Vec<Event> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let bulk = |after, user, from, segments| Event {
        after: Duration::from_secs(after),
        user,
        texts: field.texts(from, Class::Bulk, &[1, 2, 1, 3], segments),
    };
    let mut events = vec![
        bulk(0, 0, free, 700),
        bulk(0, 1, free, 500),
        bulk(0, 2, capped, 450),
        bulk(40, 3, free, 400),
        bulk(60, 3, capped, 400),
    ];
    for (class, from, in_two_minutes) in [
        (Class::Transactional, free, 100),
        (Class::Transactional, capped, 50),
        (Class::Otp, free, 20),
        (Class::Otp, capped, 10),
    ] {
        for _ in 0..in_two_minutes {
            events.push(Event {
                after: Duration::from_millis(rng.random_range(0..120_000)),
                user: 4,
                texts: vec![field.text(from, class, rng.random_range(1..=2))],
            });
        }
    }
    events
}

impl Sent {
    /// It was told for a time that is still to come.
    fn is_for_later(&self) -> bool {
        self.expected_at > now()
    }
}

/// How it went with one text. Times are in milliseconds.
struct Outcome {
    class: Class,
    near: bool,
    in_time: bool,
    /// How much later than told it left.
    late_by: f64,
    /// It was told for later, and has not left.
    waits: bool,
}

impl Outcome {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn of(sent: &Sent, left: Option<i64>, now: i64) -> Self {
        let waits = left.is_none() && sent.expected_at > now;
        // What has not left yet leaves now at the earliest.
        let left = if waits {
            sent.expected_at
        } else {
            left.unwrap_or(now)
        };
        let late_by = (left - sent.expected_at) as f64;
        let wait = (sent.expected_at - sent.asked_at) as f64;
        Self {
            class: sent.text.class,
            near: late_by.abs() <= NEAR_MS.max(NEAR * wait),
            in_time: left <= sent.expected_by,
            late_by,
            waits,
        }
    }
}

/// How far what was told was from what came.
pub(super) fn judge(sent: &[Sent], senders: &[Sender; 2], book: &Book) -> Proof {
    let arrivals = book.arrivals();
    let now = now();
    let outcomes = sent
        .iter()
        .map(|sent| Outcome::of(sent, arrivals.get(&*sent.text.to).copied(), now));
    let outcomes: Vec<_> = outcomes.collect();
    let mut proof = Proof::of("clock: classes, two rates and a daily cap");
    let waits = outcomes.iter().filter(|outcome| outcome.waits).count();
    proof.tell("texts", count(sent.len()));
    proof.tell(
        "of these, told for after midnight, and not sent",
        count(waits),
    );
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let half = Bound::AtLeast(50.0);
    let near = share(&all, |outcome| outcome.near);
    proof.should("within 2 s or 10 % of expected_at, %", near, half);
    let in_time = share(&all, |outcome| outcome.in_time);
    proof.should("before expected_by, %", in_time, Bound::AtLeast(95.0));
    for class in Class::ALL {
        let own = outcomes.iter().filter(|outcome| outcome.class == class);
        let own: Vec<&Outcome> = own.collect();
        let word = class.word();
        let near = share(&own, |outcome| outcome.near);
        let in_time = share(&own, |outcome| outcome.in_time);
        proof.tell(format!("{word}: near expected_at, %"), near);
        proof.tell(format!("{word}: before expected_by, %"), in_time);
        let late = own.iter().filter(|outcome| !outcome.waits);
        let late: Vec<f64> = late.map(|outcome| outcome.late_by / 1000.0).collect();
        for percent in [5, 50, 95] {
            let what = format!("{word}: p{percent} of later than expected_at, s");
            proof.tell(what, percentile(late.clone(), percent));
        }
    }
    for sender in senders {
        if let Some(cap) = &sender.cap {
            let most = most_in_a_day(book, sender, cap);
            #[expect(clippy::cast_precision_loss, reason = "some hundreds of segments")]
            let [most, cap] = [most, cap.segments].map(|segments| segments as f64);
            let what = "segments on a day of the sender with a cap";
            proof.must(what, most, Bound::AtMost(cap));
            let failed = book.of_sender(sender.address);
            let failed = failed.iter().filter(|line| line.code.is_some()).count();
            let what = "texts that the provider complained of";
            proof.must(what, count(failed), Bound::AtMost(0.0));
        }
    }
    proof
}

/// The most that left on the day that ended with the midnight of the cap, or on the one after it.
fn most_in_a_day(book: &Book, sender: &Sender, cap: &Cap) -> u64 {
    let (mut before, mut after) = (0, 0);
    for line in book.of_sender(sender.address) {
        let day = if line.arrived_at_ms < cap.midnight {
            &mut before
        } else {
            &mut after
        };
        *day += u64::from(line.segments);
    }
    before.max(after)
}

/// Of a hundred, how many are so.
fn share(outcomes: &[&Outcome], is_so: impl Fn(&Outcome) -> bool) -> f64 {
    let so = outcomes.iter().filter(|outcome| is_so(outcome)).count();
    100.0 * count(so) / count(outcomes.len())
}

#[cfg(test)]
mod tests {
    use mongodb::bson::DateTime;

    use super::*;

    fn sent(expected_at: i64) -> Sent {
        Sent {
            text: Text {
                to: "+15550000001".to_owned(),
                from: "72001",
                class: Class::Bulk,
                segments: 1,
            },
            asked_at: 100_000,
            expected_at,
            expected_by: expected_at + 30_000,
        }
    }

    #[test]
    fn near_is_two_seconds_or_a_tenth_of_the_wait() {
        let near = |expected, left| Outcome::of(&sent(expected), Some(left), 999_000).near;
        assert!(near(101_000, 103_000) && !near(101_000, 103_001));
        assert!(near(200_000, 210_000) && !near(200_000, 210_001));
        assert!(near(200_000, 190_000) && !near(200_000, 189_999));
    }

    #[test]
    fn what_is_told_for_later_and_waits_is_right_and_what_should_have_left_is_not() {
        let waits = Outcome::of(&sent(500_000), None, 400_000);
        assert!(waits.near && waits.in_time && waits.waits);
        let missing = Outcome::of(&sent(300_000), None, 400_000);
        assert!(!missing.near && !missing.in_time && !missing.waits);
    }

    #[test]
    fn the_zone_of_a_cap_is_the_one_whose_midnight_comes_next() {
        let at = |text: &str| {
            DateTime::parse_rfc3339_str(format!("2026-01-05T{text}Z"))
                .unwrap()
                .timestamp_millis()
        };
        for (now, zone, midnight) in [
            ("11:20:00", "Pacific/Tarawa", "12:00:00"),
            ("12:00:00", "Pacific/Guadalcanal", "13:00:00"),
            ("00:00:00", "Atlantic/Cape_Verde", "01:00:00"),
            ("22:59:59", "Africa/Lagos", "23:00:00"),
        ] {
            let cap = next_cap(1, at(now));
            assert_eq!((cap.zone, cap.midnight), (zone, at(midnight)), "{now}");
        }
    }
}
