//! Lines as workers take them, each by itself, and whoever slows them down.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::{Begun, LeaseToken, Line, LineId, PerClass, Share, Slot, Terms, Timestamp};
use crate::store::{Kind, Reading, Records, Result, StoreError, Stored, written};

/// How often a change is tried that others come between. A line has few writers.
const TRIES: u32 = 16;

/// The store's clock as this process sees it.
#[derive(Debug, Clone, Copy)]
pub struct StoreTime {
    at: Timestamp,
    /// The middle of the round trip in which it was read.
    seen: Instant,
}

impl StoreTime {
    /// What the store's clock shows now.
    pub fn now(&self) -> Timestamp {
        self.at + self.seen.elapsed()
    }
}

/// A line that this worker has to itself for a moment.
#[derive(Debug)]
pub struct Held {
    id: LineId,
    token: LeaseToken,
    line: Line,
    version: u64,
    terms: Terms,
    pub time: StoreTime,
    pub budget: u32,
    pub longest: u64,
}

/// What came of an attempt to take a line.
#[derive(Debug)]
pub enum Opening {
    Held(Box<Held>),
    /// It has to be asked again after so much time.
    Wait(Duration),
    /// The day's allowance is used up until then.
    Spent {
        until: Timestamp,
    },
}

/// The lines of all senders.
#[derive(Clone)]
pub struct Lines {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
}

impl Held {
    /// See [`Line::share`].
    pub fn share(&self, waiting: &PerClass<Vec<u32>>) -> Share {
        self.line.share(waiting, self.budget, self.longest)
    }
}

impl Lines {
    pub fn new(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self { records, clock }
    }

    /// Tries to take a line. `terms` says what its sender may send at a time by the store's clock: of
    /// workers whose own clocks differ, each would begin the day anew around midnight.
    pub async fn open(
        &self,
        id: &LineId,
        token: LeaseToken,
        terms: impl Fn(Timestamp) -> Terms,
    ) -> Result<Opening> {
        let (mut line, mut version, mut time) = self.read(id).await?;
        let now = time.now();
        let terms = terms(now);
        match line.begin(token, &terms, now) {
            Begun::Wait(wait) => Ok(Opening::Wait(wait)),
            Begun::Spent { until } => Ok(Opening::Spent { until }),
            Begun::Held { budget, longest } => {
                if !self.write(id, version, &line).await? {
                    // Somebody else was faster.
                    return Ok(Opening::Wait(Duration::from_millis(5)));
                }
                if version == 0 {
                    // With what version a record begins is told by the store only.
                    (line, version, time) = self.read(id).await?;
                } else {
                    version += 1;
                }
                Ok(Opening::Held(Box::new(Held {
                    id: id.clone(),
                    token,
                    line,
                    version,
                    terms,
                    time,
                    budget,
                    longest,
                })))
            }
        }
    }

    /// Takes the slot for what was claimed; `None` if the line was somebody else's meanwhile, so that
    /// nothing may leave. An error means the same, but that the slot may be lost.
    pub async fn take(&self, held: Held, share: &Share) -> Result<Option<Slot>> {
        let Held {
            id,
            token,
            mut line,
            mut version,
            terms,
            mut time,
            ..
        } = held;
        for _ in 0..TRIES {
            let Some(slot) = line.take(token, share, &terms, time.now()) else {
                return Ok(None);
            };
            if self.write(&id, version, &line).await? {
                return Ok(Some(slot));
            }
            // Somebody slowed the line down, or took it; or an unclear write of ours was one.
            (line, version, time) = self.read(&id).await?;
        }
        Err(kept_changing())
    }

    /// Gives a line back that nothing was claimed for, maybe because what is left of the day is too little.
    pub async fn release(&self, held: Held, is_short: bool) -> Result<()> {
        let Held {
            id,
            token,
            mut line,
            version,
            terms,
            ..
        } = held;
        if line.release(token, &terms, is_short) {
            // If somebody changed it meanwhile, the hold ends by itself.
            self.write(&id, version, &line).await?;
        }
        Ok(())
    }

    /// Halves the rate of a line; returns false if that was just done.
    pub async fn slow_down(&self, id: &LineId) -> Result<bool> {
        for _ in 0..TRIES {
            let (mut line, version, time) = self.read(id).await?;
            if !line.slow_down(time.now()) {
                return Ok(false);
            }
            if self.write(id, version, &line).await? {
                return Ok(true);
            }
        }
        Err(kept_changing())
    }

    /// All lines that were ever taken, by the texts of their ids.
    pub async fn all(&self) -> Result<HashMap<String, Line>> {
        let stored = self.records.records(Kind::Line).await?;
        let read = |stored: Stored| Ok((stored.key.clone(), stored.read()?));
        stored.into_iter().map(read).collect()
    }

    /// A line as it is, and the time by the store's clock.
    pub async fn line(&self, id: &LineId) -> Result<(Line, Timestamp)> {
        let (line, _version, time) = self.read(id).await?;
        Ok((line, time.now()))
    }

    async fn read(&self, id: &LineId) -> Result<(Line, u64, StoreTime)> {
        let asked = Instant::now();
        let now = self.clock.now();
        let Reading { record, at } = self.records.record(Kind::Line, id.as_str(), now).await?;
        let time = StoreTime {
            at,
            seen: asked + asked.elapsed() / 2,
        };
        match record {
            Some(stored) => Ok((stored.read()?, stored.version, time)),
            None => Ok((Line::default(), 0, time)),
        }
    }

    async fn write(&self, id: &LineId, seen: u64, line: &Line) -> Result<bool> {
        let value = written(line)?;
        let after = Some(value.as_str());
        self.records
            .replace(Kind::Line, id.as_str(), seen, after)
            .await
    }
}

fn kept_changing() -> StoreError {
    StoreError::unavailable("the lines", "the line kept changing")
}
