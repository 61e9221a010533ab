//! What may happen to a message: the only functions that change one.
//!
//! What we decide ourselves goes through a view ([`Claimable`], [`Held`]) that exists only while the
//! message is in the right state, so that no transition can be called in a wrong one. What the
//! provider says ([`Fact`]) is merged by rank in any state.

use super::timeline::{self, Event, TimelineEntry};
use super::{
    ALARM_PUSH, CLAIM_SLACK, EXPIRY_MARGIN, Fact, Lease, LeaseToken, Message, Provider, Status,
    Timestamp,
};

/// The terms on which a worker takes a message, in order to send it or to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub token: LeaseToken,
    pub now: Timestamp,
    /// The end of the lease.
    pub until: Timestamp,
}

/// A message that may be claimed for sending now.
#[derive(Debug)]
pub struct Claimable<'a>(&'a mut Message);

/// A message that is `sending`, in the hands of whoever has its current token.
#[derive(Debug)]
pub struct Held<'a>(&'a mut Message);

/// Why a message in doubt is to be looked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// A complete list did not show it; this counts.
    NotInList,
    /// The list could not be read, was stale or showed texts that may be this one; this counts
    /// nothing.
    Unclear,
}

/// When to ask for the status next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPoll {
    /// `None` once the ladder is over: the message rests, a callback still counts.
    pub at: Option<Timestamp>,
    /// Answered polls by now.
    pub polls: u32,
}

/// What a fact did to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactEffect {
    /// The status rose.
    Raised,
    /// It is on the timeline, or settled which error code stays; the status is as it was.
    Recorded,
    /// It was known already.
    Unchanged,
}

