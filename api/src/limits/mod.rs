//! How much may be sent.

mod batches;
mod pace;

use std::num::NonZeroU32;
use std::sync::Arc;

use shared::config::LimitsConfig;
use shared::domain::{Timestamp, UserId};
use shared::store::{Quotas, Reservation, Reserved};
use shared::telemetry::Chain;

pub(crate) use self::batches::{BODY_LIMIT, Batches};
use self::pace::Pace;
use crate::error::ApiError;
use crate::patience::Patience;

/// Refuses texts beyond what a user may send.
pub(crate) struct Limits {
    pace: Option<Pace>,
    segments_per_day: Option<u32>,
    quotas: Arc<dyn Quotas>,
    patience: Patience,
}

/// Leave to send a text.
#[must_use = "what is not used of it has to be given back"]
pub(crate) struct Admission<'a> {
    limits: &'a Limits,
    /// `None` while segments are not counted.
    reservation: Option<Reservation>,
}

impl Limits {
    pub(crate) fn new(config: &LimitsConfig, quotas: Arc<dyn Quotas>, patience: Patience) -> Self {
        Self {
            pace: config
                .sends_per_minute
                .and_then(NonZeroU32::new)
                .map(Pace::new),
            segments_per_day: config.segments_per_day,
            quotas,
            patience,
        }
    }

    /// Lets a user send a text of `segments` segments, or refuses it. What is not given back of it
    /// counts as sent, so in doubt too much is counted.
    pub(crate) async fn admit(
        &self,
        user: UserId,
        segments: u32,
        now: Timestamp,
    ) -> Result<Admission<'_>, ApiError> {
        if let Some(pace) = &self.pace {
            pace.count(user)?;
        }
        let reservation = match self.segments_per_day {
            Some(limit) => {
                let reservation = Reservation::new(user, segments, now);
                self.reserve(&reservation, limit, now).await?;
                Some(reservation)
            }
            None => None,
        };
        let limits = self;
        Ok(Admission {
            limits,
            reservation,
        })
    }

    /// The limits that would refuse such a text now. Nothing is counted.
    pub(crate) async fn refusals(
        &self,
        user: UserId,
        segments: u32,
        now: Timestamp,
    ) -> Result<Vec<ApiError>, ApiError> {
        let pace = self.pace.as_ref().map(|pace| pace.foresee(user));
        let mut refusals: Vec<_> = pace.and_then(Result::err).into_iter().collect();
        if let Some(limit) = self.segments_per_day {
            let spent = self.patience.once(self.quotas.spent(user, now)).await?;
            if spent + u64::from(segments) > u64::from(limit) {
                let retry_after = Reservation::new(user, segments, now).day_ends().since(now);
                refusals.push(ApiError::SegmentsSpent { retry_after });
            }
        }
        Ok(refusals)
    }

    async fn reserve(
        &self,
        reservation: &Reservation,
        limit: u32,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let reserve = || self.quotas.reserve(reservation, limit);
        match self.patience.repeat(reserve).await? {
            Reserved::Granted => Ok(()),
            Reserved::Exceeded => Err(ApiError::SegmentsSpent {
                retry_after: reservation.day_ends().since(now),
            }),
        }
    }
}

impl Admission<'_> {
    /// Gives the segments back, because the text had been accepted before.
    pub(crate) async fn give_back(self) {
        let Some(reservation) = self.reservation else {
            return;
        };
        let reduce = self.limits.quotas.reduce(&reservation, 0);
        if let Err(error) = self.limits.patience.once(reduce).await {
            tracing::warn!(
                error = %Chain(&error),
                "segments that were not sent stay counted for today"
            );
        }
    }
}

#[cfg(test)]
mod tests;
