//! Collects what may happen next in a state.

use super::Model;
use super::state::{Phase, State, Task, Write};
use super::step::{Answer, Step};

/// The steps out of a state, each with where it leads.
pub(crate) struct Moves<'a> {
    pub(crate) model: &'a Model,
    pub(crate) from: &'a State,
    found: Vec<(Step, State)>,
}

impl Model {
    /// Everything that may happen next.
    pub(crate) fn steps_from(&self, from: &State) -> Vec<(Step, State)> {
        let mut moves = Moves {
            model: self,
            from,
            found: Vec::new(),
        };
        moves.begin_sending();
        moves.begin_looking();
        moves.begin_polling();
        for index in 0..from.tasks.len() {
            moves.of_task(index);
        }
        moves.of_provider();
        moves.of_time();
        moves.of_recipients();
        moves.of_users();
        moves.of_erasures();
        moves.of_operators();
        moves.of_faults();
        if self.has_senders() {
            for (_, state) in &mut moves.found {
                state.outdate_claims(from);
            }
        }
        moves.found
    }
}

impl Moves<'_> {
    /// A step that changes a copy of the state.
    pub(crate) fn add(&mut self, step: Step, change: impl FnOnce(&mut State)) {
        let mut state = self.from.clone();
        change(&mut state);
        self.found.push((step, state));
    }

    /// A step of one task that changes nothing but what the task does next.
    pub(crate) fn proceed(&mut self, step: Step, index: usize, next: Option<Phase>) {
        self.add(step, |state| state.proceed(index, next));
    }

    fn of_task(&mut self, index: usize) {
        let task = self.from.tasks[index];
        match task.phase {
            Phase::Claimed(window) => self.post(index, task, window),
            Phase::Posting { .. } => {
                let step = Step::AnswerMissed {
                    message: task.message,
                };
                self.proceed(step, index, None);
            }
            Phase::Resolving => self.list(index, task),
            Phase::Listed(sids) => self.count_twins(index, task, sids),
            Phase::Counted { sids, twins } => self.read_owners(index, task, sids, twins),
            Phase::Polling => self.poll(index, task),
            Phase::Writing(_) => {
                self.write(self.from, task, index);
            }
        }
    }

    /// A task that a worker takes on if a task more is allowed, beginning with a write.
    pub(crate) fn take_on(&mut self, task: Task) {
        if self.from.tasks.len() < self.model.bounds.tasks {
            let mut from = self.from.clone();
            from.tasks.push(task);
            self.write(&from, task, from.tasks.len() - 1);
        }
    }

    /// Lets the database do the write of a task, with everything that may become of it.
    fn write(&mut self, from: &State, task: Task, index: usize) {
        let step = |answer| Step::Write { task, answer };
        for target in self.targets(task) {
            let mut answered = from.clone();
            let next = self.model.perform(&mut answered, task, target);
            answered.proceed(index, next);
            self.found.push((step(Answer::Arrives), answered));
            if from.lost_answers_left > 0 {
                let mut lost = from.clone();
                self.model.perform(&mut lost, task, target);
                lost.lost_answers_left -= 1;
                self.found.push((step(Answer::Lost), lost));
            }
        }
        if from.rollbacks_left > 0 {
            let rolled_back = self.model.roll_back(from, task, index);
            self.found.push((step(Answer::RolledBack), rolled_back));
        }
        if from.late_writes_left > 0 && from.late_write.is_none() {
            let mut late = from.clone();
            late.late_write = Some(task);
            late.late_writes_left -= 1;
            self.found.push((step(Answer::Late), late));
        }
    }

    /// The rows that a write may hit: without the rule, any with the task's token.
    fn targets(&self, task: Task) -> Vec<usize> {
        let by_token = matches!(task.phase, Phase::Writing(Write::Requeue | Write::Reject));
        if self.model.rules.settle_names_id || !by_token {
            return vec![usize::from(task.message)];
        }
        let rows = self.from.messages.iter().enumerate();
        let hit = rows.filter(|(_, row)| row.token() == task.token);
        let mut targets: Vec<usize> = hit.map(|(message, _)| message).collect();
        if targets.is_empty() {
            targets.push(usize::from(task.message));
        }
        targets
    }
}

impl State {
    /// Lets a task go on, or end.
    pub(crate) fn proceed(&mut self, index: usize, next: Option<Phase>) {
        match next {
            Some(phase) => self.tasks[index].phase = phase,
            None => {
                self.tasks.remove(index);
            }
        }
    }
}

/// The number of a message or SID as the state keeps it.
pub(crate) fn number(index: usize) -> u8 {
    u8::try_from(index).expect("there are few messages and SIDs")
}
