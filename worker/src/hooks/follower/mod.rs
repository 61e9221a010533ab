//! Follows the messages of a user for one endpoint: reads what changed, tells it, and moves the place.

mod landing;
mod reading;
mod starting;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{DisabledBy, EndpointLease, MessageId, Place, Telling, Timestamp};
#[cfg(test)]
use mysms_core::queue::Announcement;
use mysms_core::store::Result;
use tokio::task::JoinSet;

use super::desk::Desk;
use super::held::{Held, Saved};
use super::hint::Hint;
use super::look::Look;
use super::telling::Landed;
use crate::context::log_store_error;

/// Parts that are read in a row before it is looked what came back.
const PARTS: u32 = 8;

/// How often the place is stored while it moves, and how often it is looked what the user wants.
const SAVED_EVERY: Duration = Duration::from_secs(1);

/// How much of a lease may be over before it is renewed although nothing happened.
const RENEWED_AFTER: Duration = Duration::from_secs(20);

/// For how long an endpoint is kept for which nothing is to be done: the next change is told at once then.
const LINGERS: Duration = Duration::from_secs(10);

/// The pause after the store did not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Follows the messages of a user for one endpoint.
pub(super) struct Follower {
    desk: Arc<Desk>,
    held: Held,
    hint: Arc<Hint>,
    /// The look that moves the place, and the one that trails behind it for what was stored late.
    near: Look,
    far: Look,
    /// Up to where changes were seen, and when to look once more for what came just behind.
    seen_to: Place,
    look_again_at: Option<Timestamp>,
    far_at: Timestamp,
    flying: JoinSet<Landed>,
    landed: Vec<Landed>,
    /// The messages that are being told, each once at a time.
    busy: HashSet<MessageId>,
    /// What was taken and is not noted yet.
    untold: Vec<Telling>,
    /// It took long to answer lately.
    slow: bool,
    saved_at: Timestamp,
    refreshed_at: Timestamp,
    /// It has to be disabled.
    disabling: Option<DisabledBy>,
    /// There is more to read at once.
    more: bool,
    ending: Option<Ending>,
}

/// Why an endpoint is followed no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It is not to be told any more.
    Over,
    /// Somebody else tells it.
    Lost,
}

impl Follower {
    pub(super) fn new(desk: Arc<Desk>, held: Held, hint: Arc<Hint>) -> Self {
        let (place, trail) = (held.progress.place, held.progress.trail);
        let now = desk.clock.now();
        Self {
            desk,
            held,
            hint,
            near: Look::from(place),
            far: Look::from(trail),
            seen_to: place,
            look_again_at: None,
            far_at: now,
            flying: JoinSet::new(),
            landed: Vec::new(),
            busy: HashSet::new(),
            untold: Vec::new(),
            slow: false,
            saved_at: now,
            refreshed_at: now,
            disabling: None,
            more: false,
            ending: None,
        }
    }

    /// Follows until there is nothing to do for a while, or it has to end; what is in flight then is waited
    /// for. Returns when there is something to do again, if that is known.
    pub(super) async fn run(mut self) -> Option<Timestamp> {
        let mut idle_since = None;
        let hard = self.desk.lifecycle.hard();
        loop {
            let stepped = self.step().await;
            if let Err(error) = &stepped {
                log_store_error(error, true);
            }
            let now = self.desk.clock.now();
            idle_since = self.is_idle(now).then(|| idle_since.unwrap_or(now));
            // Not while others wait for its place.
            let lingers = LINGERS * u32::from(!self.desk.is_crowded(now));
            let lingered = idle_since.is_some_and(|since| now.since(since) >= lingers);
            let ends = self.ending.is_some() || lingered || !self.desk.may_begin();
            if (ends && self.has_landed()) || hard.is_cancelled() {
                break;
            }
            let pause = match stepped {
                Ok(()) => self.pause(now),
                Err(_) => STORE_PAUSE,
            };
            self.wait(pause).await;
        }
        self.close().await
    }

    /// Does all that can be done now.
    pub(super) async fn step(&mut self) -> Result<()> {
        self.land().await?;
        self.heed_hint().await?;
        self.keep().await?;
        self.more = self.ending.is_none() && self.desk.may_begin();
        for _ in 0..PARTS {
            if !self.more {
                break;
            }
            let read = self.read().await?;
            let dealt_with = self.start().await?;
            self.move_places();
            self.more = read || dealt_with;
        }
        self.move_places();
        Ok(())
    }

    /// Stores what is known and gives the endpoint back.
    pub(super) async fn close(self) -> Option<Timestamp> {
        if self.ending == Some(Ending::Lost) {
            return None;
        }
        match self.held.release().await {
            Ok(next) => next,
            Err(error) => {
                // The lease ends by itself.
                log_store_error(&error, true);
                None
            }
        }
    }

    /// Nothing is in flight, and all that came back is noted.
    pub(super) fn has_landed(&self) -> bool {
        let noted = self.landed.is_empty() && self.untold.is_empty() && self.disabling.is_none();
        self.flying.is_empty() && noted
    }

