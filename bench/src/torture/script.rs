//! The whole script of a run. The seed decides all of it; how the processes' own timing falls
//! between its lines is never the same twice.

use std::fmt;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::strike::{Strike, strikes};
use super::texts::{Content, Text, texts};

/// What is sent, what the provider does with it, and who is harmed when.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) seed: u64,
    pub(super) contents: Vec<Content>,
    pub(super) texts: Vec<Text>,
    pub(super) strikes: Vec<Strike>,
}

impl Script {
    /// The same for the same arguments.
    pub fn new(seed: u64, messages: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (contents, texts) = texts(&mut rng, seed, messages);
        let strikes = strikes(&mut rng, messages);
        Self {
            seed,
            contents,
            texts,
            strikes,
        }
    }

    /// The recipients whose list is never to be had.
    pub(super) fn unknowable(&self) -> impl Iterator<Item = &str> {
        let contents = self.contents.iter();
        contents
            .filter(|content| content.list_unavailable)
            .map(|content| &*content.to)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, {} texts", self.seed, self.texts.len())?;
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
    use super::*;
    use crate::torture::strike::{APIS, Harm, Victim, WORKERS};

    #[test]
    fn the_seed_decides_all_of_the_script() {
        let script = |seed| format!("{:?}", Script::new(seed, 500));
        assert_eq!(script(7), script(7));
        assert_ne!(script(7), script(8));
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
