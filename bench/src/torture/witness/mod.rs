//! What users and the provider see beside the texts that are sent: what they were told must be true
//! to the end.

mod observer;
mod reader;
mod received;
mod seen;
mod sessions;
mod stream;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lab::Account;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::interval;

use self::observer::Observer;
use self::received::Received;
use self::sessions::Sessions;
use super::field::Field;
use super::judge::Offence;
use super::ledger::Row;
use super::outages::Sample;

pub(super) use self::reader::Reader;

/// Between two looks at the memory of the processes.
const BETWEEN_SAMPLES: Duration = Duration::from_millis(500);

/// All that witness a run; dropped, they stop.
pub(super) struct Witnesses {
    received: Arc<Received>,
    sessions: Arc<Sessions>,
    observers: Vec<Arc<Observer>>,
    reader: Arc<Reader>,
    samples: Arc<Mutex<Vec<Sample>>>,
    tasks: JoinSet<()>,
}

/// What was witnessed.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Witnessed {
    /// Texts to us that the provider need not tell again.
    pub received: usize,
    /// Those that are not in the ledger, or are there twice.
    pub received_lost: usize,
    /// Texts that were looked for after they had been accepted.
    pub read_back: usize,
    /// Those that an API did not know then.
    pub unseen: usize,
    /// Messages whose status or version somebody saw go back.
    pub went_back: usize,
    /// Messages that somebody was shown and that do not exist.
    pub phantoms: usize,
    /// Tokens that were told to have ended.
    pub ended: usize,
    /// Those that were good again.
    pub revived: usize,
    /// For how long one was still good somewhere, in seconds.
    pub ended_but_good: f64,
}

impl Witnesses {
    /// Lets them begin. `recipients` are those who write to us.
    pub(super) fn begin(field: &Arc<Field>, account: &Account, recipients: Vec<String>) -> Self {
        let bases = &field.bases;
        let mut tasks = JoinSet::new();
        let mut observers = Vec::new();
        for (base, number) in bases.iter().zip(1..) {
            let poller = Observer::new(format!("a poller at api-{number}"));
            tasks.spawn(Arc::clone(&poller).poll(account.clone(), base.clone()));
            let stream = Observer::new(format!("a stream of api-{number}"));
            tasks.spawn(Arc::clone(&stream).follow(account.clone(), base.clone()));
            observers.extend([poller, stream]);
        }
        let received = Received::new(bases.clone(), field.public());
        tasks.spawn(Arc::clone(&received).tell_all(recipients));
        let sessions = Sessions::new(account.clone(), bases.clone());
        tasks.spawn(Arc::clone(&sessions).come_and_go());
        let samples = Arc::<Mutex<Vec<Sample>>>::default();
        tasks.spawn(sample(Arc::clone(field), Arc::clone(&samples)));
        Self {
            received,
            sessions,
            observers,
            reader: Reader::new(bases.clone()),
            samples,
            tasks,
        }
    }

    /// Looks for accepted texts.
    pub(super) fn reader(&self) -> Arc<Reader> {
        Arc::clone(&self.reader)
    }

    /// The memory of the processes, as it was.
    pub(super) fn samples(&self) -> Vec<Sample> {
        lock(&self.samples).clone()
    }

    /// Ends them: what happens from here on, nobody is told.
    pub(super) async fn end(&mut self) {
        self.tasks.shutdown().await;
    }

    /// Compares what they saw with the ledger as it was after their end.
    pub(super) async fn testify(&self, rows: &[Row]) -> (Witnessed, Vec<Offence>) {
        let mut offences = self.received.judge(rows);
        offences.extend(self.reader.judge());
        let ids: HashSet<String> = rows.iter().map(|row| row.id.to_string()).collect();
        for observer in &self.observers {
            offences.extend(observer.judge(&ids));
        }
        offences.extend(self.sessions.judge().await);
        let witnessed = Witnessed {
            received: self.received.count(),
            read_back: self.reader.count(),
            ended: self.sessions.count(),
            ended_but_good: self.sessions.good_for().as_secs_f64(),
            ..Witnessed::default()
        };
        (witnessed, offences)
    }
}

impl fmt::Display for Witnessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("received", self.received),
            ("  lost", self.received_lost),
            ("read back", self.read_back),
            ("  unseen", self.unseen),
            ("went back", self.went_back),
            ("phantoms", self.phantoms),
            ("tokens ended", self.ended),
            ("  revived", self.revived),
        ];
        for (name, number) in rows {
            writeln!(f, "{name:<18}{number:>8}")?;
        }
        writeln!(f, "{:<18}{:>8.1} s", "  good for", self.ended_but_good)
    }
}

async fn sample(field: Arc<Field>, samples: Arc<Mutex<Vec<Sample>>>) {
    let mut ticks = interval(BETWEEN_SAMPLES);
    loop {
        ticks.tick().await;
        let sample = field.sample();
        lock(&samples).push(sample);
    }
}

/// What is behind a lock that nobody leaves in the middle of a change.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
