//! One slot of a sender's line: who leaves in it, and when.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{
    Body, Class, LeaseToken, LineId, Message, PerClass, Rate, Registry, Sender, SenderAddress,
    SenderState, Share, Step, Timestamp,
};
use mysms_core::pace::{Held, Opening};
use mysms_core::store::Result;

use super::pacer::Pacer;
use crate::admission::Admission;
use crate::concurrency::Permit;

/// Texts are read beyond those that fit into a slot, so that some that cannot be read, claimed or sent any
/// more do not hide the others.
const SPARE: usize = 16;

/// The longest wait for the end of a day: the operator may allow more meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// What a pacer does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It draws again: more waits.
    Again,
    /// It draws again after so much time.
    After(Duration),
    /// It waits until it is woken.
    Idle,
    /// It ends: its sender is not paced any more.
    Gone,
}

/// The sender and its rate, if it is to have a pacer.
pub(super) fn paced<'a>(
    registry: &'a Registry,
    address: &SenderAddress,
) -> Option<(&'a Sender, Rate)> {
    let sender = registry.get(address.as_str())?;
    let rate = registry.rate_of(sender)?;
    (sender.state != SenderState::Off).then_some((sender, rate))
}

/// What waits for a sender, the first of each class.
struct Heads {
    /// What may be sent, in its order.
    ready: PerClass<Vec<Message>>,
    expired: Vec<Message>,
    /// What has to wait for the end of quiet hours, and until when.
    resting: Vec<(Message, Timestamp)>,
    /// There may be more than was read.
    more: bool,
}

/// What was chosen for a slot, and what it is claimed with.
pub(super) struct Chosen {
    pub(super) messages: Vec<Message>,
    pub(super) permits: Vec<Permit>,
    pub(super) probe: bool,
}

impl Pacer {
    /// Sends what may leave next, if anything may now.
    pub(crate) async fn draw(&mut self) -> Result<Next> {
        let context = Arc::clone(&self.context);
        let registry = context.senders.registry().await?;
        let Some((sender, rate)) = paced(&registry, &self.sender) else {
            return Ok(Next::Gone);
        };
        // The sweeper wakes the pacer as long as something waits.
        if !context.gate.may_admit(self.sender.as_str()) {
            return Ok(Next::Idle);
        }
        let permits = context.permits(1).await;
        if permits.is_empty() {
            return Ok(Next::Idle);
        }
        let line = LineId::new(&sender.account, self.sender.as_str());
        let token = LeaseToken::generate();
        let terms = |now| sender.terms(rate, now);
        match context.lines.open(&line, token, terms).await? {
            Opening::Wait(wait) => Ok(Next::After(wait)),
            Opening::Spent { until } => {
                let left = until.since(context.clock.now());
                Ok(Next::After(left.min(LOOK_AGAIN)))
            }
            Opening::Held(held) => self.fill(*held, &registry, permits).await,
        }
    }

    /// Chooses what leaves in the slot of a line that this worker has to itself.
    async fn fill(
        &mut self,
        held: Held,
        registry: &Registry,
        permits: Vec<Permit>,
    ) -> Result<Next> {
        let context = Arc::clone(&self.context);
        let mut heads = self.peek(&held, registry).await?;
        let sizes = PerClass::each(|class| segments_of(&heads.ready[class]));
        let share = held.share(&sizes);
        let next = heads.next_after(&share);
        let expired = std::mem::take(&mut heads.expired);
        let resting = std::mem::take(&mut heads.resting);
        let mut chosen = None;
        if !share.is_empty() {
            chosen = self.choose(heads, &share, permits).await?;
        }
        let drawn = if let Some(chosen) = chosen {
            self.send(held, chosen, share, registry).await
        } else {
            // Of a day that is not limited something is left for any text.
            let is_short = share.is_empty() && sizes.iter().any(|(_, sizes)| !sizes.is_empty());
            context.lines.release(held, is_short).await?;
            Ok(if share.is_empty() { next } else { Next::Idle })
        };
        // The line is free by now.
        context.end_expired(expired).await?;
        context.rest_in_quiet(resting).await?;
        match drawn? {
            Next::Again => Ok(next),
            other => Ok(other),
        }
    }

    /// Reads who is first in each class.
    async fn peek(&self, held: &Held, registry: &Registry) -> Result<Heads> {
        let context = &self.context;
        let strays = context.pacers.strays_of(&self.sender, registry);
        let senders: Vec<&str> = std::iter::once(self.sender.as_str())
            .chain(strays.iter().map(String::as_str))
            .collect();
        let limit = held.budget as usize + SPARE;
        let account = context.identity.account.as_str();
        let read = |class| context.ledger.waiting(account, &senders, class, limit);
        let [otp, transactional, bulk] = Class::ALL.map(read);
        let (otp, transactional, bulk) = tokio::try_join!(otp, transactional, bulk)?;
        let found = PerClass::from([otp, transactional, bulk]);
        let settings = context.settings.all().await?;
        let rests = |message: &Message| context.rests_until(message, registry, &settings);
        Ok(self.sort_out(found, limit, rests))
    }

    fn sort_out(
        &self,
        found: PerClass<Vec<Message>>,
        limit: usize,
        rests_until: impl Fn(&Message) -> Option<Timestamp>,
    ) -> Heads {
        let now = self.context.clock.now();
        let mut heads = Heads {
            ready: PerClass::default(),
            expired: Vec::new(),
            resting: Vec::new(),
            more: found.iter().any(|(_, messages)| messages.len() == limit),
        };
        for (class, messages) in found.into_each() {
            for message in messages {
                match message.next_step(now) {
                    Step::Expire => heads.expired.push(message),
                    Step::Claim if !self.passes_over(message.id) => match rests_until(&message) {
                        Some(open) => heads.resting.push((message, open)),
                        None => heads.ready[class].push(message),
                    },
                    _ => {}
                }
            }
        }
        heads
    }

    /// Takes a share of what waits, as far as there are permits and the gate is open; `None` if it is not.
    async fn choose(
        &self,
        mut heads: Heads,
        share: &Share,
        mut permits: Vec<Permit>,
    ) -> Result<Option<Chosen>> {
        let context = &self.context;
        let probe = match context.gate.admit(self.sender.as_str()).await? {
            Admission::Shut => return Ok(None),
            Admission::Probe => true,
            Admission::Free => false,
        };
        let mut messages = Vec::new();
        for class in Class::ALL {
            let first = heads.ready[class].drain(..).take(share.texts(class));
            messages.extend(first);
        }
        if !probe {
            permits.extend(context.concurrency.for_slot(messages.len() - 1));
        }
        messages.truncate(permits.len());
        Ok(Some(Chosen {
            messages,
            permits,
            probe,
        }))
    }
}

impl Heads {
    /// What comes after a slot for this share of them.
    fn next_after(&self, share: &Share) -> Next {
        let left = |class| self.ready[class].len() > share.texts(class);
        let left = Class::ALL.into_iter().any(left);
        if !self.expired.is_empty() || !self.resting.is_empty() {
            return Next::Again;
        }
        match (left || self.more, share.is_empty()) {
            (false, _) => Next::Idle,
            // Nothing that waits fits into what is left of the day, or can be claimed at the moment.
            (true, true) => Next::After(LOOK_AGAIN),
            (true, false) => Next::Again,
        }
    }
}

fn segments_of(messages: &[Message]) -> Vec<u32> {
    messages.iter().map(segments).collect()
}

/// What a text takes of its sender's rate.
pub(super) fn segments(message: &Message) -> u32 {
    message.body.as_ref().map_or(0, Body::segments)
}
