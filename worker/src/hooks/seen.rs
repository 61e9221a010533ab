//! Endpoints as they are stored, and whether there is something to do for them.

use std::time::Duration;

use mysms_core::domain::{Endpoint, Place, Progress, Timestamp};
use mysms_core::store::{Kind, Result, Stored};

use super::desk::Desk;

/// How far the second look is behind: what is stored later than that with an earlier time is found only
/// if it is announced.
pub(super) const TRAILS_BY: Duration = Duration::from_mins(2);

/// An endpoint and how far it was told, as they are stored.
pub(super) struct Seen {
    pub(super) key: String,
    pub(super) endpoint: Endpoint,
    pub(super) endpoint_version: u64,
    pub(super) progress: Progress,
    pub(super) version: u64,
}

/// What there is to do for an endpoint.
pub(super) enum Work {
    Waits,
    /// None before that, if it is known, unless something changes.
    Idle(Option<Timestamp>),
    /// None before that, whatever changes.
    Rests(Option<Timestamp>),
}

impl Seen {
    /// `None`: there is no such endpoint.
    pub(super) async fn read(desk: &Desk, key: &str) -> Result<Option<Self>> {
        let now = desk.clock.now();
        let record = desk.records.record(Kind::Endpoint, key, now).await?.record;
        let Some(record) = record else {
            return Ok(None);
        };
        let endpoint: Endpoint = record.read()?;
        let (progress, version) = read_progress(desk, &endpoint).await?;
        Ok(Some(Self {
            key: record.key,
            endpoint,
            endpoint_version: record.version,
            progress,
            version,
        }))
    }

    /// Both records as somebody else read them.
    pub(super) fn of(endpoint: &Stored, progress: Option<&Stored>) -> Result<Self> {
        let endpoint_version = endpoint.version;
        let key = endpoint.key.clone();
        let endpoint: Endpoint = endpoint.read()?;
        let (progress, version) = progress_of(progress, &endpoint)?;
        Ok(Self {
            key,
            endpoint,
            endpoint_version,
            progress,
            version,
        })
    }

    pub(super) fn is_down(&self) -> bool {
        self.progress.is_down()
    }

    /// Whether it is to be told at all, and by nobody else for now.
    pub(super) fn is_free(&self, desk: &Desk) -> bool {
        let foreign = self.progress.lease.filter(|it| it.holder != desk.holder);
        let taken = foreign.is_some_and(|lease| lease.until > desk.clock.now());
        self.endpoint.is_active() && !taken
    }
}

/// One that was never told has none stored.
pub(super) async fn read_progress(desk: &Desk, endpoint: &Endpoint) -> Result<(Progress, u64)> {
    let now = desk.clock.now();
    let key = endpoint.key();
    let record = desk.records.record(Kind::Progress, &key, now).await?.record;
    progress_of(record.as_ref(), endpoint)
}

fn progress_of(stored: Option<&Stored>, endpoint: &Endpoint) -> Result<(Progress, u64)> {
    Ok(match stored {
        Some(stored) => (stored.read()?, stored.version),
        None => (Progress::from(endpoint.created_at), 0),
    })
}

/// Whether there is something to do for an endpoint.
pub(super) async fn work(
    desk: &Desk,
    endpoint: &Endpoint,
    progress: &Progress,
    now: Timestamp,
) -> Result<Work> {
    let next_try = progress.next_try();
    if next_try.is_some_and(|due| due <= now) {
        return Ok(Work::Waits);
    }
    if progress.is_down() || progress.rests(now) {
        return Ok(Work::Rests(next_try.or(progress.rests_until)));
    }
    let after = async |place| {
        let changed = desk.changes.changed_after(endpoint.owner, place, 1).await;
        changed.map(|changed| changed.first().map(Place::of))
    };
    // Most endpoints are where the changes end with both, so one look is enough.
    let Some(first) = after(progress.trail.min(progress.place)).await? else {
        return Ok(Work::Idle(next_try));
    };
    let late = first.at + TRAILS_BY;
    if late <= now || first > progress.place || after(progress.place).await?.is_some() {
        return Ok(Work::Waits);
    }
    Ok(Work::Idle(Some(late).into_iter().chain(next_try).min()))
}
