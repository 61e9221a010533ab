//! Breadth-first search through all states of a model, so that a counterexample is a shortest one.
//!
//! States are known by a fingerprint of 64 bits. Two states with one fingerprint would be taken for
//! one; among ten million that happens in about one run of 400,000.

use std::collections::VecDeque;
use std::fmt::{Debug, Display};

use super::fingerprint::Fingerprints;

/// What can be searched: states, and the steps between them.
pub(crate) trait Machine {
    type State;
    type Step: Copy + Display;
    type Violation: Copy + Debug + PartialEq;

    /// That the system cannot settle everything by itself from some state.
    const NEVER_SETTLED: Self::Violation;

    fn beginnings(&self) -> Vec<Self::State>;

    /// Everything that may happen next.
    fn moves(&self, from: &Self::State) -> Vec<(Self::Step, Self::State)>;

    /// States that differ in nothing that matters have the same.
    fn fingerprint(&self, state: &Self::State) -> u64;

    /// What is wrong with a state.
    fn wrong_state(&self, state: &Self::State) -> Option<Self::Violation>;

    /// What is wrong with a step.
    fn wrong_step(
        &self,
        before: &Self::State,
        step: Self::Step,
        after: &Self::State,
    ) -> Option<Self::Violation>;

    /// Whether nothing need happen any more.
    fn is_settled(&self, state: &Self::State) -> bool;

    /// Whether the system takes the step by itself, sooner or later.
    fn is_own_step(&self, state: &Self::State, step: Self::Step) -> bool;
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// States met.
    pub(crate) states: usize,
    /// Steps from a beginning to the states looked at now.
    pub(crate) depth: usize,
}

/// What a search found.
pub(crate) struct Report<M: Machine> {
    /// How many states there are, or were until the violation, and how deep they lie.
    pub(crate) progress: Progress,
    pub(crate) found: Option<Counterexample<M>>,
}

/// A violation and a shortest way to it.
pub(crate) struct Counterexample<M: Machine> {
    pub(crate) violation: M::Violation,
    pub(crate) steps: Vec<M::Step>,
}

/// States between two reports of progress.
const REPORT_INTERVAL: u32 = 20_000;

/// Goes through every state of the model, up to the first violation; of `only` this kind, if given.
pub(crate) fn explore<M: Machine>(
    model: &M,
    only: Option<M::Violation>,
    mut watch: impl FnMut(Progress),
) -> Report<M> {
    let mut search = Search::new(model);
    let counts = |violation: &M::Violation| only.is_none_or(|wanted| wanted == *violation);
    let found = search.run(counts, &mut watch);
    Report {
        progress: search.progress(),
        found,
    }
}

struct Search<'a, M: Machine> {
    model: &'a M,
    /// Every state met, numbered in the order in which they were met.
    known: Fingerprints,
    /// From which state each was met first; a beginning from itself.
    parents: Vec<u32>,
    waiting: VecDeque<M::State>,
    depth: usize,
    /// The first state that lies deeper.
    next_depth: u32,
    /// Steps that the system takes by itself, as (to, from).
    own_steps: Vec<(u32, u32)>,
    settled: Vec<u32>,
}

impl<'a, M: Machine> Search<'a, M> {
    fn new(model: &'a M) -> Self {
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
        counts: impl Fn(&M::Violation) -> bool,
        watch: &mut impl FnMut(Progress),
    ) -> Option<Counterexample<M>> {
        for state in self.model.beginnings() {
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
                let of_step = self.model.wrong_step(&state, step, &next);
                let (number, new) = self.meet(&next, current);
                let of_state = new.then(|| self.model.wrong_state(&next)).flatten();
                let wrong = of_step.into_iter().chain(of_state).find(&counts);
                if let Some(violation) = wrong {
                    let mut steps = self.path_to(current);
                    steps.push(step);
                    return Some(Counterexample { violation, steps });
                }
                if new {
                    self.waiting.push_back(next);
                }
                if self.model.is_own_step(&state, step) {
                    self.own_steps.push((number, current));
                }
            }
            current += 1;
        }
        let violation = Some(M::NEVER_SETTLED).filter(&counts)?;
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
    fn meet(&mut self, state: &M::State, from: u32) -> (u32, bool) {
        let (number, new) = self.known.insert(self.model.fingerprint(state));
        if new {
            self.parents.push(from);
        }
        (number, new)
    }

    /// The steps by which a state was met first, found by taking them again.
    fn path_to(&self, state: u32) -> Vec<M::Step> {
        let mut numbers = vec![state];
        let mut last = state;
        while self.parents[last as usize] != last {
            last = self.parents[last as usize];
            numbers.push(last);
        }
        numbers.reverse();
        let mut steps = Vec::new();
        let mut states = self.model.beginnings();
        let number_of = |state: &M::State| self.known.number_of(self.model.fingerprint(state));
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
