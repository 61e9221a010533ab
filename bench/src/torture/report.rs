//! What a run came to, for people and for machines.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::judge::{Offence, Wrong};
use super::outages::{Outage, table};
use super::receiver::Told;
use super::witness::Witnessed;

/// How often each kind of process was harmed in each way.
pub(super) type Kills = BTreeMap<&'static str, BTreeMap<&'static str, usize>>;

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Texts that clients were told are accepted.
    pub accepted: usize,
    pub lost: usize,
    pub doubled: usize,
    pub mislabelled: usize,
    pub unsettled: usize,
    /// Messages whose outcome could not be found out.
    pub outcome_unknown: usize,
    /// Those of them whose recipient's list was to be had.
    pub needlessly_unknown: usize,
    /// Texts to us that the provider received.
    pub written: usize,
    /// Those that are not in the ledger, or are there twice.
    pub unheard: usize,
    /// Processes that ended although nobody ended them.
    pub crashed: u32,
    pub kills: Kills,
    /// How many texts left from each sender.
    pub senders: BTreeMap<String, usize>,
    /// Messages that were moved to another sender while they waited.
    pub moved: usize,
    /// What receivers of webhooks were told.
    pub told: Told,
    /// What else was seen where there are clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<Witnessed>,
    /// What the strikes on clusters came to, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outages: BTreeMap<String, Outage>,
    pub seconds: u64,
    pub seed: u64,
    #[serde(skip)]
    pub offences: Vec<Evidence>,
    /// Where the logs of the processes are.
    #[serde(skip)]
    pub logs: String,
}

/// An offence with what the books say about it.
#[derive(Debug)]
pub struct Evidence {
    pub offence: Offence,
    /// The ledger's documents and the provider's entries, as JSON.
    pub books: Vec<String>,
}

/// Offences of each kind that are shown in full.
const SHOWN: usize = 4;

impl Report {
    /// Counts one more text that something is wrong with.
    pub(super) fn count(&mut self, wrong: Wrong) {
        let counter = match wrong {
            Wrong::Lost => &mut self.lost,
            Wrong::Doubled => &mut self.doubled,
            Wrong::Mislabelled => &mut self.mislabelled,
            Wrong::Unsettled => &mut self.unsettled,
            Wrong::NeedlesslyUnknown => &mut self.needlessly_unknown,
            Wrong::Unheard => &mut self.unheard,
            Wrong::Received => &mut self.witnessed().received_lost,
            Wrong::Unseen => &mut self.witnessed().unseen,
            Wrong::WentBack => &mut self.witnessed().went_back,
            Wrong::Phantom => &mut self.witnessed().phantoms,
            Wrong::Revived => &mut self.witnessed().revived,
            Wrong::Untold => &mut self.told.untold,
            Wrong::Gap => &mut self.told.gaps,
            Wrong::Backwards => &mut self.told.backwards,
        };
        *counter += 1;
    }

    /// The offences that are shown in full.
    fn shown(&self) -> impl Iterator<Item = &Evidence> {
        let mut shown = BTreeMap::<Wrong, usize>::new();
        self.offences.iter().filter(move |evidence| {
            let count = shown.entry(evidence.offence.wrong).or_default();
            *count += 1;
            *count <= SHOWN
        })
    }

    fn witnessed(&mut self) -> &mut Witnessed {
        self.witnessed.get_or_insert_default()
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.offences.is_empty() && self.crashed == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("accepted", self.accepted),
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("mislabelled", self.mislabelled),
            ("unsettled", self.unsettled),
            ("outcome unknown", self.outcome_unknown),
            ("  needlessly", self.needlessly_unknown),
            ("written to us", self.written),
            ("  unheard", self.unheard),
        ];
        for (name, number) in rows {
            writeln!(f, "{name:<18}{number:>8}")?;
        }
        writeln!(f, "{:<18}{:>8}", "crashed", self.crashed)?;
        self.told.fmt(f)?;
        self.witnessed.iter().try_for_each(|seen| seen.fmt(f))?;
        for (victim, harms) in &self.kills {
            let harms: Vec<_> = harms
                .iter()
                .map(|(harm, n)| format!("{harm} {n}"))
                .collect();
            writeln!(f, "harmed {victim:<12}{}", harms.join(", "))?;
        }
        for (sender, texts) in &self.senders {
            writeln!(f, "from {sender:<13}{texts:>8}")?;
        }
        writeln!(f, "{:<18}{:>8}", "moved", self.moved)?;
        writeln!(f, "{:<18}{:>8}", "seconds", self.seconds)?;
        writeln!(f, "{:<18}{:>8}", "seed", self.seed)?;
        if !self.outages.is_empty() {
            write!(f, "\n{}", table(&self.outages))?;
        }
        for Evidence { offence, books } in self.shown() {
            let (wrong, text, why) = (offence.wrong, &offence.text, &offence.why);
            writeln!(f, "\n{wrong:?} {text}: {why}; {}", offence.ids.join(", "))?;
            for book in books {
                writeln!(f, "  {book}")?;
            }
        }
        let more = self.offences.len() - self.shown().count();
        if more > 0 {
            writeln!(f, "\n… and {more} more")?;
        }
        if !self.is_clean() {
            writeln!(f, "\nThe logs are in {}.", self.logs)?;
        }
        Ok(())
    }
}
