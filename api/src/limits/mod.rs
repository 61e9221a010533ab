//! How much may be sent.

mod batches;
mod caps;
mod pace;

use std::num::NonZeroU32;
use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::domain::{Class, Country, Timestamp, UserId};
use mysms_core::store::{self, Charge, Counter, Quotas, Reservation, Reserved};
use runtime::config::{CapsConfig, LimitsConfig, TokenConfig};
use runtime::metrics::{Cap, Metrics};

pub(crate) use self::batches::Batches;
pub(crate) use self::caps::Bill;
use self::caps::Caps;
use self::pace::{Pace, TooFast};
use crate::error::ApiError;
use crate::store_timeout::StoreTimeout;

/// Refuses texts beyond what may be sent.
pub(crate) struct Limits {
    pace: Option<Arc<Pace>>,
    /// Of login codes alone, which go before everything else.
    otp_pace: Option<Arc<Pace>>,
    /// `None` where nothing costs anything.
    caps: Option<Arc<Caps>>,
    quotas: Arc<dyn Quotas>,
    store_timeout: StoreTimeout,
    metrics: Arc<Metrics>,
}

/// The segments of a user on a day.
pub(crate) struct Day {
    pub used: u64,
    pub limit: u32,
    pub ends_at: Timestamp,
}

/// Leave to send a text.
#[must_use = "what is not used of it has to be given back"]
pub(crate) struct Admission<'a> {
    limits: &'a Limits,
    /// `None` while nothing is counted.
    reservation: Option<Reservation>,
}

impl Limits {
    /// A key made from those of `tokens` keeps the numbers that are counted from whoever sees the store.
    pub(crate) fn new(
        config: &LimitsConfig,
        caps: CapsConfig,
        home: Option<Country>,
        tokens: &TokenConfig,
        quotas: Arc<dyn Quotas>,
        store_timeout: StoreTimeout,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            pace: pace(config.sends_per_minute),
            otp_pace: pace(config.otp_per_minute),
            caps: Some(Arc::new(Caps::new(caps, home, tokens))),
            quotas,
            store_timeout,
            metrics,
        }
    }

    /// The same pace for texts that cost nothing, and are therefore counted nowhere.
    pub(crate) fn without_caps(&self) -> Self {
        Self {
            pace: self.pace.clone(),
            otp_pace: self.otp_pace.clone(),
            caps: None,
            quotas: Arc::clone(&self.quotas),
            store_timeout: self.store_timeout,
            metrics: Arc::clone(&self.metrics),
        }
    }

    /// Whether a text is counted, for all processes together.
    pub(crate) fn count(&self, bill: Bill<'_>) -> bool {
        !self.charges(bill).is_empty()
    }

    fn charges(&self, bill: Bill<'_>) -> Vec<Charge> {
        let caps = self.caps.as_ref();
        caps.map(|caps| caps.charges(bill)).unwrap_or_default()
    }

    /// Lets a user send a text, or refuses it. What is not given back of it counts as sent, so in doubt
    /// too much is counted.
    pub(crate) async fn admit(
        &self,
        bill: Bill<'_>,
        now: Timestamp,
    ) -> Result<Admission<'_>, ApiError> {
        for (pace, too_fast) in self.paces(bill.class) {
            pace.count(bill.user).map_err(too_fast)?;
        }
        let charges = self.charges(bill);
        let mut reservation = None;
        if !charges.is_empty() {
            let at = bill.sent_at(now);
            reservation = Some(self.reserve(Reservation::new(charges, now, at)).await?);
        }
        let limits = self;
        Ok(Admission {
            limits,
            reservation,
        })
    }

    /// The limits that would refuse such a text now. Nothing is counted.
    pub(crate) async fn refusals(
        &self,
        bill: Bill<'_>,
        now: Timestamp,
    ) -> Result<Vec<ApiError>, ApiError> {
        let paces = self.paces(bill.class);
        let refused = paces.map(|(pace, too_fast)| pace.foresee(bill.user).map_err(too_fast));
        let mut refusals: Vec<_> = refused.filter_map(Result::err).collect();
        let charges = self.charges(bill);
        if charges.is_empty() {
            return Ok(refusals);
        }
        let counters: Vec<_> = charges.iter().map(|charge| charge.counter).collect();
        let at = bill.sent_at(now);
        let spent = self.quotas.spent(&counters, at);
        let spent = self.store_timeout.once(spent).await?;
        let exceeded = charges.iter().zip(spent);
        let exceeded = exceeded.filter(|(charge, spent)| !charge.fits(*spent));
        refusals.extend(exceeded.map(|(charge, _)| refusal(charge.counter, now, at)));
        Ok(refusals)
    }

    /// What a user has used of the day; `None` where that is not limited, and nothing is asked then.
    pub(crate) async fn day_of(&self, user: UserId, now: Timestamp) -> store::Result<Option<Day>> {
        let charge = self.caps.as_ref().and_then(|caps| caps.of_user(user));
        let Some(Charge { counter, limit, .. }) = charge else {
            return Ok(None);
        };
        let counters = [counter];
        let spent = self.quotas.spent(&counters, now);
        let spent = self.store_timeout.once(spent).await?;
        Ok(Some(Day {
            used: spent.first().copied().unwrap_or(0),
            limit,
            ends_at: counter.ends(now),
        }))
    }

    /// Which limits of all users together refuse texts today; nothing is asked where there are none.
    pub(crate) async fn tripped(&self, now: Timestamp) -> store::Result<Vec<&'static str>> {
        let Some(caps) = &self.caps else {
            return Ok(Vec::new());
        };
        let charges = caps.of_everybody();
        if charges.is_empty() {
            return Ok(Vec::new());
        }
        let counters: Vec<_> = charges.iter().map(|charge| charge.counter).collect();
        let spent = self.quotas.spent(&counters, now).await?;
        let tripped = charges.iter().zip(spent).filter(|(charge, spent)| {
            !charge.fits(*spent) || caps.was_tripped(charge.counter, now)
        });
        Ok(tripped
            .map(|(charge, _)| refusal(charge.counter, now, now).code())
            .collect())
    }

    /// The paces that hold for a class, each with what is said to whoever is faster.
    fn paces(&self, class: Class) -> impl Iterator<Item = (&Pace, fn(TooFast) -> ApiError)> {
        let otp = self.otp_pace.as_deref().filter(|_| class == Class::Otp);
        let otp = otp.map(|pace| (pace, otp_too_fast as fn(TooFast) -> ApiError));
        let all = self.pace.as_deref();
        let all = all.map(|pace| (pace, sending_too_fast as fn(TooFast) -> ApiError));
        // The one that fewer texts count for is asked first, so that what it refuses is counted nowhere.
        otp.into_iter().chain(all)
    }

    async fn reserve(&self, reservation: Reservation) -> Result<Reservation, ApiError> {
        let reserve = || self.quotas.reserve(&reservation);
        let Reserved::Exceeded(counters) = self.store_timeout.repeat(reserve).await? else {
            return Ok(reservation);
        };
        if let Some(caps) = &self.caps {
            caps.note(&counters, reservation.now, reservation.at);
        }
        for counter in &counters {
            self.metrics.refused(cap(*counter));
        }
        // The first is what a user has to do with the most.
        let first = counters.first().copied().unwrap_or(Counter::Everybody);
        Err(refusal(first, reservation.now, reservation.at))
    }
}

