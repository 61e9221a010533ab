//! The claim of a message. A worker reads it and then swaps what it made of it, by the version that it
//! read; if there is another one by then, nothing is written, and it reads again.
//!
//! Where no message is moved, the two are one step, because reading again is as if the worker had read
//! later.

use mysms_core::domain::Status;

use super::Model;
use super::bounds::Clocks;
use super::moves::number;
use super::senders::{Claimant, Sender};
use super::state::{Age, Lease, LeaseKind, Message, Phase, State, Task, Token, Window, Write};

/// How far a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Claiming {
    pub(crate) window: Window,
    /// See [`Claimant::alone`].
    pub(crate) alone: bool,
    /// The message has changed since the worker read it.
    pub(crate) outdated: bool,
}

impl Claiming {
    pub(crate) const fn by(claimant: Claimant) -> Self {
        Self {
            window: Window::Open,
            alone: claimant.alone,
            outdated: false,
        }
    }

    pub(crate) const fn claimant(self, sender: Sender) -> Claimant {
        let alone = self.alone;
        Claimant { sender, alone }
    }
}

impl Model {
    /// Whether a worker that reads the message now finds it as it must be.
    pub(crate) fn may_claim(&self, state: &State, message: usize, by: Claimant) -> bool {
        let row = &state.messages[message];
        let claimed = row.status == Status::Sending && !self.rules.claim_needs_queued;
        (row.status == Status::Queued || claimed)
            && row.is_visible()
            && row.age == Age::Valid
            && (by.sends(row) || !self.rules.claims_compare_senders)
            && !self.is_out_of_attempts(state, row)
    }

    /// Here the bounds end, not the protocol.
    pub(crate) fn is_out_of_attempts(&self, state: &State, row: &Message) -> bool {
        let claims: u8 = state.messages.iter().map(|row| row.attempts).sum();
        row.attempts == self.bounds.attempts || claims == self.bounds.claims
    }

    /// What the worker does next that claims: it has the message, reads it again or lets go of it.
    pub(crate) fn claim(&self, state: &mut State, task: Task, claiming: Claiming) -> Option<Phase> {
        let message = usize::from(task.message);
        let by = claiming.claimant(task.from);
        let swapped = if claiming.outdated {
            let blindly = !self.rules.claims_compare_versions;
            blindly && !self.is_out_of_attempts(state, &state.messages[message])
        } else {
            self.may_claim(state, message, by)
        };
        if swapped {
            self.begin_attempt(state, message, task.token, by.sender);
        }
        if state.messages[message].token() == task.token {
            return Some(self.claimed(state, claiming.window));
        }
        let again = claiming.outdated && self.may_claim(state, message, by);
        again.then_some(Phase::Writing(Write::Claim(Claiming {
            outdated: false,
            ..claiming
        })))
    }

    fn begin_attempt(
        &self,
        state: &mut State,
        message: usize,
        token: Option<Token>,
        sender: Sender,
    ) {
        let sids = number(state.sids.len());
        let row = &mut state.messages[message];
        if row.attempts == 0 && !self.bounds.wide_window {
            row.window = sids;
        }
        if self.rules.claims_record_their_sender {
            row.sender = sender;
        }
        row.status = Status::Sending;
        row.alarm = true;
        row.attempts += 1;
        row.horizon = None;
        row.unseen &= !self.rules.unseen_starts_afresh;
        row.lease = Some(Lease {
            token,
            kind: if self.misjudges(Clocks::Behind) {
                LeaseKind::Stray
            } else {
                LeaseKind::Claim
            },
            over: false,
        });
        state.outdate_takes(message);
    }

    /// What a worker does that has just learnt of its claim. A window that passed before then passed
    /// while the claim was repeated.
    pub(crate) fn claimed(&self, state: &State, window: Window) -> Phase {
        let known = if self.rules.claims_ask_the_ledger {
            state.opted_out
        } else {
            state.heard
        };
        if known && self.rules.claims_heed_opt_outs {
            Phase::Writing(Write::Refuse)
        } else if window != Window::Passed {
            Phase::Claimed(window)
        } else if self.rules.window_from_first_try {
            self.too_late()
        } else {
            Phase::Claimed(Window::Reopened)
        }
    }

    /// What a worker does that finds its start window over.
    pub(crate) fn too_late(&self) -> Phase {
        if self.rules.start_window {
            Phase::Writing(Write::Requeue)
        } else {
            Phase::Claimed(Window::Passed)
        }
    }
}
