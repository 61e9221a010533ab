//! What comes from outside: users, and faults of workers and of the way to the database.

use mysms_core::domain::Status;

use super::moves::{Moves, number};
use super::state::Presence;
use super::step::Step;

impl Moves<'_> {
    /// That the queued are refused is a write of its own, which need not follow, and a text of
    /// somebody who does not know yet may be stored after it: here it waits from the beginning.
    pub(crate) fn of_recipients(&mut self) {
        let (model, from) = (self.model, self.from);
        if !from.opted_out && model.bounds.opt_outs {
            self.add(Step::OptOut, |state| state.opted_out = true);
        }
        if from.opted_out && !from.heard && !model.rules.claims_ask_the_ledger {
            self.add(Step::HearOfOptOut, |state| state.heard = true);
        }
        let mut rows = from.messages.iter();
        if from.opted_out && rows.any(|row| row.status == Status::Queued) {
            self.add(Step::RefuseQueued, |state| {
                for row in &mut state.messages {
                    model.refuse_queued(row);
                }
            });
        }
    }

    pub(crate) fn of_users(&mut self) {
        if !self.model.bounds.users {
            return;
        }
        let model = self.model;
        for (message, row) in self.from.messages.iter().enumerate() {
            let name = number(message);
            if row.presence == Presence::Gone {
                self.add(Step::Repeat { message: name }, |state| {
                    state.messages[message].store_again();
                });
            }
            if !row.is_visible() {
                continue;
            }
            if row.status == Status::Queued {
                self.add(Step::Cancel { message: name }, |state| {
                    model.cancel(&mut state.messages[message]);
                });
            }
            self.add(Step::Delete { message: name }, |state| {
                model.delete(&mut state.messages[message]);
            });
        }
    }

    pub(crate) fn of_faults(&mut self) {
        if self.from.crashes_left > 0 {
            for (index, task) in self.from.tasks.iter().copied().enumerate() {
                self.add(Step::Crash { task }, |state| {
                    state.tasks.remove(index);
                    state.crashes_left -= 1;
                });
            }
        }
        if let Some(task) = self.from.late_write {
            let model = self.model;
            self.add(Step::LateWrite { task }, |state| {
                state.late_write = None;
                model.perform(state, task, usize::from(task.message));
            });
        }
    }
}
