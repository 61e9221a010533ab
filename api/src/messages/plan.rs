//! How a text is sent: what is decided before anything is stored.

use std::sync::Arc;

use mysms_core::domain::{
    Body, Class, Media, PhoneNumber, QuietHours, Registry, Sender, Timestamp, UserSettings, Wanted,
    Weight, Zone, opening, quiet_rules, smart,
};

use super::submit::Submission;
use super::terms::{FURTHEST, Terms};
use super::text::Text;
use crate::error::ApiError;
use crate::outgoing::{Forecast, Leaving, Scene, Taken, Unsendable};
use view::EncodingChange;

/// How a text is sent.
pub(super) struct Plan {
    pub registry: Arc<Registry>,
    pub sender: Sender,
    pub class: Class,
    /// As it leaves.
    pub body: Body,
    pub changes: Vec<EncodingChange>,
    /// Where the recipient is, if that is known.
    pub zone: Option<Zone>,
    /// The quiet hours that it keeps.
    quiet: Vec<(QuietHours, Zone)>,
    /// When it may leave, if not at once.
    pub starts_at: Option<Timestamp>,
    pub weight: Weight,
}

/// Why a text may not leave at any time.
pub(super) const ALWAYS_QUIET: &str = "meets quiet hours that leave no time within 35 days";

impl Submission<'_> {
    /// Decides how a text is sent, or why it is not.
    pub(super) async fn plan(&self, text: &Text, now: Timestamp) -> Result<Plan, ApiError> {
        let Text {
            recipient,
            content,
            terms,
            ..
        } = text;
        if let Some(fault) = terms.fault(now) {
            return Err(ApiError::invalid(terms.when(), fault));
        }
        self.caller.require_reach(recipient)?;
        if !self.state.recipients.allow(recipient) {
            return Err(ApiError::not_allowed(recipient));
        }
        let settings = self.state.settings.of(self.caller.user).await?;
        let registry = self.state.outgoing.registry().await?;
        let sender = self.sender(&registry, recipient, terms).await?;
        let sender = sender
            .map_err(|Unsendable { field, why }| ApiError::invalid(field, why.to_string()))?;
        let class = self.class(terms);
        let zone = zone(&registry, &settings, &sender, terms, recipient);
        let quiet = quiet_rules(settings.quiet_hours.as_ref(), &sender, zone.as_ref());
        let Some(starts_at) = starts_at(class, &quiet, terms.send_at, now) else {
            return Err(ApiError::invalid(terms.when(), ALWAYS_QUIET));
        };
        if self
            .state
            .opt_outs
            .refuses(sender.address.as_str(), recipient)
            .await?
        {
            return Err(ApiError::RecipientOptedOut);
        }
        self.check_files(&content.media).await?;
        let (body, changes) = rewritten(&content.body, terms.wants_smart(&settings));
        Ok(Plan {
            registry,
            sender,
            class,
            body,
            changes,
            zone,
            quiet,
            starts_at,
            weight: settings.weight,
        })
    }

    /// Says what is wrong with the files of a text.
    pub(super) async fn check_files(&self, media: &Media) -> Result<(), ApiError> {
        self.attached
            .check(self.state, self.caller.user, media)
            .await
    }

    pub(super) async fn sender(
        &self,
        registry: &Registry,
        recipient: &PhoneNumber,
        terms: &Terms,
    ) -> Result<Result<Sender, Unsendable>, ApiError> {
        let wanted = Wanted {
            user: self.caller.user,
            recipient,
            from: terms.from.as_ref(),
            among: self.caller.senders(),
            last: None,
        };
        Ok(self.state.outgoing.choose(registry, wanted).await?)
    }

    pub(super) fn class(&self, terms: &Terms) -> Class {
        terms.class.unwrap_or(self.usual_class)
    }
}

impl Plan {
    /// Whether it has to take a turn before it leaves.
    pub(super) fn takes_turn(&self) -> bool {
        self.registry.is_paced() && self.starts_at.is_none()
    }

    /// When it is likely to leave.
    pub(super) fn expected(
        &self,
        submission: &Submission<'_>,
        (taken, scene): (Option<&Taken>, Option<&Scene>),
        now: Timestamp,
    ) -> Forecast {
        let leaving = Leaving {
            class: self.class,
            user: submission.caller.user,
            turn: taken.map(|taken| taken.turn),
            segments: self.body.segments(),
            start: self.starts_at.unwrap_or(now),
            quiet: &self.quiet,
        };
        let outgoing = &submission.state.outgoing;
        outgoing.expect(&self.registry, &self.sender, scene, &leaving)
    }
}

/// Where a recipient is, if that is known and may matter.
pub(super) fn zone(
    registry: &Registry,
    settings: &UserSettings,
    sender: &Sender,
    terms: &Terms,
    recipient: &PhoneNumber,
) -> Option<Zone> {
    let matters = registry.is_paced() || settings.quiet_hours.is_some() || sender.quiet.is_some();
    let home = || {
        recipient
            .country()
            .filter(|_| matters)
            .and_then(Zone::of_country)
    };
    terms.time_zone.clone().or_else(home)
}

/// When a text may leave, if not at once; `None` if quiet hours leave no time.
#[expect(
    clippy::option_option,
    reason = "no time at all is something else than no time to wait for"
)]
pub(super) fn starts_at(
    class: Class,
    quiet: &[(QuietHours, Zone)],
    send_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<Option<Timestamp>> {
    let at = send_at.unwrap_or(now);
    let open = opening(class, quiet, at)?;
    let waits = open > at || send_at.is_some();
    (open <= at + FURTHEST).then_some(waits.then_some(open))
}

/// The text as it leaves, and what was replaced in it, if anything may be.
pub(super) fn rewritten(body: &Body, smartly: bool) -> (Body, Vec<EncodingChange>) {
    let smart = smartly.then(|| smart(body.as_str()));
    let changed = smart.filter(|smart| !smart.changes.is_empty());
    // What was replaced is a body still.
    let changed = changed.and_then(|smart| {
        let body = Body::parse(smart.text).ok()?;
        Some((body, EncodingChange::of(&smart.changes)))
    });
    changed.unwrap_or_else(|| (body.clone(), Vec::new()))
}
