//! What waits for a sender, read at most once a second however many ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysms_core::domain::{Class, Line, LineId, PerClass, Rate, Sender, Timestamp};
use mysms_core::pace::{Lines, Queue};
use mysms_core::store::{Pauses, QueueId, Result, Turns};

use super::recent::Recent;

/// A sender that is paused may be paused again when it is tried: only what nobody else can send is given to
/// it.
const PAUSED: Duration = Duration::from_hours(1);

/// What waits for a sender, and how it is.
#[derive(Debug)]
pub(crate) struct Backlog {
    pub queues: PerClass<Queue>,
    pub line: Line,
    /// When it is tried again, if it is paused, which it may be once more then.
    pub rests_until: Option<Timestamp>,
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

    /// How many seconds one more text would wait: for what is ahead of it, for the next day if this one is
    /// used up by then, and for the end of a pause.
    pub(crate) fn seconds(&self, sender: &Sender, rate: Rate) -> f64 {
        let rest = self.rests_until.map(|until| until.since(self.at) + PAUSED);
        let today = sender.terms(rate, self.at).today;
        let spent = today.filter(|day| self.line.spent_on(*day) + self.waiting() >= day.segments);
        let spent = spent.map(|day| day.ends.since(self.at));
        let other = rest.unwrap_or_default().max(spent.unwrap_or_default());
        self.seconds_of_work(rate) + other.as_secs_f64()
    }

    fn seconds_of_work(&self, rate: Rate) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "nobody waits for as many segments as a float cannot count"
        )]
        let waiting = self.waiting() as f64;
        waiting / self.line.segments_per_second(rate, self.at)
    }
}

/// The latest reading of each line.
pub(super) struct Backlogs {
    turns: Arc<dyn Turns>,
    lines: Lines,
    pauses: Arc<dyn Pauses>,
    known: Mutex<HashMap<LineId, Arc<Recent<Backlog>>>>,
}

impl Backlogs {
    pub(super) fn new(turns: Arc<dyn Turns>, lines: Lines, pauses: Arc<dyn Pauses>) -> Self {
        Self {
            turns,
            lines,
            pauses,
            known: Mutex::default(),
        }
    }

    pub(super) async fn of(&self, line: &LineId) -> Result<Arc<Backlog>> {
        let recent = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(line.clone()).or_default())
        };
        recent.get(self.read(line)).await
    }

    async fn read(&self, line: &LineId) -> Result<Backlog> {
        let [otp, transactional, bulk] = Class::ALL.map(|class| self.queue(line, class));
        let state = self.lines.line(line);
        let paused = self.pauses.paused();
        let (otp, transactional, bulk, (state, at), paused) =
            tokio::try_join!(otp, transactional, bulk, state, paused)?;
        let own = paused.iter().filter(|pause| pause.sender.is_of(line));
        Ok(Backlog {
            queues: PerClass::from([otp, transactional, bulk]),
            line: state,
            rests_until: own.map(|pause| pause.probe_at).max(),
            at,
        })
    }

    async fn queue(&self, line: &LineId, class: Class) -> Result<Queue> {
        let line = line.clone();
        let id = QueueId { line, class };
        self.turns.queue(&id).await
    }
}
