use async_trait::async_trait;
use shared::domain::{
    Absence, Body, Claim, Claimant, Event, Fact, IdempotencyKey, Lane, Lease, LeaseToken, Message,
    MessageId, MessageSid, NewMessage, NextPoll, PhoneNumber, Status, TimelineEntry, Timestamp,
    UserId,
};
use shared::store::{
    Adoption, FactOutcome, Inserted, Ledger, NotSent, Result, Settlement, SidOwner,
};

use super::{
    CLAIM_SLACK, EXPIRY_MARGIN, Reference, State, change_one, end, entry, facts, fresh,
    leave_sending, log,
};

#[async_trait]
impl Ledger for Reference {
    async fn insert(&self, new: NewMessage) -> Result<Inserted> {
        let mut state = self.state();
        if state.messages.contains_key(&new.id) {
            return Ok(Inserted::Stored);
        }
        if let Some(wanted) = &new.idempotency
            && let Some(first) = keyed(&state, new.owner, &wanted.key)
        {
            return Ok(Inserted::KeyUsed(Box::new(first)));
        }
        state.messages.insert(new.id, fresh(new));
        Ok(Inserted::Stored)
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        Ok(keyed(&self.state(), owner, key))
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        Ok(self.state().select(|message| ids.contains(&message.id)))
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let mut due = self.state().select(|message| {
            let in_lane = match message.status {
                Status::Queued => lane == Lane::Send,
                Status::Sending => lane == Lane::Resolve,
                Status::Accepted | Status::Sent => lane == Lane::Poll,
                _ => false,
            };
            let rung = message.wake_at.is_some_and(|alarm| alarm <= now);
            message.account == account && in_lane && rung
        });
        due.sort_by_key(|message| message.wake_at);
        Ok(due.iter().map(|message| message.id).take(limit).collect())
    }

    async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        for id in ids {
            self.update(
                *id,
                |message| {
                    message.account == by.account
                        && message.status == Status::Queued
                        && message.visible
                        && message.not_before <= claim.now + CLAIM_SLACK
                        && message.expires_at > claim.now + EXPIRY_MARGIN
                },
                |message| {
                    message.status = Status::Sending;
                    message.sender = Some(by.sender.to_owned());
                    take(message, claim);
                    message.unseen = 0;
                    message.attempts += 1;
                    let earlier = message.first_attempt_at.filter(|first| *first < claim.now);
                    message.first_attempt_at = earlier.or(Some(claim.now));
                    message.last_claim_at = Some(claim.now);
                    log(
                        message,
                        entry(claim.now, Event::Attempt, Some(Status::Sending)),
                    );
                },
            );
        }
        let state = self.state();
        Ok(state.select(|message| ids.contains(&message.id) && holds(message, claim.token)))
    }

    async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        Ok(self.update(
            id,
            |m| m.status == Status::Queued && m.expires_at <= now + EXPIRY_MARGIN,
            |m| {
                let expired = entry(now, Event::Expired, None);
                end(m, Status::Failed, Some("expired"), expired);
            },
        ))
    }

    async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool> {
        let condition = |message: &Message| match &settlement {
            Settlement::RequeueAbsent => message.unseen >= 1,
            Settlement::GiveUp { expired_before } => message.expires_at <= *expired_before,
            _ => true,
        };
        Ok(self.update(
            id,
            |message| holds(message, token) && condition(message),
            |message| settle(message, settlement.clone(), now),
        ))
    }

    async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome> {
        Ok(facts::apply(&mut self.state(), fact))
    }

    async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>> {
        self.update(
            id,
            |m| {
                m.status == Status::Sending && m.lease.is_some_and(|lease| lease.until <= claim.now)
            },
            |m| take(m, claim),
        );
        let state = self.state();
        let held = state.messages.get(&id).filter(|m| holds(m, claim.token));
        Ok(held.cloned())
    }

    async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption> {
        let mut state = self.state();
        let owners = state.select(|m| facts::owns(m, &fact.sid));
        let Some(message) = state.messages.get_mut(&id).filter(|m| holds(m, token)) else {
            return Ok(Adoption::NotHeld);
        };
        if !owners.is_empty() {
            return Ok(Adoption::SidTaken);
        }
        change_one(message, |message| facts::adopt(message, fact));
        Ok(Adoption::Adopted)
    }

    async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        let taken = self.update(
            id,
            |m| is_open(m) && m.not_before <= now + CLAIM_SLACK,
            |m| {
                m.not_before = until;
                m.wake_at = Some(until);
            },
        );
        Ok(self.state().messages.get(&id).filter(|_| taken).cloned())
    }

    async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool> {
        Ok(self.update(id, is_open, |message| {
            message.polls = next.polls;
            message.wake_at = next.at;
            if let Some(at) = next.at {
                message.not_before = at;
            }
        }))
    }

    async fn owners(&self, sids: &[MessageSid]) -> Result<Vec<SidOwner>> {
        let state = self.state();
        let owned = state.messages.values().filter_map(|message| {
            let provider = message.provider.as_ref()?;
            sids.contains(&provider.sid).then(|| SidOwner {
                sid: provider.sid.clone(),
                id: message.id,
                at: provider.at,
            })
        });
        Ok(owned.collect())
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Body>> {
        let sending = self.state().select(|message| {
            let ours = message.account == account && message.recipient.as_ref() == Some(to);
            ours && message.status == Status::Sending
        });
        Ok(sending.into_iter().filter_map(|m| m.body).collect())
    }
}

