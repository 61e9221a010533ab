//! Makes up operations, most of them near enough to the state of a message to do something.

use mysms_core::domain::{Lane, Message, MessageId, NewMessage, Status, Timestamp};
use mysms_core::store::Overdue;
use rand::RngExt;
use rand::seq::IndexedRandom;

use super::arguments::Arguments;
use super::operation::Operation;
use crate::store::fixtures::{address, id, millis, number};

/// Messages stored in one run, at most.
const MESSAGES: u64 = 30;

/// How many operations are shown when one fails.
const SHOWN: usize = 12;

/// The ids that the generator with this seed gives to new messages.
pub(super) fn ids_of(seed: u64) -> impl Iterator<Item = MessageId> {
    (1..=MESSAGES).map(move |number| id(seed * 1000 + number))
}

pub(super) struct Generator {
    arguments: Arguments,
    ids: Vec<MessageId>,
    used: usize,
    past: Vec<Operation>,
    purges: bool,
}

impl Generator {
    /// `purged_by_itself`: the store purges at times of its own, so it is not asked to.
    pub(super) fn new(seed: u64, purged_by_itself: bool) -> Self {
        Self {
            arguments: Arguments::new(seed),
            ids: ids_of(seed).collect(),
            used: 0,
            past: Vec::new(),
            purges: !purged_by_itself,
        }
    }

    /// Every id that a message may have been stored under.
    pub(super) fn ids(&self) -> &[MessageId] {
        &self.ids[..self.used]
    }

    /// The latest operations, one on a line.
    pub(super) fn past(&self) -> String {
        let latest = &self.past[self.past.len().saturating_sub(SHOWN)..];
        let lines: Vec<_> = latest.iter().map(|past| format!("{past:?}")).collect();
        lines.join("\n")
    }

    /// The next operation, given the messages as they are.
    pub(super) fn next(&mut self, messages: &[Message]) -> Operation {
        self.arguments.let_time_pass();
        let again = self.chance(0.1);
        let repeated = self.past.choose(&mut self.arguments.rng);
        let operation = match repeated.filter(|_| again) {
            Some(repeated) => repeated.clone(),
            None => self.fresh(messages),
        };
        self.past.push(operation.clone());
        operation
    }

    fn fresh(&mut self, messages: &[Message]) -> Operation {
        let more = self.used < self.ids.len();
        let Some(target) = self.target(messages) else {
            return if more {
                Operation::Insert(self.new_message())
            } else {
                Operation::OpenAccounts
            };
        };
        match self.below(100) {
            0..7 if more => Operation::Insert(self.new_message()),
            0..66 => self.fitting(messages, target),
            66..82 => self.anything(messages, target),
            82..85 => {
                let user = self.arguments.user_for(target);
                Operation::Delete(user, target.id, self.arguments.now)
            }
            85..92 => self.arguments.of_line(target),
            _ => self.rarely(target),
        }
    }

    fn new_message(&mut self) -> NewMessage {
        let new = self.ids[self.used];
        self.used += 1;
        self.arguments.new_message(new)
    }

