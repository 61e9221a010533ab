//! Attempts and looks: what is decided by whoever holds the lease.

use crate::domain::timeline::{self, Event, TimelineEntry};
use crate::domain::{
    CLAIM_SLACK, EXPIRY_MARGIN, Fact, Lease, LeaseToken, Message, OwnError, Provider,
    SenderAddress, Status, Timestamp,
};

/// The terms on which a worker takes a message, in order to send it or to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub token: LeaseToken,
    pub now: Timestamp,
    /// The end of the lease.
    pub until: Timestamp,
}

/// Who claims messages in order to send them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimant<'a> {
    /// The provider account whose messages they send.
    pub account: &'a str,
    /// The number or Messaging Service that they send from.
    pub sender: &'a str,
    /// The other senders of the account: what is to leave from one of them is not theirs.
    pub others: &'a [SenderAddress],
}

impl Claimant<'_> {
    fn sends(&self, message: &Message) -> bool {
        let others = || self.others.iter().map(SenderAddress::as_str);
        let sender = message.sender.as_deref();
        self.account == message.account
            && sender.is_none_or(|sender| others().all(|other| other != sender))
    }
}

/// A message that may be claimed for sending now.
#[derive(Debug)]
pub struct Claimable<'a> {
    message: &'a mut Message,
    /// From where it will be sent.
    sender: &'a str,
}

/// A message that is `sending`, in the hands of whoever has its current token.
#[derive(Debug)]
pub struct Held<'a>(pub(super) &'a mut Message);

/// Why a message in doubt is to be looked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// A complete list did not show it; this counts.
    NotInList,
    /// The list could not be read, was stale or showed texts that may be this one; this counts
    /// nothing.
    Unclear,
}

impl Message {
    /// The message, if `by` may claim it now.
    pub fn claimable<'a>(&'a mut self, by: Claimant<'a>, now: Timestamp) -> Option<Claimable<'a>> {
        let free = by.sends(self)
            && self.status == Status::Queued
            && self.visible
            && self.not_before <= now + CLAIM_SLACK
            && self.expires_at > now + EXPIRY_MARGIN;
        free.then_some(Claimable {
            message: self,
            sender: by.sender,
        })
    }

    /// The message, if `token` is its current lease token.
    pub fn held_by(&mut self, token: LeaseToken) -> Option<Held<'_>> {
        let current = self.lease.and_then(|lease| lease.token);
        let held = self.status == Status::Sending && current == Some(token);
        held.then_some(Held(self))
    }

    /// Whether it is queued, and too late to be sent.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.status == Status::Queued && self.expires_at <= now + EXPIRY_MARGIN
    }

    /// Ends a message that was not sent in time; returns false if it is not queued, or not expired.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let due = self.is_expired(now);
        if due {
            let entry = TimelineEntry::new(now, Event::Expired);
            self.fail(OwnError::Expired.as_str(), entry, now);
        }
        due
    }

    /// Takes a message whose lease ran out in order to look for it; returns false if it is not
    /// `sending`, or its lease is not over.
    pub fn take_resolve(&mut self, claim: Claim) -> bool {
        let doubtful = self.status == Status::Sending && self.lease_is_over(claim.now);
        if doubtful {
            let lease = Some(Lease {
                token: Some(claim.token),
                until: claim.until,
            });
            if self.lease != lease {
                self.touch_silently();
            }
            self.lease = lease;
            self.wake_at = Some(claim.until);
        }
        doubtful
    }
}

impl Claimable<'_> {
    /// Begins an attempt. It is the claimant's sender that the message is looked for by: the one that
    /// it was accepted for may have been replaced since. Then its turn, which is one of that sender's,
    /// says nothing any more.
    pub fn claim(self, claim: Claim) {
        let Self { message, sender } = self;
        let intended = message.sender.as_deref();
        if intended.is_some_and(|intended| intended != sender) {
            message.turn = None;
        }
        message.status = Status::Sending;
        message.sender = Some(sender.to_owned());
        message.lease = Some(Lease {
            token: Some(claim.token),
            until: claim.until,
        });
        message.wake_at = Some(claim.until);
        message.unseen = 0;
        message.attempts += 1;
        // The earliest, because the clock of the worker that retries may be behind the first one's.
        let first = message.first_attempt_at.unwrap_or(claim.now);
        message.first_attempt_at = Some(first.min(claim.now));
        message.last_claim_at = Some(claim.now);
        let entry = TimelineEntry::new(claim.now, Event::Attempt).with_status(Status::Sending);
        message.note(entry, claim.now);
    }
}

