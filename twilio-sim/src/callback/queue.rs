use std::{cmp::Reverse, collections::BinaryHeap, sync::Mutex, time::Duration};

use tokio::{sync::Notify, time::timeout};

use crate::{clock::now_ms, lock::lock};

/// A message whose next callback is to be sent, or sent again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Job {
    pub(crate) due_ms: i64,
    pub(crate) message: usize,
    /// How often this callback has failed.
    pub(crate) attempt: u8,
    /// When it was first tried.
    pub(crate) started_ms: i64,
}

impl Job {
    pub(crate) fn first(message: usize, due_ms: i64) -> Self {
        Self {
            due_ms,
            message,
            attempt: 0,
            started_ms: 0,
        }
    }
}

/// Jobs in the order in which they become due. There is one for each message at most.
pub(crate) struct Queue {
    jobs: Mutex<BinaryHeap<Reverse<Job>>>,
    earlier: Notify,
}

impl Queue {
    pub(crate) fn new(owed: Vec<(usize, i64)>) -> Self {
        let jobs = owed
            .into_iter()
            .map(|(message, due_ms)| Reverse(Job::first(message, due_ms)));
        Self {
            jobs: Mutex::new(jobs.collect()),
            earlier: Notify::new(),
        }
    }

    pub(crate) fn push(&self, job: Job) {
        let mut jobs = lock(&self.jobs);
        jobs.push(Reverse(job));
        let first = jobs.peek() == Some(&Reverse(job));
        drop(jobs);
        if first {
            self.earlier.notify_one();
        }
    }

    /// The next job, once it is due. For one consumer.
    pub(crate) async fn next(&self) -> Job {
        loop {
            match self.pop_due() {
                Ok(job) => return job,
                // Either an earlier job has come, or the first is due.
                Err(Some(wait)) => drop(timeout(wait, self.earlier.notified()).await),
                Err(None) => self.earlier.notified().await,
            }
        }
    }

    /// The first job, or how long it has to wait, if there is one.
    fn pop_due(&self) -> Result<Job, Option<Duration>> {
        let mut jobs = lock(&self.jobs);
        let Some(Reverse(first)) = jobs.peek() else {
            return Err(None);
        };
        match u64::try_from(first.due_ms - now_ms()) {
            Ok(wait @ 1..) => Err(Some(Duration::from_millis(wait))),
            _ => jobs.pop().map(|Reverse(job)| job).ok_or(None),
        }
    }
}