impl Admission<'_> {
    /// Gives back what was counted, because the text had been accepted before.
    pub(crate) async fn give_back(self) {
        let Some(reservation) = self.reservation else {
            return;
        };
        let give_back = self.limits.quotas.give_back(&reservation);
        if let Err(error) = self.limits.store_timeout.once(give_back).await {
            tracing::warn!(
                error = %Chain(&error),
                "what was not sent stays counted"
            );
        }
    }
}

fn pace(per_minute: Option<u32>) -> Option<Arc<Pace>> {
    let per_minute = per_minute.and_then(NonZeroU32::new);
    per_minute.map(|per_minute| Arc::new(Pace::new(per_minute)))
}

fn sending_too_fast(TooFast { retry_after }: TooFast) -> ApiError {
    ApiError::SendingTooFast { retry_after }
}

fn otp_too_fast(TooFast { retry_after }: TooFast) -> ApiError {
    ApiError::OtpTooFast { retry_after }
}

/// Of a text that was to be sent at a time.
fn refusal(counter: Counter, now: Timestamp, at: Timestamp) -> ApiError {
    let retry_after = counter.ends(at).since(now);
    match counter {
        Counter::User(_) => ApiError::SegmentsSpent { retry_after },
        Counter::Everybody => ApiError::TotalSpent { retry_after },
        Counter::Abroad => ApiError::AbroadSpent { retry_after },
        Counter::Recipient(_) => ApiError::RecipientHasEnough { retry_after },
        Counter::Prefix(_) => ApiError::PrefixHasEnough { retry_after },
    }
}

fn cap(counter: Counter) -> Cap {
    match counter {
        Counter::User(_) => Cap::User,
        Counter::Everybody => Cap::Total,
        Counter::Abroad => Cap::Abroad,
        Counter::Recipient(_) => Cap::Recipient,
        Counter::Prefix(_) => Cap::Prefix,
    }
}

#[cfg(test)]
mod tests;
