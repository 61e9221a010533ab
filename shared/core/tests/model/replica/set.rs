//! A replica set and the one record in it that matters.

use super::Rules;

/// Where the record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Set {
    /// A majority has it, so that no fail-over takes it away.
    pub(super) committed: bool,
    /// A primary that is cut off from the others.
    pub(super) cut_off: Option<CutOff>,
}

/// A primary that no majority hears any more, and that does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CutOff {
    /// It had the record from the majority before it was cut off.
    pub(super) knows: bool,
    /// It took the record since, alone.
    pub(super) alone: bool,
    /// The others have elected another primary.
    pub(super) replaced: bool,
}

/// The primary that a process talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primary {
    /// The one that a majority follows.
    Followed,
    CutOff,
}

/// What a write comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// The record is there.
    Done,
    /// No majority answers.
    Unclear,
}

impl Set {
    pub(super) const NEW: Self = Self {
        committed: false,
        cut_off: None,
    };

    /// Those that a process can be talking to.
    pub(super) fn primaries(self) -> impl Iterator<Item = Primary> {
        let cut_off = self.cut_off.map(|_| Primary::CutOff);
        let followed = self.cut_off.is_none_or(|primary| primary.replaced);
        let followed = followed.then_some(Primary::Followed);
        cut_off.into_iter().chain(followed)
    }

    /// Inserts the record, of which there can be but one.
    pub(super) fn insert(&mut self, at: Primary, rules: Rules) -> Written {
        let Some(primary) = self.cut_off.as_mut().filter(|_| at == Primary::CutOff) else {
            self.committed = true;
            return Written::Done;
        };
        if primary.knows {
            return Written::Done;
        }
        primary.alone = true;
        if rules.writes_are_a_majoritys {
            Written::Unclear
        } else {
            Written::Done
        }
    }

    /// Whether a read finds the record.
    pub(super) fn shows(self, at: Primary, rules: Rules) -> bool {
        match self.cut_off {
            Some(primary) if at == Primary::CutOff => {
                primary.knows || (primary.alone && !rules.reads_are_a_majoritys)
            }
            _ => self.committed,
        }
    }

    /// Whether nobody has the record, and nobody can bring it back.
    pub(super) fn has_lost_it(self) -> bool {
        !self.committed && !self.cut_off.is_some_and(|primary| primary.alone)
    }
}
