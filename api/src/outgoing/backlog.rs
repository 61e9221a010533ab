//! What waits for a sender, read at most once a second however many ask.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use mysms_core::domain::{Class, Line, LineId, PerClass, Rate, Timestamp};
use mysms_core::pace::{Lines, Queue};
use mysms_core::store::{QueueId, Result, Turns};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long a reading is good.
const FRESH: Duration = Duration::from_secs(1);

/// What waits for a sender, and how it is.
#[derive(Debug)]
pub(crate) struct Backlog {
    pub queues: PerClass<Queue>,
    pub line: Line,
    /// When it was read, by the store's clock.
    pub at: Timestamp,
}

impl Backlog {
    /// The segments that wait, of all classes.
    pub(crate) fn waiting(&self) -> u64 {
        self.queues
            .iter()
            .map(|(_, (standing, _))| standing.waiting())
            .sum()
    }

    /// For how many seconds a sender with this rate has to do.
    pub(crate) fn seconds(&self, rate: Rate) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "nobody waits for as many segments as a float cannot count"
        )]
        let waiting = self.waiting() as f64;
        waiting / self.line.segments_per_second(rate, self.at)
    }
}

/// The latest reading of each line. Whoever comes while it is read waits for that.
pub(super) struct Backlogs {
    turns: Arc<dyn Turns>,
    lines: Lines,
    known: std::sync::Mutex<HashMap<LineId, Arc<Slot>>>,
}

type Slot = Mutex<Option<(Instant, Arc<Backlog>)>>;

impl Backlogs {
    pub(super) fn new(turns: Arc<dyn Turns>, lines: Lines) -> Self {
        Self {
            turns,
            lines,
            known: std::sync::Mutex::default(),
        }
    }

    pub(super) async fn of(&self, line: &LineId) -> Result<Arc<Backlog>> {
        let slot = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(line.clone()).or_default())
        };
        let mut slot = slot.lock().await;
        if let Some((at, backlog)) = &*slot
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(backlog));
        }
        let backlog = Arc::new(self.read(line).await?);
        *slot = Some((Instant::now(), Arc::clone(&backlog)));
        Ok(backlog)
    }

    async fn read(&self, line: &LineId) -> Result<Backlog> {
        let [otp, transactional, bulk] = Class::ALL.map(|class| self.queue(line, class));
        let line = self.lines.line(line);
        let (otp, transactional, bulk, (line, at)) =
            tokio::try_join!(otp, transactional, bulk, line)?;
        Ok(Backlog {
            queues: PerClass::from([otp, transactional, bulk]),
            line,
            at,
        })
    }

    async fn queue(&self, line: &LineId, class: Class) -> Result<Queue> {
        let line = line.clone();
        let id = QueueId { line, class };
        self.turns.queue(&id).await
    }
}
