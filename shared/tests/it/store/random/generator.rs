//! Makes up operations, most of them near enough to the state of the messages to do something.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use shared::domain::{
    Absence, Claim, Event, Fact, Lane, LeaseToken, Message, MessageId, MessageSid, NewMessage,
    NextPoll, ProviderStatus, Status, TimelineEntry, Timestamp, UserId,
};
use shared::store::{NotSent, Order, Overdue, Page, Settlement};

use super::operation::Operation;
use crate::store::fixtures::{
    ACCOUNT, OTHER_ACCOUNT, at, id, idempotency, number, sid, text, token, user,
};

const MESSAGES: usize = 60;

pub(super) struct Generator {
    rng: StdRng,
    now: Timestamp,
    ids: Vec<MessageId>,
    tokens: u64,
    past: Vec<Operation>,
    purges: bool,
}

impl Generator {
    /// `purged_by_itself`: the store purges at times of its own, so it is not asked to.
    pub(super) fn new(seed: u64, purged_by_itself: bool) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            now: at(1000),
            ids: Vec::new(),
            tokens: 1,
            past: Vec::new(),
            purges: !purged_by_itself,
        }
    }

    /// Every id that a message may have been stored under.
    pub(super) fn ids(&self) -> &[MessageId] {
        &self.ids
    }

    /// All operations so far.
    pub(super) fn past(&self) -> &[Operation] {
        &self.past
    }

    /// The next operation, given the messages as they are.
    pub(super) fn next(&mut self, messages: &[Message]) -> Operation {
        if self.rng.random_bool(0.4) {
            self.now = self.now + self.seconds(&[1, 1, 2, 3, 5, 15, 30, 60, 90]);
        }
        let again = self.rng.random_bool(0.12);
        let repeated = self.past.choose(&mut self.rng).filter(|_| again).cloned();
        let operation = repeated.unwrap_or_else(|| self.fresh(messages));
        self.past.push(operation.clone());
        operation
    }

    fn fresh(&mut self, messages: &[Message]) -> Operation {
        let Some(target) = self.target(messages) else {
            return Operation::Insert(self.new_message());
        };
        match self.rng.random_range(0..100) {
            0..9 if self.ids.len() < MESSAGES => Operation::Insert(self.new_message()),
            0..22 => self.claim(messages, target),
            22..26 => Operation::Expire(target.id, self.any_now()),
            26..44 => self.settle(target),
            44..62 => Operation::ApplyFact(self.fact(target)),
            62..71 => Operation::TakeResolve(target.id, self.terms()),
            71..75 => self.adopt(target),
            75..79 => {
                let until = self.later(&[1, 90]);
                Operation::TakePoll(target.id, self.any_now(), until)
            }
            79..82 => Operation::NextPoll(target.id, self.next_poll()),
            82..84 => self.push_alarm(target),
            84..87 => Operation::Cancel(self.user(), target.id, self.now),
            87..90 => Operation::Delete(target.owner, target.id, self.now),
            _ => self.rarely(target),
        }
    }

    fn rarely(&mut self, target: &Message) -> Operation {
        match self.rng.random_range(0..16) {
            0 => Operation::DeleteAll(self.user(), self.now),
            1 | 2 if self.purges => Operation::Purge(self.earlier(&[60, 300])),
            3 => Operation::Owners(vec![self.sid(), self.sid(), self.sid()]),
            4 => Operation::OpenAccounts,
            5 | 6 => Operation::Overdue(Overdue::Unsent { now: self.now }),
            7 | 8 => Operation::Overdue(Overdue::Doubtful {
                now: self.now,
                expired_before: self.earlier(&[0, 60]),
            }),
            9 | 10 => Operation::Find(self.user(), target.id),
            11 | 12 => Operation::Page(self.user(), self.page(target)),
            _ => {
                let lane = self.pick(&Lane::ALL);
                Operation::Due(self.account(), lane, self.now)
            }
        }
    }

    /// One of the messages, more often one that still moves.
    fn target<'a>(&mut self, messages: &'a [Message]) -> Option<&'a Message> {
        let moving: Vec<_> = messages
            .iter()
            .filter(|m| !m.status.is_terminal())
            .collect();
        let moving = moving.choose(&mut self.rng).copied();
        let any = messages.choose(&mut self.rng);
        if self.rng.random_bool(0.8) {
            moving.or(any)
        } else {
            any
        }
    }

    fn new_message(&mut self) -> NewMessage {
        let new = id(self.ids.len() as u64 + 1);
        self.ids.push(new);
        let expires_at = self.later(&[6, 60, 600, 3600]);
        let send_at = self.later(&[1, 4, 20, 100]).min(expires_at);
        let key = self.pick(&["a", "b", "c", "d", "e"]);
        NewMessage {
            id: new,
            owner: self.user(),
            account: self.account(),
            recipient: number(self.pick(&["+14155550123", "+14155550199"])),
            body: text(self.pick(&["ok", "on my way"])),
            sent_at: self.now,
            send_at: self.rng.random_bool(0.2).then_some(send_at),
            wake_at: (self.now + Duration::from_secs(15)).min(expires_at),
            expires_at,
            idempotency: self.rng.random_bool(0.2).then(|| idempotency(key)),
            retry_of: None,
        }
    }

    fn claim(&mut self, messages: &[Message], target: &Message) -> Operation {
        let mut ids = vec![target.id];
        for _ in 0..self.rng.random_range(0..3) {
            ids.extend(messages.choose(&mut self.rng).map(|message| message.id));
        }
        let account = if self.rng.random_bool(0.9) {
            target.account.clone()
        } else {
            self.account()
        };
        Operation::Claim(ids, account, self.terms())
    }

    fn settle(&mut self, target: &Message) -> Operation {
        let now = self.any_now();
        let detail = self.rng.random_bool(0.5).then(|| "some detail".to_owned());
        let settlement = match self.rng.random_range(0..8) {
            0 => Settlement::Rejected {
                code: self.pick(&["21211", "30007"]).to_owned(),
                detail,
            },
            1 | 2 => Settlement::NotSent(NotSent {
                not_before: self.later(&[0, 2, 3, 60, 5000]),
                entry: TimelineEntry::new(
                    now,
                    self.pick(&[Event::NotSent, Event::Throttled, Event::Paused]),
                )
                .with_detail(detail.as_deref()),
            }),
            3 => Settlement::Unknown { detail },
            4 | 5 => Settlement::LookAgain {
                absence: self.pick(&[Absence::NotInList, Absence::NotInList, Absence::Unclear]),
                detail,
                until: self.later(&[0, 30]),
            },
            6 => Settlement::RequeueAbsent,
            _ => Settlement::GiveUp {
                expired_before: self.earlier(&[0, 60]),
            },
        };
        Operation::Settle(target.id, self.token_for(target), settlement, now)
    }

    fn adopt(&mut self, target: &Message) -> Operation {
        let listed = Fact {
            sid: self.sid(),
            account: target.account.clone(),
            ..self.fact(target)
        };
        Operation::Adopt(target.id, self.token_for(target), listed)
    }

    fn fact(&mut self, target: &Message) -> Fact {
        let words = [
            "accepted",
            "sent",
            "sent",
            "canceled",
            "failed",
            "undelivered",
            "delivered",
        ];
        let own = target
            .provider
            .as_ref()
            .filter(|_| self.rng.random_bool(0.6));
        let sid = own.map_or_else(|| self.sid(), |own| own.sid.clone());
        let code = self.pick(&[None, None, Some("30003"), Some("30008")]);
        let account = self.account();
        let foreign = self.rng.random_bool(0.05);
        let poll_at = self.later(&[1, 100]);
        Fact {
            message: self.pick(&[Some(target.id), Some(target.id), Some(target.id), None]),
            sid,
            account: if foreign {
                account
            } else {
                target.account.clone()
            },
            status: ProviderStatus::from_word(self.pick(&words)).0,
            code: code.map(str::to_owned),
            detail: self.rng.random_bool(0.3).then(|| "said so".to_owned()),
            at: self.any_now(),
            poll_at: self.rng.random_bool(0.7).then_some(poll_at),
        }
    }

    fn next_poll(&mut self) -> NextPoll {
        let next = self.later(&[1, 60]);
        NextPoll {
            at: self.rng.random_bool(0.8).then_some(next),
            polls: self.rng.random_range(0..5),
        }
    }

    /// The alarm of a message in the poll lane, or one that is not the message's any more: no other
    /// lane's alarm is ever found due with nothing to do.
    fn push_alarm(&mut self, target: &Message) -> Operation {
        let wake_at = target.wake_at.unwrap_or(self.now);
        let polled = matches!(target.status, Status::Accepted | Status::Sent);
        let stale = wake_at + Duration::from_secs(1);
        let wake_at = if polled { wake_at } else { stale };
        Operation::PushAlarm(target.id, target.status, wake_at, self.now)
    }

    fn page(&mut self, target: &Message) -> Page {
        Page {
            order: self.pick(&[Order::OldestFirst, Order::NewestFirst]),
            after: self.pick(&[None, Some(target.id)]),
            limit: self.rng.random_range(1..8),
        }
    }

    /// The terms of a claim, nearly always with a token of its own.
    fn terms(&mut self) -> Claim {
        let token = if self.rng.random_bool(0.95) {
            self.tokens += 1;
            token(self.tokens)
        } else {
            self.old_token()
        };
        Claim {
            token,
            now: self.any_now(),
            until: self.later(&[1, 30, 90]),
        }
    }

    /// The token that holds the message, or a stale one.
    fn token_for(&mut self, target: &Message) -> LeaseToken {
        let current = target.lease.and_then(|lease| lease.token);
        let current = current.filter(|_| self.rng.random_bool(0.85));
        current.unwrap_or_else(|| self.old_token())
    }

    fn old_token(&mut self) -> LeaseToken {
        token(self.rng.random_range(1..=self.tokens))
    }

    fn sid(&mut self) -> MessageSid {
        sid(self.rng.random_range(1..=MESSAGES as u64))
    }

    fn user(&mut self) -> UserId {
        user(self.pick(&[1, 1, 2]))
    }

    fn account(&mut self) -> String {
        self.pick(&[ACCOUNT, ACCOUNT, OTHER_ACCOUNT]).to_owned()
    }

    /// The time on this host or on one whose clock is behind.
    fn any_now(&mut self) -> Timestamp {
        self.earlier(&[0, 0, 0, 3])
    }

    fn later(&mut self, seconds: &[u64]) -> Timestamp {
        self.now + self.seconds(seconds)
    }

    fn earlier(&mut self, seconds: &[u64]) -> Timestamp {
        self.now - self.seconds(seconds)
    }

    fn seconds(&mut self, of: &[u64]) -> Duration {
        Duration::from_secs(self.pick(of))
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let picked = of.choose(&mut self.rng);
        picked.expect("there is something to pick from").clone()
    }
}