    pub(super) fn is_idle(&self, now: Timestamp) -> bool {
        let progress = &self.held.progress;
        let due = progress.next_try().is_some_and(|due| due <= now);
        let waits = progress.is_down() || progress.rests(now);
        let looked = self.near.is_over() && self.far.is_over() && self.look_again_at.is_none();
        self.has_landed() && !due && (looked || waits)
    }

    /// How long to wait for something to come back, or to be announced.
    fn pause(&self, now: Timestamp) -> Duration {
        if self.more {
            return Duration::ZERO;
        }
        let due = self.held.progress.next_try();
        let times = [due, self.look_again_at, Some(self.far_at)];
        let next = times.into_iter().flatten().filter(|at| *at > now).min();
        let next = next.map_or(SAVED_EVERY, |at| at.since(now));
        next.clamp(Duration::from_millis(10), SAVED_EVERY)
    }

    async fn wait(&mut self, pause: Duration) {
        let stop = self.desk.lifecycle.soft();
        tokio::select! {
            Some(landed) = self.flying.join_next() => self.take(landed),
            () = self.hint.given() => {}
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled(), if !stop.is_cancelled() => {}
        }
    }

    async fn heed_hint(&mut self) -> Result<()> {
        let Some(heard) = self.hint.take() else {
            return Ok(());
        };
        let now = self.desk.clock.now();
        self.look_twice(now);
        if let Some(at) = heard.earliest
            && at < self.held.progress.trail.at
        {
            self.held.progress.look_back(at);
            self.far = Look::from(self.held.progress.trail);
        }
        if !heard.endpoint {
            return self.refresh().await;
        }
        // That shows what became of how far it is told, and not only what is wanted.
        self.renew(now).await?;
        self.refresh_now().await
    }

    /// Looks what the user wants, unless it just did.
    async fn refresh(&mut self) -> Result<()> {
        if self.desk.clock.now().since(self.refreshed_at) < SAVED_EVERY {
            return Ok(());
        }
        self.refresh_now().await
    }

    async fn refresh_now(&mut self) -> Result<()> {
        if self.ending.is_some() {
            return Ok(());
        }
        self.refreshed_at = self.desk.clock.now();
        if !self.held.refresh().await? {
            self.ending = Some(Ending::Over);
        }
        Ok(())
    }

    /// Stores the place now and then, and renews the lease.
    async fn keep(&mut self) -> Result<()> {
        let now = self.desk.clock.now();
        if self.ending.is_some() || now.since(self.saved_at) < SAVED_EVERY {
            return Ok(());
        }
        let left = self.held.until().since(now);
        let expires = left + RENEWED_AFTER < EndpointLease::LENGTH;
        if !self.held.is_changed() && !expires {
            return Ok(());
        }
        self.renew(now).await?;
        self.refresh().await
    }

    async fn renew(&mut self, now: Timestamp) -> Result<()> {
        if self.ending.is_some() {
            return Ok(());
        }
        let trail = self.held.progress.trail;
        let saved = self.held.renew().await?;
        self.saved_at = now;
        match saved {
            Saved::Done => {}
            Saved::Changed => {
                // What was stored late has to be looked for all the same.
                self.held.progress.look_back(trail.at);
                self.begin_anew();
            }
            Saved::Lost => self.ending = Some(Ending::Lost),
        }
        Ok(())
    }

    /// The user changed how far it is told.
    fn begin_anew(&mut self) {
        let progress = &self.held.progress;
        self.near = Look::from(progress.place);
        self.far = Look::from(progress.trail);
        self.seen_to = progress.place;
    }

    fn move_places(&mut self) {
        if let Some(place) = self.near.settle() {
            self.held.progress.advance(place);
        }
        if let Some(place) = self.far.settle() {
            self.held.progress.advance_trail(place);
        }
    }

    /// A message was told, or needs not be.
    fn dealt_with(&mut self, message: MessageId) {
        self.near.done(message);
        self.far.done(message);
    }

    fn put_back(&mut self, message: MessageId) {
        self.near.put_back(message);
        self.far.put_back(message);
    }

    /// Nothing can be done before something happens.
    #[cfg(test)]
    pub(super) fn rests(&self) -> bool {
        self.has_landed() && !self.more
    }

    #[cfg(test)]
    pub(super) fn hear(&self, announced: Announcement) {
        self.hint.give(announced);
    }

    /// Goes on without storing anything.
    #[cfg(test)]
    pub(super) async fn read_and_start(&mut self) {
        self.near.go_on();
        self.read().await.unwrap();
        self.start().await.unwrap();
    }

    /// Does all that can be done now, for an endpoint that took long to answer.
    #[cfg(test)]
    pub(super) async fn step_as_slow(&mut self) {
        self.land().await.unwrap();
        self.slow = true;
        self.read_and_start().await;
    }

    #[cfg(test)]
    pub(super) async fn land_all(&mut self) {
        while let Some(landed) = self.flying.join_next().await {
            self.take(landed);
        }
    }
}
