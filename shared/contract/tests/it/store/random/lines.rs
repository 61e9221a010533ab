//! Operations on lines, and their arguments.

use std::collections::HashMap;

use mysms_core::domain::{Class, LineId, Message, MessageId, SenderAddress, Status, Turn, Weight};
use mysms_core::store::{Mover, QueueId};
use rand::RngExt;
use rand::seq::IndexedRandom;

use super::arguments::Arguments;
use super::operation::{By, Operation};
use crate::store::fixtures::{OTHER_SENDER, SENDER, turn};

impl Arguments {
    pub(super) fn class(&mut self) -> Class {
        self.pick(&Class::ALL)
    }

    pub(super) fn turn(&mut self) -> Turn {
        turn(self.rng.random_range(0..30))
    }

    fn sender(&mut self) -> &'static str {
        self.pick(&[SENDER, OTHER_SENDER])
    }

    /// One who knows no other sender, or one of two who know each other.
    pub(super) fn claimant(&mut self, target: &Message) -> By {
        let sender = self.sender();
        let knows_others = self.chance(0.5);
        let mut others = vec![SENDER, OTHER_SENDER];
        others.retain(|other| knows_others && *other != sender);
        By {
            account: self.account_for(target),
            sender,
            others: others.into_iter().map(SenderAddress::known).collect(),
        }
    }

    /// What a worker does with messages that wait, the target among them.
    pub(super) fn in_line(&mut self, messages: &[Message], target: &Message) -> Operation {
        let mut ids = vec![target.id];
        for _ in 0..self.rng.random_range(0..3) {
            ids.extend(messages.choose(&mut self.rng).map(|more| more.id));
        }
        match self.rng.random_range(0..7) {
            0..2 => Operation::TakeTurns(self.for_each(&ids, Self::turn), self.any_now()),
            2..4 => {
                let to = |args: &mut Self| {
                    let there = SenderAddress::known(args.sender());
                    (there, args.chance(0.7).then(|| args.turn()))
                };
                Operation::MoveTo(self.for_each(&ids, to), self.any_now())
            }
            4 => Operation::LeaveLines(ids, self.any_now()),
            5 => Operation::ExpireThese(ids, self.any_now()),
            _ => {
                let open = |args: &mut Self| args.later(&[1, 5, 30, 90]);
                Operation::WaitUntil(self.for_each(&ids, open), self.any_now())
            }
        }
    }

    fn for_each<T>(
        &mut self,
        ids: &[MessageId],
        mut value: impl FnMut(&mut Self) -> T,
    ) -> HashMap<MessageId, T> {
        ids.iter().map(|id| (*id, value(self))).collect()
    }

    /// What concerns no message, or changes none.
    pub(super) fn of_line(&mut self, target: &Message) -> Operation {
        let queue = self.queue();
        let segments = self.rng.random_range(1..5);
        match self.rng.random_range(0..16) {
            0..3 => {
                let senders = self.pick(&[vec![SENDER], vec![SENDER, OTHER_SENDER]]);
                Operation::Waiting(self.account_for(target), senders, self.class())
            }
            3 => Operation::WaitedFor(self.account_for(target)),
            4 => {
                let status = self.pick(&[Status::Queued, Status::Sending]);
                Operation::OpenFrom(self.account_for(target), self.sender(), status)
            }
            5 | 6 => Operation::Enter(queue, segments),
            7 | 8 => {
                let mover = Mover {
                    user: self.user(),
                    weight: self.pick(&[1, 3]).try_into().unwrap_or(Weight::ONE),
                    segments,
                    from: self.turn(),
                };
                Operation::MoveEnd(queue, mover, self.now)
            }
            9 | 10 => {
                let up_to = self.turn();
                Operation::Leave(queue, segments, self.chance(0.7).then_some(up_to))
            }
            11 => Operation::GiveBack(queue, self.user(), segments),
            12 => Operation::Emptied(queue, self.rng.random_range(0..20)),
            _ => Operation::Queue(queue),
        }
    }

    /// Few, so that what is done to them meets.
    fn queue(&mut self) -> QueueId {
        QueueId {
            line: LineId::new(&self.account(), self.sender()),
            class: self.class(),
        }
    }
}