    /// One of the messages, more often one that still moves.
    fn target<'a>(&mut self, messages: &'a [Message]) -> Option<&'a Message> {
        let moving: Vec<_> = messages
            .iter()
            .filter(|m| !m.status.is_terminal())
            .collect();
        let moving = moving.choose(&mut self.arguments.rng).copied();
        let any = messages.choose(&mut self.arguments.rng);
        let moves = self.chance(0.85);
        moving.filter(|_| moves).or(any)
    }

    /// What may well be done with a message in its state.
    fn fitting(&mut self, messages: &[Message], target: &Message) -> Operation {
        let choice = self.below(20);
        match (target.status, choice) {
            (Status::Queued, 0..11) => self.claim(messages, target),
            (Status::Queued, 11..15) => self.arguments.in_line(messages, target),
            (Status::Queued, 15..18) => Operation::Expire(target.id, self.arguments.any_now()),
            (Status::Queued, 18) => self.cancel(target),
            (Status::Sending, 0..9) => self.settle(target),
            (Status::Sending, 9..17) => self.take_resolve(target),
            (Status::Sending, 17) => self.adopt(messages, target),
            (Status::Accepted | Status::Sent, 0..5) => self.take_poll(target),
            (Status::Accepted | Status::Sent, 5..9) => self.next_poll(target),
            (Status::Accepted | Status::Sent, 9 | 10) => self.push_alarm(target),
            _ if target.erase_at.is_some() && choice < 14 => self.erase(target),
            _ => self.apply_fact(messages, target),
        }
    }

    /// What is mostly refused.
    fn anything(&mut self, messages: &[Message], target: &Message) -> Operation {
        match self.below(12) {
            0 => self.claim(messages, target),
            1 => Operation::Expire(target.id, self.arguments.any_now()),
            2 | 3 => self.settle(target),
            4 => self.take_resolve(target),
            5 => self.adopt(messages, target),
            6 => self.take_poll(target),
            7 => self.next_poll(target),
            8 => self.push_alarm(target),
            9 => self.learn_of_medium(target),
            10 => self.erase(target),
            _ => self.cancel(target),
        }
    }

    fn learn_of_medium(&mut self, target: &Message) -> Operation {
        let owner = self.arguments.user_for(target);
        let learned = self.arguments.learned();
        Operation::LearnOfMedium(owner, target.id, learned, self.arguments.now)
    }

    fn erase(&mut self, target: &Message) -> Operation {
        let choice = self.below(7);
        let args = &mut self.arguments;
        match choice {
            0 | 1 => {
                let until = args.later(&[1, 90]);
                Operation::TakeErasure(target.id, args.any_now(), until)
            }
            2 => Operation::PutOffErasure(target.id, args.later(&[1, 90])),
            3 => Operation::NoteErased(target.id, args.now),
            4 => Operation::ForgoErasure(target.id),
            _ => {
                let to = args.pick(&["+14155550123", "+14155550199"]);
                let recorded = args.earlier(&[0, 900, 1_200]);
                Operation::IsEvidence(args.account(), number(to), recorded)
            }
        }
    }

    fn rarely(&mut self, target: &Message) -> Operation {
        let choice = self.below(40);
        let args = &mut self.arguments;
        let now = args.now;
        match choice {
            0 => Operation::DeleteAll(args.user(), now),
            1 if self.purges => Operation::Purge(args.earlier(&[300, 900])),
            2 => Operation::OpenAccounts,
            3 => Operation::Doubt(args.restored()),
            28 => Operation::EraseOld(args.old(target), now),
            29 => Operation::RefuseQueued(args.opt_out(), now),
            4..8 => {
                let sids = [args.any_sid(), args.any_sid(), args.any_sid()];
                let own = target.provider.as_ref().map(|own| own.sid.clone());
                Operation::Owners(sids.into_iter().chain(own).collect())
            }
            8..12 => Operation::Overdue(Overdue::Unsent { now }),
            12..17 => Operation::Overdue(Overdue::Doubtful {
                now,
                expired_before: args.earlier(&[0, 60]),
            }),
            17..21 => Operation::Find(args.user_for(target), target.id),
            21..28 => Operation::Page(args.user(), args.page(target)),
            30..33 => Operation::Exchanged(args.user(), args.excerpt(target)),
            33..35 => Operation::Conversations(args.user(), args.overview(target)),
            35 => Operation::Counterparts(args.user(), args.with()),
            36 => Operation::LastPositions(args.user(), args.counterparts()),
            37 => {
                let with = address(args.pick(&["+14155550123", "+14155550100"]));
                let up_to = args.pick(&[None, Some(target.id)]);
                Operation::DeleteConversation(args.user(), with, up_to, now)
            }
            _ => Operation::Due(args.account(), args.pick(&Lane::ALL), now),
        }
    }

    fn claim(&mut self, messages: &[Message], target: &Message) -> Operation {
        let mut ids = vec![target.id];
        for _ in 0..self.below(3) {
            ids.extend(messages.choose(&mut self.arguments.rng).map(|more| more.id));
        }
        let (by, terms) = (self.arguments.claimant(target), self.arguments.terms());
        if self.chance(0.5) {
            Operation::Claim(ids, by, terms)
        } else {
            Operation::ClaimThese(ids, by, terms)
        }
    }

    fn settle(&mut self, target: &Message) -> Operation {
        let now = self.arguments.any_now();
        let token = self.arguments.token_for(target);
        let settlement = self.arguments.settlement(target, now);
        Operation::Settle(target.id, token, settlement, now)
    }

    fn take_resolve(&mut self, target: &Message) -> Operation {
        Operation::TakeResolve(target.id, self.arguments.terms())
    }

    fn adopt(&mut self, messages: &[Message], target: &Message) -> Operation {
        let token = self.arguments.token_for(target);
        let listed = self.arguments.listed(messages, target);
        Operation::Adopt(target.id, token, listed)
    }

    fn apply_fact(&mut self, messages: &[Message], target: &Message) -> Operation {
        Operation::ApplyFact(self.arguments.fact(messages, target))
    }

    fn take_poll(&mut self, target: &Message) -> Operation {
        let until = self.arguments.later(&[1, 90]);
        Operation::TakePoll(target.id, self.arguments.any_now(), until)
    }

    fn next_poll(&mut self, target: &Message) -> Operation {
        Operation::NextPoll(target.id, self.arguments.next_poll())
    }

    fn cancel(&mut self, target: &Message) -> Operation {
        let user = self.arguments.user_for(target);
        Operation::Cancel(user, target.id, self.arguments.now)
    }

    /// The alarm of a message in the poll lane, or one that is not the message's any more: no other
    /// lane's alarm is ever found due with nothing to do.
    fn push_alarm(&mut self, target: &Message) -> Operation {
        let now = self.arguments.now;
        let wake_at: Timestamp = target.wake_at.unwrap_or(now);
        let polled = matches!(target.status, Status::Accepted | Status::Sent);
        let wake_at = if polled { wake_at } else { wake_at + millis(1) };
        Operation::PushAlarm(target.id, target.status, wake_at, now)
    }

    fn below(&mut self, count: u32) -> u32 {
        self.arguments.rng.random_range(0..count)
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.arguments.rng.random_bool(probability)
    }
}
