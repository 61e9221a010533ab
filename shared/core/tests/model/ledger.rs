//! The operations of the ledger: what each requires of the row and what it does to it.

use mysms_core::domain::Status;

use super::Model;
use super::bounds::Clocks;
use super::state::{
    Age, Ended, Lease, LeaseKind, Message, Phase, Presence, State, Task, Token, Write,
};

impl Model {
    /// Lets the database do a task's write, on `target` where that is not the task's own message,
    /// and tells what the task does next when it hears of it; `None` when it is done.
    pub(crate) fn perform(&self, state: &mut State, task: Task, target: usize) -> Option<Phase> {
        let Phase::Writing(write) = task.phase else {
            return Some(task.phase);
        };
        let message = usize::from(task.message);
        match write {
            Write::Claim(claiming) => return self.claim(state, task, claiming),
            Write::TakeResolve { outdated } => {
                if !(outdated && self.rules.moment_of_first_try) {
                    self.take_resolve(state, message, task.token);
                }
                let held =
                    !self.rules.resolution_lease || state.messages[message].token() == task.token;
                return held.then_some(Phase::Resolving);
            }
            Write::Accept(sid) => {
                let held = holds(&state.messages[message], task.token);
                if self.rules.accepted_needs_no_lease || held {
                    self.apply_fact(state, message, sid, Status::Accepted);
                }
            }
            Write::Adopt(sid) => return self.adopt(state, task, sid),
            Write::TakePoll => {
                let row = &mut state.messages[message];
                row.alarm |= row.is_open();
                return row.is_open().then_some(Phase::Polling);
            }
            Write::NextPoll { at } => {
                let row = &mut state.messages[message];
                if row.is_open() || !self.rules.poll_alarm_needs_open {
                    row.alarm = at;
                }
            }
            Write::Reject
            | Write::Refuse
            | Write::Requeue
            | Write::LookAgain { .. }
            | Write::RequeueAbsent
            | Write::GiveUp => self.settle(state, target, task.token, write),
        }
        None
    }

    /// A primary that is cut off does a task's write, which is as if it had not been done. So does
    /// the worker see it, unless it believes what no majority knows.
    pub(crate) fn roll_back(&self, from: &State, task: Task, index: usize) -> State {
        let mut state = from.clone();
        state.rollbacks_left -= 1;
        let message = usize::from(task.message);
        match task.phase {
            Phase::Writing(Write::Claim(claiming))
                if !self.rules.claims_are_a_majoritys
                    && self.may_claim(from, message, claiming.claimant(task.from)) =>
            {
                state.proceed(index, Some(self.claimed(from, claiming.window)));
            }
            Phase::Writing(Write::Accept(sid) | Write::Adopt(sid))
                if !self.rules.owners_are_a_majoritys && from.owner_of(sid).is_none() =>
            {
                state.ghosts |= 1 << sid;
            }
            _ => {}
        }
        state
    }

    /// Whether somebody begins something by a clock that is wrong in this way.
    pub(crate) fn misjudges(&self, clocks: Clocks) -> bool {
        self.bounds.clocks == clocks && !self.rules.clocks_are_watched
    }

    /// Whether a lease is over to whoever wants to look for the message.
    pub(crate) fn looks_over(&self, lease: Lease) -> bool {
        lease.over || self.misjudges(Clocks::Ahead)
    }

    /// Takes a message in doubt in order to look for it.
    fn take_resolve(&self, state: &mut State, message: usize, token: Option<Token>) {
        let row = &mut state.messages[message];
        let Some(lease) = row.lease.filter(|lease| self.looks_over(*lease)) else {
            return;
        };
        if self.rules.resolution_lease {
            row.lease = Some(Lease {
                token,
                ..pause(lease)
            });
            state.outdate_takes(message);
        }
    }

    /// What a worker decides about a message it holds.
    fn settle(&self, state: &mut State, message: usize, token: Option<Token>, write: Write) {
        let row = &mut state.messages[message];
        let trusted = !self.rules.token_on_negative_writes || self.works_without_lease(token);
        if row.status != Status::Sending || !(trusted || holds(row, token)) {
            return;
        }
        match write {
            Write::Reject => self.end(row, Status::Failed),
            Write::Refuse => self.refuse(row),
            Write::Requeue => self.requeue(row),
            Write::RequeueAbsent if row.unseen => self.requeue(row),
            Write::LookAgain { absent } => {
                row.unseen |= absent;
                row.lease = row.lease.map(pause);
                state.outdate_takes(message);
            }
            Write::GiveUp if row.age == Age::Hopeless => {
                self.end(row, Status::Failed);
                row.ended = Some(Ended::GivenUp);
            }
            _ => {}
        }
    }

    /// Without the rule, whoever looks for a message has no token to show.
    pub(crate) fn works_without_lease(&self, token: Option<Token>) -> bool {
        token.is_none() && !self.rules.resolution_lease
    }

    fn requeue(&self, row: &mut Message) {
        if row.is_visible() {
            self.end(row, Status::Queued);
            row.alarm = true;
        } else {
            self.end(row, Status::Canceled);
        }
    }

    /// Takes a message out of `sending`, or from one status to a later one.
    pub(crate) fn end(&self, row: &mut Message, status: Status) {
        row.status = status;
        row.alarm = false;
        row.lease = None;
        row.unseen &= !self.rules.unseen_starts_afresh;
    }

    /// Ends a queued message that was not sent in time.
    pub(crate) fn expire(&self, row: &mut Message) {
        if row.status == Status::Queued && row.age != Age::Valid {
            self.end(row, Status::Failed);
        }
    }

    /// Ends a queued message whose recipient wants none.
    pub(crate) fn refuse_queued(&self, row: &mut Message) {
        if row.status == Status::Queued && row.is_visible() {
            self.refuse(row);
        }
    }

    fn refuse(&self, row: &mut Message) {
        self.end(row, Status::Failed);
        row.ended = Some(Ended::Refused);
    }

    /// Takes back a message that no worker has claimed.
    pub(crate) fn cancel(&self, row: &mut Message) {
        if row.status == Status::Queued && row.is_visible() {
            self.end(row, Status::Canceled);
        }
    }

    /// A tombstone, or without the rule nothing at all, is left.
    pub(crate) fn delete(&self, row: &mut Message) {
        if !self.rules.tombstones {
            row.presence = Presence::Gone;
            self.end(row, Status::Canceled);
            row.sid = None;
            return;
        }
        row.presence = Presence::Tombstone;
        if row.status == Status::Queued {
            self.end(row, Status::Canceled);
        } else if row.status != Status::Sending {
            row.alarm = false;
        }
    }
}

/// The lease of a message that is looked for again later.
fn pause(lease: Lease) -> Lease {
    let early = match lease.kind {
        LeaseKind::Claim => !lease.over,
        LeaseKind::Look => false,
        LeaseKind::Stray => true,
    };
    Lease {
        token: None,
        kind: if early {
            LeaseKind::Stray
        } else {
            LeaseKind::Look
        },
        over: false,
    }
}

/// Whether this is the message's current token.
pub(crate) fn holds(row: &Message, token: Option<Token>) -> bool {
    row.status == Status::Sending && token.is_some() && row.token() == token
}
