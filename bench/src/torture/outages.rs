//! How long nothing went through while clusters were harmed.

use std::collections::BTreeMap;

use mongodb::bson::DateTime;
use serde::Serialize;

/// From one moment to another, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
}

/// A strike on a cluster, from its beginning until everything was as before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Struck {
    pub(super) what: String,
    pub(super) during: Span,
}

/// What strikes of one kind came to.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Outage {
    pub strikes: usize,
    /// The longest time in which no API accepted a text, in seconds.
    pub nothing_accepted: f64,
    /// The longest time in which no text came to the provider.
    pub nothing_sent: f64,
    /// The memory that an API and a worker took at most, in MiB.
    pub api_mib: u64,
    pub worker_mib: u64,
}

/// The memory of the largest API and the largest worker at one moment, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) at: i64,
    pub(super) api: u64,
    pub(super) worker: u64,
}

/// What it was like without any strike on a cluster.
const NONE: &str = "(none)";

/// The time by which outages are counted.
pub(super) fn now() -> i64 {
    DateTime::now().timestamp_millis()
}

/// The outages of each kind of strike, given when texts were accepted and sent. While clients were
/// held back there was nothing to accept.
pub(super) fn outages(
    struck: &[Struck],
    held: &[Span],
    [accepted, sent]: [Vec<i64>; 2],
    samples: &[Sample],
) -> BTreeMap<String, Outage> {
    let (accepted, sent) = (gaps(accepted, held), gaps(sent, held));
    let mut outages = BTreeMap::<String, Outage>::new();
    for one in struck {
        let outage = outages.entry(one.what.clone()).or_default();
        outage.strikes += 1;
        let during = |span: Span| span.meets(one.during);
        outage.take_in(&accepted, &sent, samples, during);
    }
    let calm = |span: Span| !struck.iter().any(|one| span.meets(one.during));
    let none = outages.entry(NONE.to_owned()).or_default();
    none.take_in(&accepted, &sent, samples, calm);
    outages
}

/// What each kind came to, in a line, below a line that says what it is.
pub(super) fn table(outages: &BTreeMap<String, Outage>) -> String {
    let mut lines = format!(
        "{:<30}{:>7}{:>14}{:>12}{:>9}{:>12}\n",
        "harm", "times", "accepted, s", "sent, s", "API MiB", "worker MiB"
    );
    for (what, outage) in outages {
        let line = format!(
            "{what:<30}{:>7}{:>14.1}{:>12.1}{:>9}{:>12}\n",
            outage.strikes,
            outage.nothing_accepted,
            outage.nothing_sent,
            outage.api_mib,
            outage.worker_mib,
        );
        lines.push_str(&line);
    }
    lines
}

/// The times in which nothing happened although somebody wanted it.
fn gaps(mut times: Vec<i64>, held: &[Span]) -> Vec<Span> {
    times.extend(held.iter().flat_map(|span| [span.from, span.until]));
    times.sort_unstable();
    let all = times.windows(2).map(|pair| Span {
        from: pair[0],
        until: pair[1],
    });
    all.filter(|gap| !held.iter().any(|held| gap.is_within(*held)))
        .collect()
}

impl Span {
    fn meets(self, other: Self) -> bool {
        self.until >= other.from && self.from <= other.until
    }

    fn is_within(self, other: Self) -> bool {
        self.from >= other.from && self.until <= other.until
    }
}

impl Outage {
    fn take_in(
        &mut self,
        accepted: &[Span],
        sent: &[Span],
        samples: &[Sample],
        counts: impl Fn(Span) -> bool,
    ) {
        self.nothing_accepted = self.nothing_accepted.max(longest(accepted, &counts));
        self.nothing_sent = self.nothing_sent.max(longest(sent, &counts));
        for Sample { at, api, worker } in samples {
            let span = Span {
                from: *at,
                until: *at,
            };
            if counts(span) {
                self.api_mib = self.api_mib.max(api / 1024);
                self.worker_mib = self.worker_mib.max(worker / 1024);
            }
        }
    }
}

fn longest(gaps: &[Span], counts: impl Fn(Span) -> bool) -> f64 {
    let gaps = gaps.iter().filter(|gap| counts(**gap));
    let longest = gaps.map(|gap| gap.until - gap.from).max().unwrap_or(0);
    let ms = u32::try_from(longest).unwrap_or(u32::MAX);
    f64::from(ms) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(what: &str, from: i64, until: i64) -> Struck {
        Struck {
            what: what.to_owned(),
            during: Span { from, until },
        }
    }

    #[test]
    fn each_kind_has_the_longest_gap_that_its_strikes_touch() {
        let all = [
            struck("cut", 1_000, 5_000),
            struck("cut", 20_000, 21_000),
            struck("kill", 10_000, 11_000),
        ];
        let accepted = vec![0, 500, 6_000, 9_900, 12_000, 19_900, 20_900, 22_000];
        let sample = |at, api| Sample { at, api, worker: 0 };
        let samples = [sample(600, 9 * 1024), sample(2_000, 4 * 1024)];
        let held = [Span {
            from: 15_000,
            until: 19_000,
        }];
        let found = outages(&all, &held, [accepted, vec![0, 30_000]], &samples);
        let accepted = |what: &str| found[what].nothing_accepted;
        assert!((accepted("cut") - 5.5).abs() < 1e-9);
        assert!((accepted("kill") - 2.1).abs() < 1e-9);
        assert!((accepted(NONE) - 3.9).abs() < 1e-9);
        assert!((found["kill"].nothing_sent - 15.0).abs() < 1e-9);
        assert_eq!((found["cut"].strikes, found[NONE].strikes), (2, 0));
        assert_eq!((found["cut"].api_mib, found[NONE].api_mib), (4, 9));
    }
}
