//! How long nothing went through while clusters were harmed.

use std::collections::BTreeMap;

use mongodb::bson::DateTime;
use serde::Serialize;

/// A strike on a cluster, from its beginning until everything was as before, in milliseconds since
/// 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Struck {
    pub(super) what: String,
    pub(super) from: i64,
    pub(super) until: i64,
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

/// The outages of each kind of strike, given when texts were accepted and sent.
pub(super) fn outages(
    struck: &[Struck],
    accepted: Vec<i64>,
    sent: Vec<i64>,
    samples: &[Sample],
) -> BTreeMap<String, Outage> {
    let (accepted, sent) = (gaps(accepted), gaps(sent));
    let mut outages = BTreeMap::<String, Outage>::new();
    for one in struck {
        let touches = |gap: &Gap| gap.until > one.from && gap.from < one.until;
        let during = |sample: &Sample| (one.from..=one.until).contains(&sample.at);
        let outage = outages.entry(one.what.clone()).or_default();
        outage.strikes += 1;
        outage.take_in(&accepted, &sent, samples, touches, during);
    }
    let calm = |from: i64, until: i64| {
        let overlaps = |one: &Struck| until > one.from && from < one.until;
        !struck.iter().any(overlaps)
    };
    outages.entry(NONE.to_owned()).or_default().take_in(
        &accepted,
        &sent,
        samples,
        |gap| calm(gap.from, gap.until),
        |sample| calm(sample.at, sample.at),
    );
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

/// A time in which nothing happened.
struct Gap {
    from: i64,
    until: i64,
}

fn gaps(mut times: Vec<i64>) -> Vec<Gap> {
    times.sort_unstable();
    let pairs = times.windows(2);
    pairs
        .map(|pair| Gap {
            from: pair[0],
            until: pair[1],
        })
        .collect()
}

impl Outage {
    fn take_in(
        &mut self,
        accepted: &[Gap],
        sent: &[Gap],
        samples: &[Sample],
        touches: impl Fn(&Gap) -> bool,
        during: impl Fn(&Sample) -> bool,
    ) {
        self.nothing_accepted = self.nothing_accepted.max(longest(accepted, &touches));
        self.nothing_sent = self.nothing_sent.max(longest(sent, &touches));
        for sample in samples.iter().filter(|sample| during(sample)) {
            self.api_mib = self.api_mib.max(sample.api / 1024);
            self.worker_mib = self.worker_mib.max(sample.worker / 1024);
        }
    }
}

fn longest(gaps: &[Gap], is_one: impl Fn(&Gap) -> bool) -> f64 {
    let gaps = gaps.iter().filter(|gap| is_one(gap));
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
            from,
            until,
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
        let found = outages(&all, accepted, vec![0, 30_000], &samples);
        let accepted = |what: &str| found[what].nothing_accepted;
        assert!((accepted("cut") - 5.5).abs() < 1e-9);
        assert!((accepted("kill") - 2.1).abs() < 1e-9);
        assert!((accepted(NONE) - 7.9).abs() < 1e-9);
        assert!((found["kill"].nothing_sent - 30.0).abs() < 1e-9);
        assert_eq!((found["cut"].strikes, found[NONE].strikes), (2, 0));
        assert_eq!((found["cut"].api_mib, found[NONE].api_mib), (4, 9));
    }
}
