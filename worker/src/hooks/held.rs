//! An endpoint that this process has to itself.

use std::sync::Arc;

use mysms_core::domain::{
    Attempt, Attempts, DisabledBy, Endpoint, EndpointId, LISTED_ATTEMPTS, Progress, Timestamp,
};
use mysms_core::queue::Announcement;
use mysms_core::store::{Kind, Result, Stored, written};

use super::desk::Desk;
use super::seen::{Seen, TRAILS_BY, Work, read_progress, work};

/// An endpoint that this process has to itself, while its lease lasts.
pub(super) struct Held {
    desk: Arc<Desk>,
    key: String,
    pub(super) endpoint: Endpoint,
    endpoint_version: u64,
    pub(super) progress: Progress,
    /// As it is stored.
    stored: Progress,
    version: u64,
    /// Attempts that are not stored yet.
    fresh: Vec<Attempt>,
}

/// What came of opening an endpoint.
pub(super) enum Opened {
    Held(Box<Held>),
    /// Nothing changed; when there is something to do, if that is known.
    Idle(Option<Timestamp>),
    /// It is not to be told, whatever changes, or somebody else does it; until then, if that is known.
    Rests(Option<Timestamp>),
}

/// What came of storing what is known of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    Done,
    /// Its user changed it, and that is how it is now.
    Changed,
    /// It is somebody else's, or gone.
    Lost,
}

impl Held {
    /// Takes an endpoint if there is something to do for it. `stored_late`: something of then may just have
    /// been stored.
    pub(super) async fn open(
        desk: &Arc<Desk>,
        key: &str,
        stored_late: Option<Timestamp>,
    ) -> Result<Opened> {
        match Seen::read(desk, key).await? {
            Some(seen) => Self::take(desk, seen, stored_late).await,
            None => Ok(Opened::Rests(None)),
        }
    }

    /// The same of one that was just read.
    pub(super) async fn take(
        desk: &Arc<Desk>,
        seen: Seen,
        stored_late: Option<Timestamp>,
    ) -> Result<Opened> {
        if !seen.is_free(desk) {
            return Ok(Opened::Rests(None));
        }
        let now = desk.clock.now();
        let mut progress = seen.progress.clone();
        if let Some(at) = stored_late {
            progress.look_back(at);
        }
        match work(desk, &seen.endpoint, &progress, now).await? {
            Work::Waits => {}
            Work::Idle(until) => return Ok(Opened::Idle(until)),
            Work::Rests(until) => return Ok(Opened::Rests(until)),
        }
        let mut held = Self {
            desk: Arc::clone(desk),
            key: seen.key,
            endpoint: seen.endpoint,
            endpoint_version: seen.endpoint_version,
            progress,
            stored: seen.progress,
            version: seen.version,
            fresh: Vec::new(),
        };
        Ok(match held.renew().await? {
            Saved::Lost => Opened::Rests(None),
            Saved::Done => Opened::Held(Box::new(held)),
            Saved::Changed => {
                if let Some(at) = stored_late {
                    held.progress.look_back(at);
                }
                Opened::Held(Box::new(held))
            }
        })
    }

    pub(super) fn id(&self) -> EndpointId {
        self.endpoint.id
    }

    /// Until when nobody else takes it.
    pub(super) fn until(&self) -> Timestamp {
        let lease = self
            .stored
            .lease
            .filter(|lease| lease.holder == self.desk.holder);
        lease.map_or(Timestamp::EPOCH, |lease| lease.until)
    }

    /// Whether something is known that is not stored.
    pub(super) fn is_changed(&self) -> bool {
        self.progress != self.stored || !self.fresh.is_empty()
    }

    pub(super) fn note(&mut self, attempt: Attempt) {
        self.fresh.push(attempt);
        let excess = self.fresh.len().saturating_sub(LISTED_ATTEMPTS);
        self.fresh.drain(..excess);
    }

    /// Stores what is known, and renews the lease.
    pub(super) async fn renew(&mut self) -> Result<Saved> {
        let now = self.desk.clock.now();
        if !self.progress.lease(self.desk.holder, now) {
            return Ok(Saved::Lost);
        }
        self.save().await
    }

