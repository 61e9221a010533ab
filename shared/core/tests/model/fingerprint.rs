//! Fingerprints of states, and the set of those met.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// 64 bits that tell a state from every other, but for a chance of one in 2^64 for each pair.
pub(crate) fn of(value: &impl Hash) -> u64 {
    let mut mixer = Mixer::default();
    value.hash(&mut mixer);
    mixer.finish()
}

/// The fingerprints met so far, numbered in the order in which they were met.
#[derive(Default)]
pub(crate) struct Fingerprints(HashMap<u64, u32, BuildHasherDefault<Unchanged>>);

impl Fingerprints {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its number, and whether it is new.
    pub(crate) fn insert(&mut self, fingerprint: u64) -> (u32, bool) {
        let next = u32::try_from(self.0.len()).expect("states are numbered in 32 bits");
        let number = *self.0.entry(fingerprint).or_insert(next);
        (number, number == next)
    }

    pub(crate) fn number_of(&self, fingerprint: u64) -> Option<u32> {
        self.0.get(&fingerprint).copied()
    }
}

/// Multiplications and shifts in the way of splitmix64. The standard hasher is several times slower
/// in a build without optimisation, and the search does little else.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u8(*byte);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.write_u64(u64::from(byte));
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.write_u64(word.cast_unsigned() as u64);
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.0 = mixed ^ (mixed >> 27);
    }
}

/// Fingerprints are as good as hashed.
#[derive(Default)]
struct Unchanged(u64);

impl Hasher for Unchanged {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}
