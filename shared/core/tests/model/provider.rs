//! The provider: takes requests late, lists them late, and reports what became of them in any order
//! and any number of times. Requests that it never takes end when they are made.

use mysms_core::domain::Status;

use super::Model;
use super::moves::{Moves, number};
use super::senders::Sender;
use super::state::{Phase, State, Write};
use super::step::Step;

/// A text that the provider took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sid {
    /// The message that it was sent for, which its callbacks name.
    pub(crate) origin: u8,
    /// The sender that it left from: the provider's list shows it under this one.
    pub(crate) from: Sender,
    pub(crate) listed: Listed,
    pub(crate) shown: Shown,
    pub(crate) status: Status,
    /// The first message that had this SID. Nobody in the model reads it: it is there for the
    /// invariants, also when the row is gone.
    pub(crate) owner: Option<u8>,
}

/// What the list shows of a text's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    AsSent,
    /// Nothing: it is redacted.
    Unreadable,
    /// Something that no message says.
    Rewritten,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Listed {
    /// Not yet; the timing inequality says when at the latest.
    Soon,
    /// Not yet, and nothing says when: its request was begun too late.
    Sometime,
    Now,
    /// No more: its record was removed.
    Gone,
}

impl Moves<'_> {
    pub(crate) fn of_provider(&mut self) {
        for (message, row) in self.from.messages.iter().enumerate() {
            for (from, requests) in Sender::ALL.into_iter().zip(row.in_flight) {
                if requests.timely > 0 {
                    self.take(message, from, false);
                }
                if requests.late > 0 {
                    self.take(message, from, true);
                }
            }
        }
        for (place, sid) in self.from.sids.iter().enumerate() {
            if matches!(sid.listed, Listed::Soon | Listed::Sometime) {
                self.add(Step::Show { sid: number(place) }, |state| {
                    state.sids[place].listed = Listed::Now;
                });
            }
            if self.model.bounds.later_statuses {
                self.progress(place, sid.status);
            }
            if self.model.bounds.callbacks {
                self.call_back(place, *sid);
            }
        }
    }

    /// A worker that still waits for the answer gets it, unless it stops waiting before.
    fn take(&mut self, message: usize, from: Sender, late: bool) {
        for shown in self.model.bounds.shown() {
            let step = Step::Take {
                message: number(message),
                from,
                shown,
            };
            let take = |state: &mut State| take(state, message, from, late, shown);
            let mut waits = false;
            for (index, task) in self.from.tasks.iter().enumerate() {
                let is_its = usize::from(task.message) == message && task.from == from;
                if is_its && task.phase == (Phase::Posting { late }) {
                    waits = true;
                    self.add(step, |state| {
                        let sid = take(state);
                        state.proceed(index, Some(Phase::Writing(Write::Accept(sid))));
                    });
                }
            }
            if !waits {
                self.add(step, |state| {
                    take(state);
                });
            }
        }
    }

    fn progress(&mut self, place: usize, status: Status) {
        let next: &[Status] = match status {
            Status::Accepted => &[Status::Sent],
            Status::Sent => &[Status::Undelivered, Status::Delivered],
            // A handset's receipt may come after the carrier gave up.
            Status::Undelivered => &[Status::Delivered],
            _ => &[],
        };
        for status in next.iter().copied() {
            let step = Step::Progress {
                sid: number(place),
                status,
            };
            self.add(step, |state| state.sids[place].status = status);
        }
    }

    fn call_back(&mut self, place: usize, sid: Sid) {
        let model: &Model = self.model;
        let before = [Status::Accepted, Status::Sent, Status::Undelivered];
        let before = before.into_iter().filter(|status| *status < sid.status);
        for status in before.chain([sid.status]) {
            let step = Step::Callback {
                sid: number(place),
                status,
            };
            self.add(step, |state| {
                model.apply_fact(state, usize::from(sid.origin), number(place), status);
            });
        }
    }
}

fn take(state: &mut State, message: usize, from: Sender, late: bool, shown: Shown) -> u8 {
    let in_flight = state.messages[message].requests(from);
    if late {
        in_flight.late -= 1;
    } else {
        in_flight.timely -= 1;
    }
    state.sids.push(Sid {
        origin: number(message),
        from,
        listed: if late { Listed::Sometime } else { Listed::Soon },
        shown,
        status: Status::Accepted,
        owner: None,
    });
    number(state.sids.len() - 1)
}
