//! The steps of a replica set, and of those who ask it.

use std::fmt;

use super::Rules;
use super::set::{CutOff, Primary, Set, Written};
use crate::fingerprint;
use crate::search::Machine;

/// A record that somebody wants to be there, and repeats the request for until it is answered.
pub(super) struct Acceptance {
    /// The request may be answered because the record is found, not only because it was inserted.
    pub(super) looked_for: bool,
    pub(super) rules: Rules,
    /// How often a primary is cut off.
    pub(super) cuts: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Violation {
    /// Somebody was answered that it is there, and it is not.
    Lost,
    NeverSettled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    set: Set,
    /// Somebody was answered that the record is there.
    answered: bool,
    cuts_left: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Insert {
        at: Primary,
        answer: Written,
        /// The answer reaches whoever asked.
        arrives: bool,
    },
    Look {
        at: Primary,
        found: bool,
    },
    CutOff,
    Elect,
    Reunite,
    RollBack,
}

impl Machine for Acceptance {
    type State = State;
    type Step = Step;
    type Violation = Violation;

    const NEVER_SETTLED: Violation = Violation::NeverSettled;

    fn beginnings(&self) -> Vec<State> {
        vec![State {
            set: Set::NEW,
            answered: false,
            cuts_left: self.cuts,
        }]
    }

    fn moves(&self, from: &State) -> Vec<(Step, State)> {
        let mut moves = Vec::new();
        for at in from.set.primaries() {
            self.insert(*from, at, &mut moves);
            if self.looked_for {
                moves.push(self.look(*from, at));
            }
        }
        moves.extend(fail_over(*from));
        moves
    }

    fn fingerprint(&self, state: &State) -> u64 {
        fingerprint::of(state)
    }

    fn wrong_state(&self, state: &State) -> Option<Violation> {
        let lost = state.answered && state.set.has_lost_it();
        lost.then_some(Violation::Lost)
    }

    fn wrong_step(&self, _: &State, _: Step, _: &State) -> Option<Violation> {
        None
    }

    fn is_settled(&self, state: &State) -> bool {
        state.answered && state.set.committed
    }

    fn is_own_step(&self, _: &State, step: Step) -> bool {
        step != Step::CutOff
    }
}

impl Acceptance {
    fn insert(&self, from: State, at: Primary, moves: &mut Vec<(Step, State)>) {
        for arrives in [true, false] {
            let mut state = from;
            let answer = state.set.insert(at, self.rules);
            state.answered |= arrives && answer == Written::Done;
            let step = Step::Insert {
                at,
                answer,
                arrives,
            };
            moves.push((step, state));
        }
    }

    fn look(&self, from: State, at: Primary) -> (Step, State) {
        let found = from.set.shows(at, self.rules);
        let answered = from.answered || found;
        (Step::Look { at, found }, State { answered, ..from })
    }
}

/// What may become of the primary.
fn fail_over(from: State) -> Vec<(Step, State)> {
    let State { set, cuts_left, .. } = from;
    let with = |set, cuts_left| State {
        set,
        cuts_left,
        ..from
    };
    let Some(primary) = set.cut_off else {
        if cuts_left == 0 {
            return Vec::new();
        }
        let cut_off = Some(CutOff {
            knows: set.committed,
            alone: false,
            replaced: false,
        });
        let cut = with(Set { cut_off, ..set }, cuts_left - 1);
        return vec![(Step::CutOff, cut)];
    };
    let alone = Set {
        cut_off: None,
        ..set
    };
    let mut moves = vec![(Step::RollBack, with(alone, cuts_left))];
    if !primary.replaced {
        let replaced = Some(CutOff {
            replaced: true,
            ..primary
        });
        let elected = Set {
            cut_off: replaced,
            ..set
        };
        moves.push((Step::Elect, with(elected, cuts_left)));
        let committed = set.committed || primary.alone;
        let reunited = Set { committed, ..alone };
        moves.push((Step::Reunite, with(reunited, cuts_left)));
    }
    moves
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Insert {
                at,
                answer,
                arrives,
            } => {
                let heard = if arrives { "" } else { " (not heard)" };
                write!(f, "insert at the primary {at}: {answer:?}{heard}")
            }
            Self::Look { at, found: true } => write!(f, "look at the primary {at}: it is there"),
            Self::Look { at, .. } => write!(f, "look at the primary {at}: it is not there"),
            Self::CutOff => f.write_str("the primary is cut off"),
            Self::Elect => f.write_str("the others elect another primary"),
            Self::Reunite => f.write_str("the primary is reached again and goes on"),
            Self::RollBack => f.write_str(
                "the primary that was cut off steps down and rolls back what it has alone",
            ),
        }
    }
}

impl fmt::Display for Primary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Followed => "that a majority follows",
            Self::CutOff => "that is cut off",
        })
    }
}