impl Held<'_> {
    /// The provider refused it for good.
    pub fn reject(self, code: &str, detail: Option<&str>, now: Timestamp) {
        let entry = TimelineEntry::new(now, Event::Rejected).with_detail(detail);
        self.0.fail(code, entry, now);
    }

    /// Nothing was sent, because its recipient wants none.
    pub fn refuse_opted_out(self, now: Timestamp) {
        let entry = TimelineEntry::new(now, Event::OptedOut);
        self.0
            .fail(OwnError::RecipientOptedOut.as_str(), entry, now);
    }

    /// Nothing was sent: back to `queued` until `not_before`, or `canceled` if it was deleted. One that
    /// need not wait keeps its place among those that are due: an attempt in vain puts nobody behind the
    /// backlog of an outage.
    pub fn requeue(self, not_before: Timestamp, entry: TimelineEntry) {
        let message = self.0;
        let now = entry.at;
        if message.visible {
            message.status = Status::Queued;
            if not_before > now {
                message.not_before = not_before;
                // It gets another turn when that is over.
                message.turn = None;
            }
            let due = message.not_before.max(message.sent_at);
            message.wake_at = Some(match message.turn {
                Some(_) => message.expires_at,
                None => due.min(message.expires_at),
            });
            message.lease = None;
            message.unseen = 0;
        } else {
            message.end(Status::Canceled);
        }
        message.note(entry.with_status(message.status), now);
    }

    /// Two complete looks did not show it, so it was not taken and goes out again. False if there
    /// was no first look.
    pub fn requeue_absent(self, now: Timestamp) -> bool {
        if self.0.unseen == 0 {
            return false;
        }
        self.requeue(now, TimelineEntry::new(now, Event::SentAgain));
        true
    }

    /// It may have been sent; the lease and the alarm stay, and whoever comes after their end looks
    /// for it. Said once however often it is repeated with the same time.
    pub fn note_unknown(self, detail: Option<&str>, now: Timestamp) {
        let entry = TimelineEntry::new(now, Event::OutcomeUnknown).with_detail(detail);
        if !self.0.timeline.contains(&entry) {
            self.0.note(entry, now);
        }
    }

    /// Gives the lease back until the next look.
    pub fn look_again(
        self,
        absence: Absence,
        detail: Option<&str>,
        until: Timestamp,
        now: Timestamp,
    ) {
        let message = self.0;
        message.lease = Some(Lease { token: None, until });
        message.wake_at = Some(until);
        let event = match absence {
            Absence::NotInList => {
                message.unseen += 1;
                Event::NotInList
            }
            Absence::Unclear => Event::ListUnclear,
        };
        message.note(TimelineEntry::new(now, event).with_detail(detail), now);
    }

    /// Ends a doubt that could not be settled, if the message expired before `expired_before`.
    pub fn give_up(self, expired_before: Timestamp, now: Timestamp) -> bool {
        let hopeless = self.0.expires_at <= expired_before;
        if hopeless {
            let entry = TimelineEntry::new(now, Event::GivenUp);
            self.0.fail(OwnError::OutcomeUnknown.as_str(), entry, now);
        }
        hopeless
    }

    /// Gives the message a SID that the provider's list showed.
    pub fn adopt(self, fact: &Fact) {
        let message = self.0;
        let entry = TimelineEntry::new(fact.at, Event::Adopted).with_sid(&fact.sid);
        timeline::append(&mut message.timeline, entry);
        message.provider = Some(Provider {
            sid: fact.sid.clone(),
            at: fact.at,
            adopted: true,
        });
        // It raises a `sending` message in any case, and with that marks the whole change once.
        message.apply_fact(fact);
    }
}