fn holds(message: &Message, token: LeaseToken) -> bool {
    let lease = message.lease;
    message.status == Status::Sending && lease.is_some_and(|lease| lease.token == Some(token))
}

fn is_open(message: &Message) -> bool {
    message.visible && (message.status == Status::Accepted || message.status == Status::Sent)
}

fn take(message: &mut Message, claim: Claim) {
    message.lease = Some(Lease {
        token: Some(claim.token),
        until: claim.until,
    });
    message.wake_at = Some(claim.until);
}

fn settle(message: &mut Message, settlement: Settlement, now: Timestamp) {
    match settlement {
        Settlement::Rejected { code, detail } => {
            let rejected = said(now, Event::Rejected, detail);
            end(message, Status::Failed, Some(&code), rejected);
        }
        Settlement::OptedOut => {
            let refused = entry(now, Event::OptedOut, None);
            end(
                message,
                Status::Failed,
                Some("recipient_opted_out"),
                refused,
            );
        }
        Settlement::NotSent(NotSent { not_before, entry }) => requeue(message, not_before, entry),
        Settlement::Unknown { detail } => {
            let unknown = said(now, Event::OutcomeUnknown, detail);
            if !message.timeline.contains(&unknown) {
                log(message, unknown);
            }
        }
        Settlement::LookAgain {
            absence,
            detail,
            until,
        } => {
            message.lease = Some(Lease { token: None, until });
            message.wake_at = Some(until);
            if absence == Absence::NotInList {
                message.unseen += 1;
                log(message, said(now, Event::NotInList, detail));
            } else {
                log(message, said(now, Event::ListUnclear, detail));
            }
        }
        Settlement::RequeueAbsent => requeue(message, now, entry(now, Event::SentAgain, None)),
        Settlement::GiveUp { .. } => {
            let given_up = entry(now, Event::GivenUp, None);
            end(message, Status::Failed, Some("outcome_unknown"), given_up);
        }
    }
}

fn requeue(message: &mut Message, not_before: Timestamp, mut entry: TimelineEntry) {
    if message.deleted_at.is_some() {
        return end(message, Status::Canceled, None, entry);
    }
    message.status = Status::Queued;
    message.not_before = not_before;
    message.wake_at = Some(not_before.min(message.expires_at));
    leave_sending(message);
    entry.status = Some(Status::Queued);
    log(message, entry);
}

fn said(now: Timestamp, event: Event, detail: Option<String>) -> TimelineEntry {
    TimelineEntry {
        detail,
        ..entry(now, event, None)
    }
}

fn keyed(state: &State, owner: UserId, key: &IdempotencyKey) -> Option<Message> {
    let uses_key = |message: &Message| {
        let used = message.idempotency.as_ref().map(|known| &known.key);
        message.owner == owner && used == Some(key)
    };
    state.select(uses_key).pop()
}
