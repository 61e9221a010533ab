//! A worker sends: claim, check of the start window, request. The settlement is a write like any
//! other.

use super::claiming::Claiming;
use super::moves::{Moves, number};
use super::senders::Claimant;
use super::state::{Phase, Task, Token, Window, Write};
use super::step::{Answer, PostEnd, Step};

impl Moves<'_> {
    /// Any worker may claim any message at any time: jobs are lost, doubled, late and out of order,
    /// ids are stale, and the sweeper reads what is due whenever it likes.
    pub(crate) fn begin_sending(&mut self) {
        if self.model.has_senders() {
            return self.begin_reading();
        }
        let ready: Vec<u8> = self.ready(Claimant::HOME).collect();
        for (place, message) in ready.iter().copied().enumerate() {
            self.take_on(self.claim(message, Claimant::HOME));
            for other in ready[place + 1..].iter().copied() {
                self.claim_two(message, other);
            }
        }
    }

    /// The messages that a worker finds as they must be.
    fn ready(&self, by: Claimant) -> impl Iterator<Item = u8> + use<'_> {
        let messages = 0..self.from.messages.len();
        messages
            .filter(move |message| self.model.may_claim(self.from, *message, by))
            .map(number)
    }

    /// A worker for any sender may read any message that it could claim.
    fn begin_reading(&mut self) {
        if self.from.tasks.len() == self.model.bounds.tasks {
            return;
        }
        for by in self.model.claimants() {
            let ready: Vec<u8> = self.ready(by).collect();
            for message in ready {
                let task = self.claim(message, by);
                self.add(Step::Read { task }, |state| state.tasks.push(task));
            }
        }
    }

    fn claim(&self, message: u8, by: Claimant) -> Task {
        Task {
            message,
            phase: Phase::Writing(Write::Claim(Claiming::by(by))),
            token: Some(self.new_token()),
            from: by.sender,
        }
    }

    /// A fresh token, or the one that all share.
    pub(crate) fn new_token(&self) -> Token {
        if self.model.rules.token_per_claim {
            self.from.fresh_token()
        } else {
            Token(0)
        }
    }

    fn claim_two(&mut self, one: u8, other: u8) {
        let bounds = &self.model.bounds;
        if !bounds.batches || self.from.tasks.len() + 2 > bounds.tasks {
            return;
        }
        let model = self.model;
        let batch = [one, other].map(|message| self.claim(message, Claimant::HOME));
        let step = |answer| Step::ClaimTwo {
            messages: [one, other],
            answer,
        };
        self.add(step(Answer::Arrives), |state| {
            for task in batch {
                let next = model.perform(state, task, usize::from(task.message));
                let claimed = next.map(|phase| Task { phase, ..task });
                state.tasks.extend(claimed);
            }
        });
        if self.from.lost_answers_left > 0 {
            self.add(step(Answer::Lost), |state| {
                for task in batch {
                    model.perform(state, task, usize::from(task.message));
                    state.tasks.push(task);
                }
                state.lost_answers_left -= 1;
            });
        }
    }

    /// The check of the start window and the write of the request are one step, because the fence is
    /// where the request is written: a pause between the two is the `P` of the timing inequality, like
    /// what follows.
    pub(crate) fn post(&mut self, index: usize, task: Task, window: Window) {
        let message = task.message;
        let step = |end| Step::Post { message, end };
        if !self.model.rules.fence_at_the_write && window == Window::Open {
            let checked = Some(Phase::Claimed(Window::Checked));
            self.proceed(Step::Check { message }, index, checked);
        }
        let late = !matches!(window, Window::Open | Window::Checked);
        self.add(step(PostEnd::UnderWay), |state| {
            state.proceed(index, Some(Phase::Posting { late }));
            let in_flight = state.messages[usize::from(message)].requests(task.from);
            if late {
                in_flight.late += 1;
            } else {
                in_flight.timely += 1;
            }
        });
        self.proceed(step(PostEnd::Lost), index, None);
        if self.model.bounds.not_sent {
            let requeue = Phase::Writing(Write::Requeue);
            self.proceed(step(PostEnd::NotSent), index, Some(requeue));
        }
        if self.model.bounds.rejections {
            let reject = Phase::Writing(Write::Reject);
            self.proceed(step(PostEnd::Rejected), index, Some(reject));
        }
    }
}
