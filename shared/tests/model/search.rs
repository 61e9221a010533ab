//! Breadth-first search through all states of a model, so that a counterexample is a shortest one.
//!
//! States are known by a fingerprint of 64 bits. Two states with one fingerprint would be taken for
//! one; among ten million that happens in about one run of 400,000.

use super::Model;
use super::fingerprint::{self, Fingerprints};
use super::invariants::{self, Violation};
use super::state::State;
use super::step::Step;
use std::collections::VecDeque;

/// How far a search has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// States met.
    pub(crate) states: usize,
    /// Steps from a beginning to the states looked at now.
    pub(crate) depth: usize,
}

/// What a search found.
pub(crate) struct Report {
    /// How many states there are, or were until the violation, and how deep they lie.
    pub(crate) progress: Progress,
    pub(crate) found: Option<Counterexample>,
}

/// A violation and a shortest way to it.
pub(crate) struct Counterexample {
    pub(crate) violation: Violation,
    pub(crate) steps: Vec<Step>,
}

/// States between two reports of progress.
const REPORT_INTERVAL: u32 = 20_000;

/// Goes through every state of the model, up to the first violation; of `only` this kind, if given.
pub(crate) fn explore(
    model: &Model,
    only: Option<Violation>,
    mut watch: impl FnMut(Progress),
) -> Report {
    let mut search = Search::new(model);
    let counts = |violation: &Violation| only.is_none_or(|wanted| wanted == *violation);
    let found = search.run(counts, &mut watch);
    Report {
        progress: search.progress(),
        found,
    }
}

struct Search<'a> {
    model: &'a Model,
    /// Every state met, numbered in the order in which they were met.
    known: Fingerprints,
    /// From which state each was met first; a beginning from itself.
    parents: Vec<u32>,
    waiting: VecDeque<State>,
    depth: usize,
    /// The first state that lies deeper.
    next_depth: u32,
    /// Steps that the system takes by itself, as (to, from).
    own_steps: Vec<(u32, u32)>,
    settled: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(model: &'a Model) -> Self {
        Self {
            model,
            known: Fingerprints::default(),
            parents: Vec::new(),
            waiting: VecDeque::new(),
            depth: 0,
            next_depth: 0,
            own_steps: Vec::new(),
            settled: Vec::new(),
        }
    }

    fn run(
        &mut self,
        counts: impl Fn(&Violation) -> bool,
        watch: &mut impl FnMut(Progress),
    ) -> Option<Counterexample> {
        for state in self.model.bounds.beginnings() {
            let own = self.met();
            if self.meet(&state, own).1 {
                self.waiting.push_back(state);
            }
        }
        self.next_depth = self.met();
        let mut current = 0;
        while let Some(state) = self.waiting.pop_front() {
            if current == self.next_depth {
                self.depth += 1;
                self.next_depth = self.met();
            }
            if current % REPORT_INTERVAL == 0 {
                watch(self.progress());
            }
            if self.model.is_settled(&state) {
                self.settled.push(current);
            }
            for (step, next) in self.model.moves(&state) {
                let of_step = invariants::of_step(&state, step, &next);
                let (number, new) = self.meet(&next, current);
                let of_state = new.then(|| invariants::of_state(&next)).flatten();
                let wrong = of_step.into_iter().chain(of_state).find(&counts);
                if let Some(violation) = wrong {
                    let mut steps = self.path_to(current);
                    steps.push(step);
                    return Some(Counterexample { violation, steps });
                }
                if new {
                    self.waiting.push_back(next);
                }
                if step.is_systems_own() && is_found(&state, step) {
                    self.own_steps.push((number, current));
                }
            }
            current += 1;
        }
        let violation = Some(Violation::NeverSettled).filter(&counts)?;
        let stuck = self.first_never_settled()?;
        let steps = self.path_to(stuck);
        Some(Counterexample { violation, steps })
    }

    fn progress(&self) -> Progress {
        Progress {
            states: self.known.len(),
            depth: self.depth,
        }
    }

    /// How many states were met, which is the number of the next.
    fn met(&self) -> u32 {
        u32::try_from(self.parents.len()).expect("states are numbered in 32 bits")
    }

    /// The number of a state, and whether it is new.
    fn meet(&mut self, state: &State, from: u32) -> (u32, bool) {
        let (number, new) = self.known.insert(fingerprint::of(&state.canonical()));
        if new {
            self.parents.push(from);
        }
        (number, new)
    }

    /// The steps by which a state was met first, found by taking them again.
    fn path_to(&self, state: u32) -> Vec<Step> {
        let mut numbers = vec![state];
        let mut last = state;
        while self.parents[last as usize] != last {
            last = self.parents[last as usize];
            numbers.push(last);
        }
        numbers.reverse();
        let mut steps = Vec::new();
        let mut states = self.model.bounds.beginnings();
        let number_of = |state: &State| self.known.number_of(fingerprint::of(&state.canonical()));
        states.retain(|state| number_of(state) == Some(last));
        let mut at = states.pop().expect("a path starts at a beginning");
        for number in numbers.into_iter().skip(1) {
            let moves = self.model.moves(&at).into_iter();
            let (step, next) = moves
                .into_iter()
                .find(|(_, next)| number_of(next) == Some(number))
                .expect("a state is met by a step from its parent");
            steps.push(step);
            at = next;
        }
        steps
    }

    /// The first state from which no settled one can be reached by the system's own steps.
    fn first_never_settled(&mut self) -> Option<u32> {
        self.own_steps.sort_unstable();
        let mut settles = vec![false; self.parents.len()];
        let mut waiting = std::mem::take(&mut self.settled);
        for state in &waiting {
            settles[*state as usize] = true;
        }
        while let Some(state) = waiting.pop() {
            let first = self.own_steps.partition_point(|(to, _)| *to < state);
            let into = self.own_steps[first..].iter();
            for (_, from) in into.take_while(|(to, _)| *to == state) {
                if !std::mem::replace(&mut settles[*from as usize], true) {
                    waiting.push(*from);
                }
            }
        }
        let stuck = settles.iter().position(|settles| !settles)?;
        Some(u32::try_from(stuck).expect("states are numbered in 32 bits"))
    }
}

/// The sweeper finds a message by its alarm only. A task that has the message need not find it.
fn is_found(state: &State, step: Step) -> bool {
    match step {
        Step::Write { task, .. } if state.tasks.contains(&task) => true,
        _ => step
            .takes_on()
            .is_none_or(|message| state.messages[message].alarm),
    }
}
