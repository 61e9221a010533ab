//! What can be told of how a text would be sent, as far as it could be read.

use mysms_core::domain::{PhoneNumber, Sender, Timestamp, UserSettings, quiet_rules};

use super::plan::{ALWAYS_QUIET, starts_at, zone};
use super::submit::Submission;
use super::terms::Terms;
use crate::error::ApiError;
use crate::outgoing::{Forecast, Leaving, Unsendable};

/// What can be told; absent is what cannot.
#[derive(Default)]
pub(super) struct Prospect {
    pub sender: Option<Sender>,
    /// When it could leave, if not at once.
    pub starts_at: Option<Timestamp>,
    pub forecast: Forecast,
    /// Fields, and what is wrong with them.
    pub faults: Vec<(&'static str, String)>,
}

/// What is known of the text.
#[derive(Clone, Copy)]
pub(super) struct Sketch<'a> {
    pub recipient: Option<&'a PhoneNumber>,
    pub terms: &'a Terms,
    pub segments: u32,
}

impl Prospect {
    pub(super) async fn of(
        submission: &Submission<'_>,
        settings: &UserSettings,
        sketch: Sketch<'_>,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let Sketch {
            recipient, terms, ..
        } = sketch;
        let mut prospect = Self {
            starts_at: terms.send_at,
            ..Self::default()
        };
        let Some(recipient) = recipient else {
            return Ok(prospect);
        };
        let outgoing = &submission.state.outgoing;
        let registry = outgoing.registry().await?;
        let sender = match submission.sender(&registry, recipient, terms).await? {
            Ok(sender) => sender,
            Err(Unsendable { field, why }) => {
                prospect.faults.push((field, why.to_string()));
                return Ok(prospect);
            }
        };
        let class = submission.class(terms);
        let zone = zone(&registry, settings, &sender, terms, recipient);
        let quiet = quiet_rules(settings.quiet_hours.as_ref(), &sender, zone.as_ref());
        if terms.fault(now).is_none() {
            match starts_at(class, &quiet, terms.send_at, now) {
                Some(starts_at) => prospect.starts_at = starts_at,
                None => prospect
                    .faults
                    .push((terms.when(), ALWAYS_QUIET.to_owned())),
            }
        }
        let leaving = Leaving {
            class,
            user: submission.caller.user,
            turn: None,
            segments: sketch.segments,
            start: prospect.starts_at.unwrap_or(now),
            quiet: &quiet,
        };
        prospect.forecast = outgoing.foresee(&registry, &sender, &leaving).await;
        prospect.sender = Some(sender);
        Ok(prospect)
    }
}
