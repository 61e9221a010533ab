//! From where texts leave: two senders, workers that claim for one of them, and an operator who moves
//! what waits from one to the other.
//!
//! What a worker sends leaves from the sender it claimed for, and the provider lists it under that.

use mysms_core::domain::Status;

use super::Model;
use super::moves::{Moves, number};
use super::state::{Age, LeaseKind, Message, Phase, Requests, State, Write};
use super::step::Step;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sender {
    /// From which all messages are to leave at first. It sends what no known sender does.
    Home,
    Other,
}

impl Sender {
    pub(crate) const ALL: [Self; 2] = [Self::Home, Self::Other];

    fn opposite(self) -> Self {
        match self {
            Self::Home => Self::Other,
            Self::Other => Self::Home,
        }
    }
}

/// For whom a worker claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claimant {
    pub(crate) sender: Sender,
    /// The worker knows no other sender, because that is too new, or was removed. It takes for its own
    /// what is to leave from there.
    pub(crate) alone: bool,
}

impl Claimant {
    pub(crate) const HOME: Self = Self {
        sender: Sender::Home,
        alone: false,
    };

    const OTHER: Self = Self {
        sender: Sender::Other,
        alone: false,
    };

    pub(crate) const STRANGER: Self = Self {
        sender: Sender::Home,
        alone: true,
    };

    pub(crate) const ALL: [Self; 3] = [Self::HOME, Self::OTHER, Self::STRANGER];

    pub(crate) fn sends(self, row: &Message) -> bool {
        row.sender == self.sender || self.alone
    }
}

impl Model {
    /// Whether workers read a message some time before they claim it.
    pub(crate) fn has_senders(&self) -> bool {
        self.bounds.moves > 0
    }

    pub(crate) fn claimants(&self) -> impl Iterator<Item = Claimant> + use<> {
        let strangers = self.bounds.strangers;
        let all = Claimant::ALL.into_iter();
        all.filter(move |claimant| strangers || !claimant.alone)
    }

    /// Lets a message leave from the other sender.
    pub(crate) fn move_away(&self, row: &mut Message) {
        if self.may_move(row) {
            row.sender = row.sender.opposite();
        }
    }

    fn may_move(&self, row: &Message) -> bool {
        let claimed = row.status == Status::Sending && !self.rules.moves_need_queued;
        row.is_visible() && (row.status == Status::Queued || claimed)
    }
}

impl Moves<'_> {
    /// What an operator reads is judged anew when it is swapped, so that the two are one step.
    pub(crate) fn of_operators(&mut self) {
        if self.from.moves_left == 0 {
            return;
        }
        let model = self.model;
        for (message, row) in self.from.messages.iter().enumerate() {
            if !model.may_move(row) {
                continue;
            }
            let step = Step::Move {
                message: number(message),
                to: row.sender.opposite(),
            };
            self.add(step, |state| {
                model.move_away(&mut state.messages[message]);
                state.moves_left -= 1;
            });
        }
    }
}

impl State {
    /// Whoever has read a message that has changed since `before` is to claim an older version of it.
    pub(crate) fn outdate_claims(&mut self, before: &Self) {
        for task in self.tasks.iter_mut().chain(&mut self.late_write) {
            if let Phase::Writing(Write::Claim(claiming)) = &mut task.phase {
                let message = usize::from(task.message);
                let now = self.messages[message].stored();
                claiming.outdated |= before.messages[message].stored() != now;
            }
        }
    }
}

impl Message {
    pub(crate) fn requests(&mut self, from: Sender) -> &mut Requests {
        &mut self.in_flight[from as usize]
    }

    /// What is stored of it, so that a change of it is another version. The rest is time and what the
    /// provider knows.
    fn stored(&self) -> Self {
        let mut row = Self {
            age: Age::Valid,
            horizon: None,
            in_flight: [Requests::default(); 2],
            ..*self
        };
        if let Some(lease) = &mut row.lease {
            lease.over = false;
            lease.kind = LeaseKind::Claim;
        }
        row
    }
}
