//! Makes up the arguments of operations from small pools, so that they meet.

use std::time::Duration;

use mysms_core::domain::{
    Absence, Address, Body, Claim, Consent, ContentType, Event, Fact, Learned, LeaseToken, Message,
    MessageId, NewMessage, NextPoll, NotSent, NumberPart, ProviderId, Restored, Settlement, Status,
    Tags, TimelineEntry, Timestamp, UserId, Wish,
};
use mysms_core::ledger::Old;
use mysms_core::store::{Among, Excerpt, Filter, Needle, Order, Overview, Page, Ways, With};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::store::fixtures::{
    ACCOUNT, OTHER_ACCOUNT, SENDER, address, at, idempotency, number, pictures, provider_status,
    reference, sid, tags, text, token, user,
};

const SIDS: u64 = 40;

pub(super) struct Arguments {
    pub(super) rng: StdRng,
    pub(super) now: Timestamp,
    /// Each seed has tokens of its own, as each worker has.
    first_token: u64,
    tokens: u64,
}

impl Arguments {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            now: at(10_000),
            first_token: seed * 1_000_000,
            tokens: 1,
        }
    }

    pub(super) fn let_time_pass(&mut self) {
        if self.chance(0.3) {
            self.now = self.later(&[1, 1, 1, 2, 3, 5, 15, 30, 90]);
        }
    }

    /// The time on this host or on one whose clock is behind.
    pub(super) fn any_now(&mut self) -> Timestamp {
        self.earlier(&[0, 0, 0, 3])
    }

    pub(super) fn later(&mut self, seconds: &[u64]) -> Timestamp {
        self.now + Duration::from_secs(self.pick(seconds))
    }

    pub(super) fn earlier(&mut self, seconds: &[u64]) -> Timestamp {
        self.now - Duration::from_secs(self.pick(seconds))
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let picked = of.choose(&mut self.rng);
        picked.expect("there is something to pick from").clone()
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    pub(super) fn user(&mut self) -> UserId {
        user(self.pick(&[1, 1, 2]))
    }

    pub(super) fn account(&mut self) -> String {
        self.pick(&[ACCOUNT, ACCOUNT, ACCOUNT, OTHER_ACCOUNT])
            .to_owned()
    }

    /// The message's owner, seldom another.
    pub(super) fn user_for(&mut self, target: &Message) -> UserId {
        let other = self.user();
        if self.chance(0.85) {
            target.owner
        } else {
            other
        }
    }

    /// The message's account, seldom another.
    pub(super) fn account_for(&mut self, target: &Message) -> String {
        let other = self.account();
        if self.chance(0.9) {
            target.account.clone()
        } else {
            other
        }
    }

    pub(super) fn any_sid(&mut self) -> ProviderId {
        sid(self.rng.random_range(1..=SIDS))
    }

    fn owned_sid(&mut self, messages: &[Message]) -> Option<ProviderId> {
        let other = messages.choose(&mut self.rng)?;
        other.provider.as_ref().map(|own| own.sid.clone())
    }

    /// The terms of a claim, nearly always with a token of its own.
    pub(super) fn terms(&mut self) -> Claim {
        let fresh = self.chance(0.95);
        self.tokens += u64::from(fresh);
        Claim {
            token: if fresh {
                token(self.first_token + self.tokens)
            } else {
                self.old_token()
            },
            now: self.any_now(),
            until: self.later(&[0, 1, 5, 30, 90]),
        }
    }

    /// The token that holds the message, or a stale one.
    pub(super) fn token_for(&mut self, target: &Message) -> LeaseToken {
        let stale = self.old_token();
        let current = target.lease.and_then(|lease| lease.token);
        current.filter(|_| self.chance(0.9)).unwrap_or(stale)
    }

    fn old_token(&mut self) -> LeaseToken {
        token(self.first_token + self.rng.random_range(1..=self.tokens))
    }

    pub(super) fn new_message(&mut self, id: MessageId) -> NewMessage {
        let expires_at = self.later(&[6, 60, 600, 3600]);
        let send_at = self.later(&[1, 4, 20, 100]).min(expires_at);
        let key = self.pick(&["a", "b", "c", "d", "e"]);
        let send_at = self.chance(0.2).then_some(send_at);
        let media = pictures(self.pick(&[&[][..], &[], &[], &["https://x/0"]]));
        let in_line = send_at.is_none() && self.chance(0.4);
        NewMessage {
            id,
            owner: self.user(),
            account: self.account(),
            sender: self.pick(&[None, Some(SENDER)]).map(str::to_owned),
            class: self.class(),
            turn: in_line.then(|| self.turn()),
            recipient: number(self.pick(&["+14155550123", "+14155550123", "+14155550199"])),
            body: if media.is_empty() {
                text(self.pick(&["ok", "ok", "ok", "on my way"]))
            } else {
                Body::empty()
            },
            media,
            sent_at: self.now,
            send_at,
            time_zone: None,
            not_before: None,
            wake_at: self.later(&[15]).min(expires_at),
            expires_at,
            idempotency: self.chance(0.1).then(|| idempotency(key)),
            retry_of: None,
            reference: self.pick(&[None, None, Some("order 1")]).map(reference),
            tags: self.tags(),
        }
    }

    fn tags(&mut self) -> Tags {
        let some: [&[&str]; 5] = [&[], &[], &["a:1"], &["a:1", "b:2"], &["a:2", "b:2"]];
        tags(self.pick(&some))
    }

    pub(super) fn opt_out(&mut self) -> Wish {
        Wish {
            recipient: address(self.pick(&["+14155550123", "+14155550199"])),
            senders: vec![self.pick(&[SENDER, "+15005550009"]).to_owned()],
            consent: self.pick(&[
                Consent::Withdrawn,
                Consent::Withdrawn,
                Consent::Given,
                Consent::Maybe,
            ]),
            at: self.now,
        }
    }

    /// A settlement whose own condition may hold.
    pub(super) fn settlement(&mut self, target: &Message, now: Timestamp) -> Settlement {
        let detail = self.chance(0.5).then(|| "some detail".to_owned());
        if target.unseen > 0 && self.chance(0.4) {
            return Settlement::RequeueAbsent;
        }
        match self.rng.random_range(0..11) {
            10 => Settlement::OptedOut,
            0 => Settlement::Rejected {
                code: self.pick(&["21211", "30007"]).to_owned(),
                detail,
            },
            1..4 => self.not_sent(now),
            4 | 5 => Settlement::Unknown { detail },
            6 => Settlement::GiveUp {
                expired_before: self.earlier(&[0, 60]),
            },
            7 => Settlement::RequeueAbsent,
            _ => Settlement::LookAgain {
                absence: self.pick(&[Absence::NotInList, Absence::NotInList, Absence::Unclear]),
                detail,
                until: self.later(&[0, 1, 5, 30]),
            },
        }
    }

    fn not_sent(&mut self, now: Timestamp) -> Settlement {
        let event = self.pick(&[Event::NotSent, Event::Throttled, Event::Paused]);
        Settlement::NotSent(NotSent {
            not_before: self.later(&[0, 2, 3, 10, 5000]),
            entry: TimelineEntry::new(now, event).with_detail(self.pick(&[None, Some("why")])),
        })
    }

    /// Something said about the message's SID, about another's or about a new one.
    pub(super) fn fact(&mut self, messages: &[Message], target: &Message) -> Fact {
        let named = Some(target.id);
        let (fresh, other) = (self.any_sid(), self.owned_sid(messages));
        let own = target.provider.as_ref().map(|own| own.sid.clone());
        let poll_at = self.later(&[1, 100]);
        let words = [
            "accepted",
            "accepted",
            "sent",
            "sent",
            "canceled",
            "failed",
            "undelivered",
            "delivered",
        ];
        Fact {
            message: self.pick(&[named, named, named, None]),
            sid: match self.rng.random_range(0..10) {
                0..6 => own.unwrap_or(fresh),
                6 | 7 => other.unwrap_or(fresh),
                _ => fresh,
            },
            account: self.account_for(target),
            status: provider_status(self.pick(&words)),
            code: self
                .pick(&[None, None, Some("30003"), Some("30008")])
                .map(str::to_owned),
            detail: self.pick(&[None, Some("said so")]).map(str::to_owned),
            at: self.any_now(),
            poll_at: self.chance(0.8).then_some(poll_at),
        }
    }

    /// Something that the provider's list shows for the message.
    pub(super) fn listed(&mut self, messages: &[Message], target: &Message) -> Fact {
        let taken = self.owned_sid(messages).filter(|_| self.chance(0.2));
        Fact {
            message: Some(target.id),
            sid: taken.unwrap_or_else(|| self.any_sid()),
            account: target.account.clone(),
            ..self.fact(messages, target)
        }
    }

    /// What was learned of one of the files that a message may have.
    pub(super) fn learned(&mut self) -> (usize, Learned) {
        let learned = Learned {
            content_type: self.pick(&[None, ContentType::parse("image/gif").ok()]),
            size: self.pick(&[None, Some(0), Some(5_000_000_000)]),
        };
        (self.pick(&[0, 0, 1]), learned)
    }

    pub(super) fn next_poll(&mut self) -> NextPoll {
        let next = self.later(&[1, 60]);
        NextPoll {
            at: self.chance(0.8).then_some(next),
            polls: self.rng.random_range(0..5),
        }
    }

    pub(super) fn restored(&mut self) -> Restored {
        Restored {
            since: self.earlier(&[0, 60, 600]),
            now: self.any_now(),
            until: self.later(&[1, 30, 90]),
        }
    }

    pub(super) fn old(&mut self, target: &Message) -> Old {
        let beginning = MessageId::boundary(Timestamp::EPOCH);
        Old {
            after: self.pick(&[beginning, target.id]),
            before: self.earlier(&[0, 90]),
            limit: self.rng.random_range(1..8),
        }
    }

    pub(super) fn page(&mut self, target: &Message) -> Page {
        Page {
            order: self.pick(&[Order::OldestFirst, Order::NewestFirst]),
            after: self.pick(&[None, Some(target.id)]),
            limit: self.rng.random_range(1..8),
            filter: self.filter(),
        }
    }

    pub(super) fn excerpt(&mut self, target: &Message) -> Excerpt {
        let recipient = self.pick(&["+14155550123", "+14155550199", "+14155550100"]);
        Excerpt {
            counterpart: address(recipient),
            order: self.pick(&[Order::OldestFirst, Order::NewestFirst]),
            after: self.pick(&[None, Some(target.position()), Some(target.id.into())]),
            limit: self.rng.random_range(1..8),
        }
    }

    pub(super) fn overview(&mut self, target: &Message) -> Overview {
        Overview {
            before: self.pick(&[None, Some(target.position())]),
            number: self.pick(&[None, NumberPart::parse("0199").ok()]),
            among: self.among(),
            limit: self.rng.random_range(1..4),
        }
    }

    fn among(&mut self) -> Among {
        match self.rng.random_range(0..4) {
            0 => Among::Only(self.counterparts()),
            1 => Among::Except(self.counterparts()),
            _ => Among::All,
        }
    }

    pub(super) fn counterparts(&mut self) -> Vec<Address> {
        let (one, two) = (["+14155550123"], ["+14155550199", "+14155550100"]);
        let some = self.pick(&[&one[..], &two]);
        some.iter().map(|number| address(number)).collect()
    }

    pub(super) fn with(&mut self) -> With {
        self.pick(&[With::Unread, With::Failed, With::Queued])
    }

    /// Nothing about times, because the ids of a run are all of one millisecond.
    fn filter(&mut self) -> Filter {
        use Status::{Accepted, Canceled, Delivered, Queued, Sending};
        let statuses: [&[Status]; 4] = [
            &[],
            &[],
            &[Queued, Sending],
            &[Accepted, Canceled, Delivered],
        ];
        let recipient = self.pick(&[None, None, Some("+14155550123"), Some("+14155550100")]);
        let number = self.pick(&[None, None, Some("555 0100"), Some("4155550")]);
        let text = self.pick(&[None, None, Some("OK"), Some("way"), Some("")]);
        Filter {
            statuses: self.pick(&statuses).to_vec(),
            counterpart: recipient.map(address),
            reference: self.pick(&[None, None, Some("order 1")]).map(reference),
            tags: self.tags(),
            number: number.and_then(|part| NumberPart::parse(part).ok()),
            ways: self.pick(&[Ways::Sent, Ways::Received, Ways::Both]),
            text: text.map(Needle::new),
            ..Filter::default()
        }
    }
}
