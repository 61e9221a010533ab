//! What is done to the servers of a cluster.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use super::{Harm, Strike, Victim, spread};
use crate::torture::setting::{MEMBER_AWAY_MS, MEMBER_CUT_MS, MEMBER_FROZEN_MS, NODE_SILENT_MS};

const HARMS: [(Victim, Harm); 10] = [
    (Victim::ReplicaSet, Harm::StepDown),
    (Victim::ReplicaSet, Harm::Kill),
    (Victim::ReplicaSet, Harm::Freeze),
    (Victim::ReplicaSet, Harm::KillSecondaries),
    (Victim::ReplicaSet, Harm::Cut),
    (Victim::ReplicaSet, Harm::Isolate),
    (Victim::ReplicaSet, Harm::Minority),
    (Victim::Brokers, Harm::Kill),
    (Victim::Brokers, Harm::Silence),
    (Victim::Servers, Harm::Kill),
];

/// As many of them as there is time for, each once before any of them twice.
pub(super) fn strikes(rng: &mut StdRng, texts: usize) -> Vec<Strike> {
    let mut once = HARMS.to_vec();
    once.shuffle(rng);
    let again = std::iter::repeat_with(|| HARMS.choose(rng).copied()).flatten();
    let harms: Vec<_> = once.into_iter().chain(again).take(count(texts)).collect();
    spread(rng, texts, harms, lasts)
}

/// Each of them takes half a minute, so a short run has few.
fn count(texts: usize) -> usize {
    2 + texts / 400
}

fn lasts(rng: &mut StdRng, victim: Victim, harm: Harm) -> Duration {
    let ms = match (victim, harm) {
        (_, Harm::StepDown) => 0..=0,
        (_, Harm::Freeze) => MEMBER_FROZEN_MS,
        (_, Harm::Cut | Harm::Isolate | Harm::Minority | Harm::KillSecondaries) => MEMBER_CUT_MS,
        (_, Harm::Silence) => NODE_SILENT_MS,
        _ => MEMBER_AWAY_MS,
    };
    Duration::from_millis(rng.random_range(ms))
}
