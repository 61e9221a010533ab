//! The whole script of a run. The seed decides all of it; how the processes' own timing falls
//! between its lines is never the same twice.

use std::fmt;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::senders;
use super::strike::{Strike, cluster_strikes, strikes};
use super::texts::{Content, Text, texts};

/// What is sent, what the provider does with it, and who is harmed when.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) seed: u64,
    pub(super) contents: Vec<Content>,
    pub(super) texts: Vec<Text>,
    pub(super) strikes: Vec<Strike>,
    /// The segments of each user are counted; only where there are clusters.
    pub(super) counted: bool,
    /// There are several senders and users, and classes.
    pub(super) spread: bool,
}

impl Script {
    /// The same for the same arguments.
    pub fn new(seed: u64, messages: usize) -> Self {
        Self::written(seed, messages, |rng| (strikes(rng, messages), false))
    }

    /// The same texts and strikes, and several senders and users.
    #[must_use]
    pub fn with_senders(mut self) -> Self {
        let mut rng = StdRng::seed_from_u64(!self.seed);
        senders::spread_texts(&mut rng, &mut self.texts);
        let more = senders::strikes(&mut rng, self.texts.len());
        self.strikes.extend(more);
        self.strikes.sort_by_key(|strike| strike.at);
        self.spread = true;
        self
    }

    /// The same with strikes that fall on clusters.
    pub fn for_clusters(seed: u64, messages: usize) -> Self {
        Self::written(seed, messages, |rng| {
            (cluster_strikes(rng, messages), rng.random_ratio(2, 3))
        })
    }

    fn written(
        seed: u64,
        messages: usize,
        strikes: impl FnOnce(&mut StdRng) -> (Vec<Strike>, bool),
    ) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (contents, texts) = texts(&mut rng, seed, messages);
        let (strikes, counted) = strikes(&mut rng);
        Self {
            seed,
            contents,
            texts,
            strikes,
            counted,
            spread: false,
        }
    }

    /// What it is, in a few words.
    pub(super) fn summary(&self) -> String {
        let (texts, strikes) = (self.texts.len(), self.strikes.len());
        format!("seed {}: {texts} texts, {strikes} strikes", self.seed)
    }

    /// How many users send.
    pub(super) fn users(&self) -> usize {
        if self.spread { senders::USERS } else { 1 }
    }

    /// The recipients whose list is never to be had.
    pub(super) fn unknowable(&self) -> impl Iterator<Item = &str> {
        let contents = self.contents.iter();
        contents
            .filter(|content| content.list_unavailable)
            .map(|content| &*content.to)
    }

    /// The recipients of files without words, of which a list proves only that they are absent.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let contents = self.contents.iter();
        contents
            .filter(|content| content.is_files())
            .map(|content| &*content.to)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        for strike in &self.strikes {
            writeln!(f, "{:>6} texts accepted: {strike}", strike.at)?;
        }
        for content in &self.contents {
            for fault in &content.faults {
                let times = fault
                    .times
                    .map_or("always".to_owned(), |n| format!("{n} time"));
                writeln!(f, "{} {:?}, {times}", content.to, fault.fault)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use twilio_sim::{Fault, Kind};

    use super::*;
    use crate::torture::strike::{APIS, Harm, Victim, WORKERS};

    #[test]
    fn the_seed_decides_all_of_the_script() {
        let script = |seed| format!("{:?}", Script::new(seed, 500));
        assert_eq!(script(7), script(7));
        assert_ne!(script(7), script(8));
    }

    #[test]
    fn clusters_are_harmed_in_every_way_in_a_long_run_and_are_no_single_servers() {
        for seed in 0..50 {
            let script = Script::for_clusters(seed, 5_000);
            let harmed = |victim| script.strikes.iter().any(|strike| strike.victim == victim);
            assert!((0..APIS).map(Victim::Api).all(harmed), "{seed}");
            assert!((0..WORKERS).map(Victim::Worker).all(harmed), "{seed}");
            assert!(!harmed(Victim::Database) && !harmed(Victim::Broker));
            let on_clusters = script.strikes.iter().filter(|one| one.is_on_a_cluster());
            let ways: std::collections::BTreeSet<_> = on_clusters
                .map(|strike| (strike.victim, strike.harm))
                .collect();
            assert_eq!(ways.len(), 10, "{seed}");
            assert!(script.strikes.is_sorted_by_key(|strike| strike.at));
        }
    }

    #[test]
    fn with_several_senders_the_texts_and_the_other_strikes_are_the_same() {
        let alone = Script::new(7, 500);
        let script = Script::new(7, 500).with_senders();
        let keys = |script: &Script| {
            let texts = script.texts.iter();
            texts
                .map(|text| (text.key.clone(), text.content))
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(&alone), keys(&script));
        let of_operators = |strike: &&Strike| matches!(strike.victim, Victim::Sender(_));
        let others = script.strikes.iter().filter(|strike| !of_operators(strike));
        assert!(others.eq(&alone.strikes));
        for (sender, n) in senders::SENDERS.iter().zip(0..) {
            let named = |text: &Text| text.manner.from == Some(sender.address);
            assert!(script.texts.iter().any(named));
            for harm in [Harm::Drain, Harm::Slow] {
                let struck = |one: &Strike| one.victim == Victim::Sender(n) && one.harm == harm;
                assert!(script.strikes.iter().any(struck), "{harm:?} {n}");
            }
        }
        assert!(script.texts.iter().any(|text| text.manner.user > 0));
        assert!(script.texts.iter().any(|text| text.manner.class.is_some()));
    }

    #[test]
    fn every_script_has_files_without_words_and_twins_of_them() {
        for seed in 0..50 {
            let script = Script::new(seed, 500);
            let copies = |n: usize| script.texts.iter().filter(|text| text.content == n).count();
            let files = (0..script.contents.len()).filter(|n| script.contents[*n].is_files());
            let (twins, alone): (Vec<_>, Vec<_>) = files.partition(|n| copies(*n) > 1);
            assert!(twins.len() > 5, "{seed}: {twins:?}");
            assert!(alone.len() > 2, "{seed}: {alone:?}");
            let silent = |fault: &Fault| fault.fault == Kind::CallbackLost { status: None };
            let is_unreported = |n: &&usize| script.contents[**n].faults.iter().any(silent);
            let unreported = twins.iter().filter(is_unreported).count();
            assert!(0 < unreported && unreported < twins.len(), "{seed}");
            let has_files = |n: &usize| !script.contents[*n].urls.is_empty();
            assert!(twins.iter().chain(&alone).all(has_files), "{seed}");
        }
    }

    #[test]
    fn every_process_is_harmed_in_every_script() {
        for seed in 0..50 {
            let script = Script::new(seed, 500);
            let harmed = |victim| script.strikes.iter().any(|strike| strike.victim == victim);
            assert!((0..APIS).map(Victim::Api).all(harmed), "{seed}");
            assert!((0..WORKERS).map(Victim::Worker).all(harmed), "{seed}");
            let servers = [Victim::Simulator, Victim::Database, Victim::Broker];
            assert!(servers.into_iter().all(harmed), "{seed}");
            let stranded = |strike: &Strike| strike.harm == Harm::Strand;
            assert!(script.strikes.iter().any(stranded), "{seed}");
            assert!(script.strikes.iter().all(|strike| strike.at < 500));
            assert_eq!(script.texts.len(), 500);
        }
    }
}
