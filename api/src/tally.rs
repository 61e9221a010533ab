use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much clients hold at a time, bounded for each of them and for all together.
///
/// What it remembers is never more than what is held.
#[derive(Debug)]
pub(crate) struct Tally<K> {
    each: usize,
    all: usize,
    counts: Mutex<Counts<K>>,
}

#[derive(Debug)]
struct Counts<K> {
    all: usize,
    of: HashMap<K, usize>,
}

/// Why nothing more can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// This client holds as much as it may.
    Own,
    /// All together do.
    All,
}

/// What a client took, until this is dropped.
#[derive(Debug)]
#[must_use = "it is given back when it is dropped"]
pub(crate) struct Held<K: Eq + Hash> {
    tally: Arc<Tally<K>>,
    key: K,
    amount: usize,
}

impl<K: Eq + Hash + Clone> Tally<K> {
    pub(crate) fn new(each: usize, all: usize) -> Arc<Self> {
        let counts = Counts {
            all: 0,
            of: HashMap::new(),
        };
        Arc::new(Self {
            each,
            all,
            counts: Mutex::new(counts),
        })
    }

    pub(crate) fn take(self: &Arc<Self>, key: K, amount: usize) -> Result<Held<K>, Full> {
        self.count(&key, amount)?;
        Ok(Held {
            tally: Arc::clone(self),
            key,
            amount,
        })
    }

    fn count(&self, key: &K, amount: usize) -> Result<(), Full> {
        let mut counts = self.counts();
        let own = counts.of.get(key).copied().unwrap_or(0);
        if own + amount > self.each {
            return Err(Full::Own);
        }
        if counts.all + amount > self.all {
            return Err(Full::All);
        }
        counts.all += amount;
        counts.of.insert(key.clone(), own + amount);
        Ok(())
    }
}

impl<K: Eq + Hash + Clone> Held<K> {
    /// Takes more, or leaves it as it is.
    pub(crate) fn grow(&mut self, amount: usize) -> Result<(), Full> {
        self.tally.count(&self.key, amount)?;
        self.amount += amount;
        Ok(())
    }
}

impl<K> Tally<K> {
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.counts().all
    }

    fn counts(&self) -> MutexGuard<'_, Counts<K>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut counts = self.tally.counts();
        counts.all -= self.amount;
        if let Some(own) = counts.of.get_mut(&self.key) {
            *own -= self.amount;
            if *own == 0 {
                counts.of.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_and_all_have_a_bound_and_what_is_dropped_is_free_again() {
        let tally = Tally::new(3, 4);
        let first = tally.take("john", 2).unwrap();
        assert_eq!(tally.take("john", 2).unwrap_err(), Full::Own);
        let second = tally.take("john", 1).unwrap();
        assert_eq!(tally.take("jane", 2).unwrap_err(), Full::All);
        let third = tally.take("jane", 1).unwrap();
        assert_eq!(tally.take("joe", 1).unwrap_err(), Full::All);
        drop(first);
        assert!(tally.take("jane", 2).is_ok());
        let mut fourth = tally.take("joe", 0).unwrap();
        assert_eq!(fourth.grow(3), Err(Full::All));
        assert_eq!(fourth.grow(2), Ok(()));
        drop((second, third, fourth));
        assert!(tally.counts().of.is_empty());
        assert_eq!(tally.counts().all, 0);
    }
}
