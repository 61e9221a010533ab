use std::collections::VecDeque;

use super::{OverQueue, OverRate, SenderKind, Terms};

/// How much earlier than its turn a text may come where none may wait, in microseconds.
const TOLERANCE_US: i64 = 1_000_000;

/// A text on its way into a lane.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) now_ms: i64,
    pub(crate) segments: u32,
    pub(crate) validity_seconds: u32,
}

/// What becomes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It leaves at this moment, in milliseconds since 1970.
    Leaves(i64),
    /// It is taken and waits until its validity is over.
    Expires,
    /// It is taken and fails with this code.
    Fails(u32),
    /// Its create is refused with this code.
    Refused(u32),
}

/// What waits for one sender, and how much of its day is used. What it decided stays as it is, whatever its terms
/// become. It reads no clock: moments have to come in their order.
#[derive(Default)]
pub(super) struct Lane {
    /// When the next segment may leave, in microseconds since 1970.
    free_us: i64,
    /// When those that wait will leave, in milliseconds since 1970, and their segments.
    waiting: VecDeque<(i64, u32)>,
    pub(super) waiting_segments: u64,
    pub(super) day_segments: u64,
    pub(super) day_ends_ms: i64,
}

impl Lane {
    /// From now on it goes by these terms. What it counted for the day that is now stays counted, unless they end it.
    pub(super) fn set(&mut self, terms: &Terms, now_ms: i64) {
        self.advance(terms, now_ms);
        if terms.day_ends_at_ms.is_some_and(|end| end <= now_ms) {
            self.day_segments = 0;
        }
        self.day_ends_ms = terms.day_end_after(now_ms);
    }

    /// Brings it to this moment: who has left does not wait, and a day that is over is not counted.
    pub(super) fn advance(&mut self, terms: &Terms, now_ms: i64) {
        while let Some((_, segments)) = self.waiting.pop_front_if(|(leaves, _)| *leaves <= now_ms) {
            self.waiting_segments -= u64::from(segments);
        }
        if now_ms >= self.day_ends_ms {
            self.day_segments = 0;
            self.day_ends_ms = terms.day_end_after(now_ms);
        }
    }

    /// What would become of the text. Nothing but the moment changes.
    pub(super) fn look(&mut self, terms: &Terms, kind: SenderKind, load: Load) -> Passage {
        self.advance(terms, load.now_ms);
        let passage = self.by_rate(terms, kind, load);
        let full = terms
            .segments_per_day
            .is_some_and(|most| self.day_segments + u64::from(load.segments) > most);
        match passage {
            Passage::Leaves(_) if full => Passage::Fails(30023),
            other => other,
        }
    }

    /// Takes the text in. What does not leave takes up no time and no part of the day.
    pub(super) fn pass(&mut self, terms: &Terms, kind: SenderKind, load: Load) -> Passage {
        let passage = self.look(terms, kind, load);
        if let Passage::Leaves(leaves_ms) = passage {
            self.note(terms, load, leaves_ms);
        }
        passage
    }

    /// Notes a text that leaves.
    pub(super) fn note(&mut self, terms: &Terms, load: Load, leaves_ms: i64) {
        self.advance(terms, load.now_ms);
        self.free_us = self.free_us.max(load.now_ms * 1000) + terms.cost_us(load.segments);
        self.day_segments += u64::from(load.segments);
        if leaves_ms > load.now_ms {
            self.waiting.push_back((leaves_ms, load.segments));
            self.waiting_segments += u64::from(load.segments);
        }
    }

    fn by_rate(&self, terms: &Terms, kind: SenderKind, load: Load) -> Passage {
        let ahead_us = self.free_us - load.now_ms * 1000;
        if terms.segments_per_second.is_none() || ahead_us <= 0 {
            return Passage::Leaves(load.now_ms);
        }
        match terms.over_rate {
            OverRate::Queue => self.by_queue(terms, kind, load),
            _ if ahead_us <= TOLERANCE_US => Passage::Leaves(load.now_ms),
            OverRate::Fail => Passage::Fails(30022),
            OverRate::Refuse => Passage::Refused(20429),
        }
    }

    fn by_queue(&self, terms: &Terms, kind: SenderKind, load: Load) -> Passage {
        if self.waiting_segments + u64::from(load.segments) > terms.room() {
            let usual = match kind {
                SenderKind::Service => OverQueue::Fail,
                _ => OverQueue::Refuse,
            };
            return match terms.over_queue.unwrap_or(usual) {
                OverQueue::Refuse => Passage::Refused(21611),
                OverQueue::Fail => Passage::Fails(30001),
            };
        }
        // Rather a moment late than early.
        let leaves_ms = (self.free_us + 999).div_euclid(1000);
        if leaves_ms > load.now_ms + i64::from(load.validity_seconds) * 1000 {
            return Passage::Expires;
        }
        Passage::Leaves(leaves_ms)
    }
}

#[cfg(test)]
mod tests;
