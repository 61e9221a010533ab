//! The delivery protocol as a machine that can be searched.

use super::invariants::{self, Violation};
use super::search::Machine;
use super::state::State;
use super::step::Step;
use super::{Model, fingerprint};

impl Machine for Model {
    type State = State;
    type Step = Step;
    type Violation = Violation;

    const NEVER_SETTLED: Violation = Violation::NeverSettled;

    fn beginnings(&self) -> Vec<State> {
        self.bounds.beginnings()
    }

    fn moves(&self, from: &State) -> Vec<(Step, State)> {
        self.steps_from(from)
    }

    fn fingerprint(&self, state: &State) -> u64 {
        fingerprint::of(&state.canonical())
    }

    fn wrong_state(&self, state: &State) -> Option<Violation> {
        invariants::of_state(state)
    }

    fn wrong_step(&self, before: &State, step: Step, after: &State) -> Option<Violation> {
        invariants::of_step(before, step, after)
    }

    fn is_settled(&self, state: &State) -> bool {
        self.is_at_rest(state)
    }

    fn is_own_step(&self, state: &State, step: Step) -> bool {
        step.is_systems_own() && is_found(state, step)
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