impl Message {
    /// The message, if `account` may claim it now.
    pub fn claimable(&mut self, account: &str, now: Timestamp) -> Option<Claimable<'_>> {
        let free = self.account == account
            && self.status == Status::Queued
            && self.visible
            && self.not_before <= now + CLAIM_SLACK
            && self.expires_at > now + EXPIRY_MARGIN;
        free.then_some(Claimable(self))
    }

    /// The message, if `token` is its current lease token.
    pub fn held_by(&mut self, token: LeaseToken) -> Option<Held<'_>> {
        let current = self.lease.and_then(|lease| lease.token);
        let held = self.status == Status::Sending && current == Some(token);
        held.then_some(Held(self))
    }

    /// Ends a message that was not sent in time; false if it is not such a one.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let due = self.status == Status::Queued && self.expires_at <= now + EXPIRY_MARGIN;
        if due {
            self.fail("expired", TimelineEntry::new(now, Event::Expired), now);
        }
        due
    }

    /// Takes a message whose lease ran out in order to look for it; false if it is not such a one.
    pub fn take_resolve(&mut self, claim: Claim) -> bool {
        let doubtful = self.status == Status::Sending && self.lease_is_over(claim.now);
        if doubtful {
            self.lease = Some(Lease {
                token: Some(claim.token),
                until: claim.until,
            });
            self.wake_at = Some(claim.until);
        }
        doubtful
    }

    /// Takes a message whose status is overdue in order to ask for it; nobody else asks before
    /// `until`.
    pub fn take_poll(&mut self, now: Timestamp, until: Timestamp) -> bool {
        let due = self.awaits_status() && self.not_before <= now + CLAIM_SLACK;
        if due {
            self.not_before = until;
            self.wake_at = Some(until);
        }
        due
    }

    /// Sets the alarm for the next poll; false if the message needs none.
    pub fn next_poll(&mut self, next: NextPoll) -> bool {
        let open = self.awaits_status();
        if open {
            self.polls = next.polls;
            self.wake_at = next.at;
            self.not_before = next.at.unwrap_or(self.not_before);
        }
        open
    }

    /// Takes back a message that no worker has claimed; false if one has, or it is not there.
    pub fn cancel(&mut self, now: Timestamp) -> bool {
        let waiting = self.visible && self.status == Status::Queued;
        if waiting {
            self.end_unsent(now, Event::Canceled);
        }
        waiting
    }

    /// Makes a tombstone of the message; false if it is one already.
    ///
    /// A text that is `sending` keeps its body and recipient until that is settled, because they are
    /// what it is looked for by.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        if !self.visible {
            return false;
        }
        self.visible = false;
        self.deleted_at = Some(now);
        match self.status {
            Status::Queued => self.end_unsent(now, Event::Deleted),
            Status::Sending => self.note(TimelineEntry::new(now, Event::Deleted), now),
            _ => {
                self.wake_at = None;
                self.note(TimelineEntry::new(now, Event::Deleted), now);
            }
        }
        self.erase_if_deleted();
        true
    }

    /// Merges a fact about this message's own SID, or gives it the SID if it has none.
    pub fn apply_fact(&mut self, fact: &Fact) -> FactEffect {
        let status = fact.status.status();
        let raised = self.status < status;
        let same_rank = self.status == status;
        let recorded = self.record(fact, Event::Provider);
        self.provider.get_or_insert_with(|| Provider {
            sid: fact.sid.clone(),
            at: fact.at,
            adopted: false,
        });
        if raised {
            self.raise(fact);
            return FactEffect::Raised;
        }
        let code_changed = same_rank && self.keep_smaller_code(fact.code.as_deref());
        if recorded || code_changed {
            self.updated_at = fact.at;
            FactEffect::Recorded
        } else {
            FactEffect::Unchanged
        }
    }

    /// Records a fact about a second SID for this message; true the first time that this SID shows
    /// that the provider took the text twice.
    ///
    /// If our own SID was adopted from a list, the second one may be a twin's (`twin_in_doubt`: an
    /// identical text to the same number is `sending`), whose own look will find it. Otherwise the
    /// text went out twice, and that the recipient has it is evidence for this message too.
    pub fn apply_surplus(&mut self, fact: &Fact, twin_in_doubt: bool) -> bool {
        let adopted = self.has_adopted_sid();
        let first = !self.has_surplus(fact);
        let recorded = self.record(fact, Event::Surplus);
        let status = fact.status.status();
        if !adopted && status == Status::Delivered && self.status < status {
            self.raise(fact);
        } else if recorded {
            self.updated_at = fact.at;
        }
        first && !(adopted && twin_in_doubt)
    }

    /// Whether its SID came from the provider's list.
    pub fn has_adopted_sid(&self) -> bool {
        self.provider.as_ref().is_some_and(|known| known.adopted)
    }

    fn has_surplus(&self, fact: &Fact) -> bool {
        self.timeline
            .iter()
            .any(|entry| entry.event == Event::Surplus && entry.sid.as_ref() == Some(&fact.sid))
    }

    /// Moves the alarm of a message that was found due although there is nothing to do, so that it
    /// cannot block its lane.
    pub fn push_alarm(&mut self, now: Timestamp) {
        let later = now + ALARM_PUSH;
        let ahead = self.expires_at > now;
        self.wake_at = match self.status {
            status if status.is_terminal() => None,
            _ if ahead => Some(later.min(self.expires_at)),
            _ => Some(later),
        };
    }

    fn awaits_status(&self) -> bool {
        self.visible && matches!(self.status, Status::Accepted | Status::Sent)
    }

    /// Raises the status to the fact's and sets what depends on it.
    fn raise(&mut self, fact: &Fact) {
        self.status = fact.status.status();
        self.error_code.clone_from(&fact.code);
        self.updated_at = fact.at;
        self.lease = None;
        self.unseen = 0;
        if self.status == Status::Delivered {
            self.delivered_at = Some(fact.at);
        }
        self.wake_at = None;
        if self.awaits_status() {
            self.wake_at = fact.poll_at;
            self.not_before = fact.poll_at.unwrap_or(self.not_before);
        }
        self.erase_if_deleted();
    }

    /// Puts a fact on the timeline unless it is there; tells whether it was new.
    fn record(&mut self, fact: &Fact, event: Event) -> bool {
        let entry = TimelineEntry::new(fact.at, event)
            .with_sid(&fact.sid)
            .with_status(fact.status.status())
            .with_code(fact.code.as_deref())
            .with_detail(fact.detail.as_deref());
        let new = !self.timeline.iter().any(|known| known.is_same_fact(&entry));
        if new {
            timeline::append(&mut self.timeline, entry);
        }
        new
    }

    /// Of two codes for one status the smaller stays, so that no order of arrival shows.
    fn keep_smaller_code(&mut self, code: Option<&str>) -> bool {
        let Some(code) = code else { return false };
        let smaller = self.error_code.as_deref().is_none_or(|known| code < known);
        if smaller {
            self.error_code = Some(code.to_owned());
        }
        smaller
    }

    fn fail(&mut self, code: &str, entry: TimelineEntry, now: Timestamp) {
        self.end(Status::Failed);
        self.error_code = Some(code.to_owned());
        let entry = entry.with_status(Status::Failed).with_code(Some(code));
        self.note(entry, now);
    }

    fn end_unsent(&mut self, now: Timestamp, event: Event) {
        self.end(Status::Canceled);
        let entry = TimelineEntry::new(now, event).with_status(Status::Canceled);
        self.note(entry, now);
    }

    fn end(&mut self, status: Status) {
        self.status = status;
        self.wake_at = None;
        self.lease = None;
        self.unseen = 0;
        self.erase_if_deleted();
    }

    pub(super) fn note(&mut self, entry: TimelineEntry, now: Timestamp) {
        timeline::append(&mut self.timeline, entry);
        self.updated_at = now;
    }

    fn erase_if_deleted(&mut self) {
        if !self.visible && self.status != Status::Sending {
            self.body = None;
            self.recipient = None;
            self.counterpart = None;
        }
    }
}

impl Claimable<'_> {
    /// Begins an attempt.
    pub fn claim(self, claim: Claim) {
        let message = self.0;
        message.status = Status::Sending;
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

    /// Nothing was sent: back to `queued` until `not_before`, or `canceled` if it was deleted.
    pub fn requeue(self, not_before: Timestamp, entry: TimelineEntry) {
        let message = self.0;
        let now = entry.at;
        if message.visible {
            message.status = Status::Queued;
            message.not_before = not_before;
            message.wake_at = Some(not_before.min(message.expires_at));
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
            self.0.fail("outcome_unknown", entry, now);
        }
        hopeless
    }

    /// Gives the message a SID that the provider's list showed.
    pub fn adopt(self, fact: &Fact) {
        let message = self.0;
        let entry = TimelineEntry::new(fact.at, Event::Adopted).with_sid(&fact.sid);
        message.note(entry, fact.at);
        message.provider = Some(Provider {
            sid: fact.sid.clone(),
            at: fact.at,
            adopted: true,
        });
        message.apply_fact(fact);
    }
}
