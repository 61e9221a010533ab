//! Who of those that wait leaves next.

use crate::domain::{Class, PerClass};

/// A class that waits behind others earns a tenth of what leaves.
const TENTH: i64 = 10;

/// The most that a class can earn, in tenths of a segment: enough for the longest text.
const MOST_CREDIT: i64 = 64 * TENTH;

/// How many texts of each class leave next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    texts: PerClass<usize>,
    segments: PerClass<u64>,
    credit: PerClass<i64>,
}

impl Share {
    /// The first of each class come first. A class that waits behind others goes before them once it has
    /// earned its first text, so that it keeps at least a tenth; with that exception, a class waits for
    /// those above it.
    pub(super) fn of(
        credit: &PerClass<i64>,
        waiting: &PerClass<Vec<u32>>,
        budget: u32,
        longest: u64,
    ) -> Self {
        let mut choosing = Choosing {
            waiting,
            budget: budget.into(),
            longest,
            share: Self {
                texts: PerClass::default(),
                segments: PerClass::default(),
                credit: *credit,
            },
        };
        for class in Class::Otp.below() {
            choosing.take_earned(class);
        }
        for class in Class::ALL {
            if !choosing.take_all(class) {
                break;
            }
        }
        choosing.share.earn(waiting);
        choosing.share
    }

    /// Keeps what was claimed of it: so many segments of each class. What was chosen and not claimed
    /// leaves its place empty.
    #[must_use]
    pub fn claimed(mut self, segments: PerClass<u64>) -> Self {
        self.segments = segments;
        self
    }

    /// How many of the first texts of a class.
    pub fn texts(&self, class: Class) -> usize {
        self.texts[class]
    }

    pub fn is_empty(&self) -> bool {
        self.texts.iter().all(|(_, count)| *count == 0)
    }

    /// How many segments in all.
    pub fn segments(&self) -> u64 {
        self.segments.iter().map(|(_, segments)| segments).sum()
    }

    pub(super) fn credit(&self) -> PerClass<i64> {
        self.credit
    }

    /// What has to wait earns a tenth of what leaves; nobody saves up while nothing waits.
    fn earn(&mut self, waiting: &PerClass<Vec<u32>>) {
        let all = i64::try_from(self.segments()).unwrap_or(i64::MAX);
        for class in Class::Otp.below() {
            let own = i64::try_from(self.segments[class]).unwrap_or(i64::MAX);
            let all_left = self.texts[class] >= waiting[class].len();
            let earned = self.credit[class].saturating_add(all);
            let credit = earned.saturating_sub(own.saturating_mul(TENTH));
            self.credit[class] = if all_left {
                0
            } else {
                credit.clamp(0, MOST_CREDIT)
            };
        }
    }
}

struct Choosing<'a> {
    waiting: &'a PerClass<Vec<u32>>,
    budget: u64,
    longest: u64,
    share: Share,
}

impl Choosing<'_> {
    /// Takes the next text of a class, if it fits; one that is longer than all that may leave goes
    /// alone.
    fn take(&mut self, class: Class, size: u32) -> bool {
        let used = self.share.segments();
        let size = u64::from(size);
        let fits = used + size <= self.budget || (used == 0 && size <= self.longest);
        if fits {
            self.share.texts[class] += 1;
            self.share.segments[class] += size;
        }
        fits
    }

    fn next(&self, class: Class) -> Option<u32> {
        let taken = self.share.texts[class];
        self.waiting[class].get(taken).copied()
    }

    fn take_earned(&mut self, class: Class) {
        let mut credit = self.share.credit[class];
        while let Some(size) = self.next(class)
            && credit >= i64::from(size) * TENTH
            && self.take(class, size)
        {
            credit -= i64::from(size) * TENTH;
        }
    }

    /// Returns false once nothing more fits.
    fn take_all(&mut self, class: Class) -> bool {
        while let Some(size) = self.next(class) {
            if !self.take(class, size) {
                return false;
            }
        }
        true
    }
}
