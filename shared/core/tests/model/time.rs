//! Time, which is nothing but an order of events: what may not happen before what.

use mysms_core::domain::Status;

use super::Model;
use super::bounds::Timing;
use super::moves::{Moves, number};
use super::provider::Listed;
use super::state::{Age, Lease, LeaseKind, Phase, State, Task, Window, Write};
use super::step::Step;

impl Moves<'_> {
    pub(crate) fn of_time(&mut self) {
        for index in 0..self.from.tasks.len() {
            self.window_passes(index);
        }
        for message in 0..self.from.messages.len() {
            self.lease_ends(message);
            if self.model.bounds.expiry {
                self.age(message);
            }
        }
    }

    fn window_passes(&mut self, index: usize) {
        let Task { message, phase, .. } = self.from.tasks[index];
        if !has_open_window(phase) {
            return;
        }
        let model = self.model;
        self.add(Step::WindowPasses { message }, |state| {
            pass_window(model, state, index);
        });
    }

    /// With the lease passes the start window of its claim, which is a part of it, and of every claim
    /// before.
    fn lease_ends(&mut self, message: usize) {
        let row = &self.from.messages[message];
        let Some(lease) = row.lease.filter(|lease| !lease.over) else {
            return;
        };
        let must_be_quiet = match (self.model.bounds.timing, lease.kind) {
            (Timing::QuietAtFirstLook, LeaseKind::Claim | LeaseKind::Look)
            | (Timing::QuietAtSecondLook, LeaseKind::Look) => true,
            (Timing::QuietAtSecondLook, LeaseKind::Claim)
            | (Timing::Never, _)
            | (_, LeaseKind::Stray) => false,
        };
        if must_be_quiet && !is_quiet(self.from, message) {
            return;
        }
        let model = self.model;
        let step = Step::LeaseEnds {
            message: number(message),
        };
        self.add(step, |state| {
            for index in 0..state.tasks.len() {
                let task = state.tasks[index];
                let older = matches!(task.phase, Phase::Claimed(Window::Open | Window::Checked));
                let told = lease.kind != LeaseKind::Stray;
                if told
                    && usize::from(task.message) == message
                    && (older || task.token == lease.token)
                {
                    pass_window(model, state, index);
                }
            }
            let sids = number(state.sids.len());
            let row = &mut state.messages[message];
            if lease.kind == LeaseKind::Claim && model.bounds.list_may_be_unclear() {
                row.horizon = Some(sids);
            }
            row.lease = Some(Lease {
                over: true,
                ..lease
            });
        });
    }

    /// A message expires at any time. A doubt is hopeless only long after the provider is quiet.
    fn age(&mut self, message: usize) {
        let row = &self.from.messages[message];
        let name = number(message);
        if row.age == Age::Valid {
            self.add(Step::Ages { message: name }, |state| {
                state.messages[message].age = Age::Expired;
            });
        } else if row.age == Age::Expired && is_quiet(self.from, message) {
            self.add(Step::Ages { message: name }, |state| {
                state.messages[message].age = Age::Hopeless;
            });
        }
        if row.age != Age::Valid && row.status == Status::Queued {
            let model = self.model;
            self.add(Step::Expire { message: name }, |state| {
                model.expire(&mut state.messages[message]);
            });
        }
    }
}

/// No request for the message that was begun in time can be taken or newly listed any more.
fn is_quiet(state: &State, message: usize) -> bool {
    let unlisted = state
        .sids
        .iter()
        .any(|sid| usize::from(sid.origin) == message && sid.listed == Listed::Soon);
    let mut requests = state.messages[message].in_flight.iter();
    requests.all(|requests| requests.timely == 0) && !unlisted
}

fn has_open_window(phase: Phase) -> bool {
    match phase {
        Phase::Claimed(window) => matches!(window, Window::Open | Window::Checked),
        Phase::Writing(Write::Claim(claiming)) => claiming.window == Window::Open,
        _ => false,
    }
}

fn pass_window(model: &Model, state: &mut State, index: usize) {
    let phase = &mut state.tasks[index].phase;
    match phase {
        Phase::Claimed(Window::Open) => *phase = model.too_late(),
        // Whoever has checked already does not look at the clock again.
        Phase::Claimed(Window::Checked) => *phase = Phase::Claimed(Window::Passed),
        Phase::Writing(Write::Claim(claiming)) if claiming.window == Window::Open => {
            claiming.window = Window::Passed;
        }
        _ => {}
    }
}
