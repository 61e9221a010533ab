//! What the provider says about texts that bears on the sender they left from.

use std::sync::Arc;
use std::time::Duration;

use super::{Lines, SenderWatch};
use crate::domain::{Fact, FactEffect, LineId, Message, Registry, Timestamp, Zone};
use crate::ledger::{FactOutcome, Ledger};
use crate::provider::{Glossary, Pressure};
use crate::store::{Pause, Pauses, Result, SenderKey};
use crate::stores::Stores;

/// Where the carriers' days begin that count what a sender sends, if the operator does not say otherwise.
const CARRIERS: &str = "America/Los_Angeles";

const DAY: Duration = Duration::from_hours(24);

/// Lets what the provider says about texts bear on their senders: slows them down, or stops them until the
/// carriers' next day.
#[derive(Clone)]
pub struct Feedback {
    ledger: Ledger,
    lines: Lines,
    pauses: Arc<dyn Pauses>,
    senders: Arc<SenderWatch>,
    glossary: Glossary,
}

/// What became of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heeded {
    /// Its rate was halved.
    Slowed,
    /// Nothing leaves it until then.
    Stopped { until: Timestamp },
}

impl Feedback {
    pub fn new(
        stores: &Stores,
        lines: Lines,
        senders: Arc<SenderWatch>,
        glossary: Glossary,
    ) -> Self {
        Self {
            ledger: stores.ledger.clone(),
            lines,
            pauses: Arc::clone(&stores.pauses),
            senders,
            glossary,
        }
    }

    /// Heeds a fact, once it was merged with this outcome. What was known before changes nothing; `None`
    /// if nothing changes.
    pub async fn heed(&self, fact: &Fact, outcome: FactOutcome) -> Result<Option<Heeded>> {
        let code = fact.code.as_deref();
        let pressure = code.and_then(|code| self.glossary.pressure(code));
        let FactOutcome::Applied {
            id,
            effect: FactEffect::Raised,
            ..
        } = outcome
        else {
            return Ok(None);
        };
        let (Some(code), Some(pressure)) = (code, pressure) else {
            return Ok(None);
        };
        let message = self.ledger.read(&[id]).await?.pop();
        match (message, pressure) {
            (None, _) => Ok(None),
            (Some(message), Pressure::SlowDown) => self.slow_down(&message).await,
            (Some(message), Pressure::StopUntilMidnight) => {
                self.stop(&message, code, fact.at).await
            }
        }
    }

    /// Halves the rate of the sender that a text left from, if it has one and was not just slowed down.
    pub async fn slow_down(&self, message: &Message) -> Result<Option<Heeded>> {
        let registry = self.senders.registry().await?;
        if !registry.is_paced() {
            return Ok(None);
        }
        let sender = registry.leaving(message.sender.as_deref());
        let line = LineId::new(&message.account, sender.address.as_str());
        let slowed = self.lines.slow_down(&line).await?;
        if slowed {
            tracing::warn!(sender = %sender.address, "the sender is too fast: its rate is halved");
        }
        Ok(slowed.then_some(Heeded::Slowed))
    }

    async fn stop(&self, message: &Message, code: &str, now: Timestamp) -> Result<Option<Heeded>> {
        let registry = self.senders.registry().await?;
        let reason = self.glossary.explain(code);
        let Some(pause) = until_midnight(&registry, message, code, reason, now) else {
            return Ok(None);
        };
        let until = pause.probe_at;
        let known = self.pauses.find(&pause.sender).await?;
        if known.is_some_and(|known| known.probe_at >= until) {
            return Ok(None);
        }
        tracing::error!(code, reason, %until, "the sender has used up its day");
        self.pauses.pause(pause).await?;
        Ok(Some(Heeded::Stopped { until }))
    }
}

/// How long after a midnight a carrier may still be counting the day before: its clock is not ours.
const SETTLING: Duration = Duration::from_mins(30);

/// When a sender is tried again that was found spent so soon after midnight.
const FIRST_TRY: Duration = Duration::from_mins(1);

/// The pause of the sender of a text, about which a carrier says with this code that the sender had used
/// up its day; `None` if that day is over by `now`. Said just after a midnight, it may be the day before
/// that is meant, so the sender is tried again after twice the time.
pub fn until_midnight(
    registry: &Registry,
    message: &Message,
    code: &str,
    reason: &str,
    now: Timestamp,
) -> Option<Pause> {
    let sender = registry.leaving(message.sender.as_deref());
    let zone = sender.cap.as_ref().map(|cap| cap.zone.clone());
    let zone = zone.or_else(|| Zone::parse(CARRIERS).ok());
    let tried_at = message.last_claim_at.unwrap_or(message.sent_at);
    let until = zone.map_or(tried_at + DAY, |zone| {
        let into_day = tried_at.since(zone.day_start(tried_at));
        if into_day >= SETTLING {
            zone.next_midnight(tried_at)
        } else if now.since(tried_at) < SETTLING {
            now + into_day.max(FIRST_TRY)
        } else {
            // It has been tried since.
            now
        }
    });
    (until > now).then(|| Pause {
        sender: SenderKey::of_carriers(&message.account, sender.address.as_str()),
        code: code.to_owned(),
        reason: reason.to_owned(),
        since: now,
        probe_at: until,
        failures: 0,
        probing_until: None,
    })
}

#[cfg(test)]
mod tests;
