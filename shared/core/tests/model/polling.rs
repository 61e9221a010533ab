//! A worker asks the provider for the status of a message that has had none for long.

use super::moves::{Moves, number};
use super::senders::Sender;
use super::state::{Phase, Task, Write};
use super::step::Step;

impl Moves<'_> {
    pub(crate) fn begin_polling(&mut self) {
        for (message, row) in self.from.messages.iter().enumerate() {
            if row.is_open() && row.alarm {
                self.take_on(Task {
                    message: number(message),
                    phase: Phase::Writing(Write::TakePoll),
                    token: None,
                    from: Sender::Home,
                });
            }
        }
    }

    /// The answer is merged at once. A later moment would make no difference: callbacks with the
    /// same facts arrive as late as they like. Then comes the next rung of the ladder, or none; after
    /// a failed poll there is always a next one.
    pub(crate) fn poll(&mut self, index: usize, task: Task) {
        let message = task.message;
        let rearm = |at| Some(Phase::Writing(Write::NextPoll { at }));
        let failed = Step::Poll {
            message,
            answered: false,
        };
        self.proceed(failed, index, rearm(true));
        let Some(own) = self.from.messages[usize::from(message)].sid else {
            return;
        };
        let status = self.from.sids[usize::from(own.number)].status;
        let model = self.model;
        let answered = Step::Poll {
            message,
            answered: true,
        };
        for at in [true, false] {
            self.add(answered, |state| {
                model.apply_fact(state, usize::from(message), own.number, status);
                state.proceed(index, rearm(at));
            });
        }
    }
}