    /// Stores what is known, and gives the lease back. Returns when there is something to do again, if that
    /// is known.
    pub(super) async fn release(mut self) -> Result<Option<Timestamp>> {
        self.progress.release(self.desk.holder);
        if self.save().await? == Saved::Changed {
            self.progress.release(self.desk.holder);
            self.save().await?;
        }
        let late =
            (self.progress.trail < self.progress.place).then(|| self.progress.place.at + TRAILS_BY);
        let due = self.progress.next_try();
        Ok(late.into_iter().chain(due).min())
    }

    /// The attempts come last, so that none are left of an endpoint that was removed.
    async fn save(&mut self) -> Result<Saved> {
        let saved = self.save_progress().await?;
        if saved == Saved::Done {
            self.store_attempts().await?;
        }
        Ok(saved)
    }

    async fn save_progress(&mut self) -> Result<Saved> {
        if self.progress == self.stored {
            return Ok(Saved::Done);
        }
        let after = written(&self.progress)?;
        let records = &self.desk.records;
        let replace = records.replace(Kind::Progress, &self.key, self.version, Some(&after));
        // With what version a record begins is told by the store only.
        if replace.await? && self.version > 0 {
            self.stored = self.progress.clone();
            self.version += 1;
            return Ok(Saved::Done);
        }
        let (stored, version) = read_progress(&self.desk, &self.endpoint).await?;
        // An unclear write may have been one.
        let saved = if stored == self.progress {
            Saved::Done
        } else if stored.is_held_by(self.desk.holder) {
            Saved::Changed
        } else {
            Saved::Lost
        };
        (self.progress, self.stored, self.version) = (stored.clone(), stored, version);
        Ok(saved)
    }

    /// Of two workers that store attempts at the same time one may be too late, and tries again with the
    /// next ones.
    async fn store_attempts(&mut self) -> Result<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let now = self.desk.clock.now();
        let records = &self.desk.records;
        let stored = records.record(Kind::Attempts, &self.key, now).await?.record;
        let seen = stored.as_ref().map_or(0, |stored| stored.version);
        let mut attempts: Attempts = read_or_default(stored.as_ref())?;
        for attempt in &self.fresh {
            attempts.note(attempt.clone());
        }
        let after = written(&attempts)?;
        let replace = records.replace(Kind::Attempts, &self.key, seen, Some(&after));
        if replace.await? {
            self.fresh.clear();
        }
        Ok(())
    }

    /// Reads anew what its user wants; returns false if it is not to be called any more.
    pub(super) async fn refresh(&mut self) -> Result<bool> {
        let now = self.desk.clock.now();
        let records = &self.desk.records;
        let Some(record) = records.record(Kind::Endpoint, &self.key, now).await?.record else {
            return Ok(false);
        };
        self.endpoint = record.read()?;
        self.endpoint_version = record.version;
        Ok(self.endpoint.is_active())
    }

    /// Disables it, unless it is already.
    pub(super) async fn disable(&mut self, by: DisabledBy) -> Result<()> {
        let now = self.desk.clock.now();
        while self.endpoint.disable(by, now) {
            let after = written(&self.endpoint)?;
            let records = &self.desk.records;
            let seen = self.endpoint_version;
            let replace = records.replace(Kind::Endpoint, &self.key, seen, Some(&after));
            if replace.await? {
                let (owner, id) = (self.endpoint.owner, self.endpoint.id);
                self.desk.metrics.webhook_disabled(by);
                let announcement = Announcement::of_endpoints(owner, now);
                self.desk.announcements.announce(announcement);
                tracing::warn!(endpoint.id = %id, user.id = %owner, by = by.as_str(),
                    "an endpoint was disabled");
                return Ok(());
            }
            self.refresh().await?;
        }
        Ok(())
    }
}

fn read_or_default<T: serde::de::DeserializeOwned + Default>(stored: Option<&Stored>) -> Result<T> {
    stored.map_or_else(|| Ok(T::default()), Stored::read)
}
