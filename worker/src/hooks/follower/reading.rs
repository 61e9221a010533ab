//! Reading what changed.

use std::time::Duration;

use mysms_core::domain::{Message, Place, Timestamp};
use mysms_core::store::Result;

use super::super::look::PART;
use super::super::seen::TRAILS_BY;
use super::super::telling::{decide, known};
use super::Follower;

/// What was stored just behind the place, because clocks differ and writes overtake each other, is looked for
/// after so long, and within so much.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_secs(2);
const LOOKED_AGAIN_WITHIN: Duration = Duration::from_secs(5);

/// How often it is looked for what was stored late.
const FAR_EVERY: Duration = Duration::from_secs(10);

impl Follower {
    /// Reads on, as far as there is room for what is found; returns whether there was something.
    pub(super) async fn read(&mut self) -> Result<bool> {
        let now = self.desk.clock.now();
        let progress = &self.held.progress;
        if progress.rests(now) {
            return Ok(false);
        }
        if progress.is_down() {
            return self.read_ahead(now).await;
        }
        let near = self.read_near(now).await?;
        let far = self.read_far(now).await?;
        Ok(near || far)
    }

    /// For an endpoint that is down: far enough to try it with something else than what it refused last.
    async fn read_ahead(&mut self, now: Timestamp) -> Result<bool> {
        if !self.held.progress.may_probe(now) {
            return Ok(false);
        }
        while self.near.has_room() && self.read_part(now).await? {}
        Ok(false)
    }

    async fn read_near(&mut self, now: Timestamp) -> Result<bool> {
        if self.look_again_at.is_some_and(|at| at <= now) && self.near.is_over() {
            let since = self.held.progress.place.at - LOOKED_AGAIN_WITHIN;
            self.near
                .rewind(Place::before(since.max(self.held.progress.begun)));
            self.look_again_at = None;
        }
        if !self.near.wants_more() {
            return Ok(false);
        }
        self.read_part(now).await
    }

    async fn read_part(&mut self, now: Timestamp) -> Result<bool> {
        let owner = self.held.endpoint.owner;
        let after = self.near.read_to();
        let part = self.desk.changes.changed_after(owner, after, PART).await?;
        let wanted = self.wanted(&part).await?;
        self.near.read(&wanted, part.len() == PART);
        let seen_to = part.last().map(Place::of);
        if seen_to > Some(self.seen_to) {
            self.seen_to = seen_to.unwrap_or(self.seen_to);
            self.look_again_at = Some(now + LOOKED_AGAIN_AFTER);
        }
        Ok(!part.is_empty())
    }

    /// Looks now, and once more: what was announced may show a moment later.
    pub(super) fn look_twice(&mut self, now: Timestamp) {
        self.near.go_on();
        self.look_again_at.get_or_insert(now + LOOKED_AGAIN_AFTER);
    }

    /// Never beyond the place: what is behind that is near.
    async fn read_far(&mut self, now: Timestamp) -> Result<bool> {
        if self.far_at <= now {
            self.far_at = now + FAR_EVERY;
            self.far.go_on();
        }
        if !self.far.wants_more() {
            return Ok(false);
        }
        let owner = self.held.endpoint.owner;
        let after = self.far.read_to();
        let mut part = self.desk.changes.changed_after(owner, after, PART).await?;
        let read = part.len();
        let (end, place) = (now - TRAILS_BY, self.held.progress.place);
        part.retain(|message| message.updated_at <= end && Place::of(message) <= place);
        let wanted = self.wanted(&part).await?;
        self.far.read(&wanted, part.len() == PART && read == PART);
        Ok(!part.is_empty())
    }

    /// Those messages with whether they may have to be told.
    async fn wanted<'p>(&self, part: &'p [Message]) -> Result<Vec<(&'p Message, bool)>> {
        let ids: Vec<_> = part.iter().map(|message| message.id).collect();
        let known = known(&self.desk, &self.held, &ids).await?;
        let wanted = part.iter().map(|message| {
            let wanted = decide(&self.held, message, known.get(&message.id), false).is_some();
            (message, wanted)
        });
        Ok(wanted.collect())
    }
}
