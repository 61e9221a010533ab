//! Reports what becomes of messages, and passes on what handsets write.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    Direction,
    callback::{Account, Failure, Job, Notice, Overrides},
    clock::now_ms,
    message::Message,
    state::{Live, Sim},
    stats::count,
};

mod answer;

use answer::heed;

/// Before the first repetition; it doubles with each.
const FIRST_PAUSE_MS: i64 = 100;

/// Sends callbacks as they become due, until the simulator stops.
pub(crate) async fn run(sim: Arc<Sim>) {
    let slots = Arc::new(Semaphore::new(sim.sender.concurrency()));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        let job = sim.queue.next().await;
        let task = Arc::clone(&sim);
        sim.spawn(async move {
            let next = match attempt(&task, job).await {
                Some(again) => Some(again),
                None => first_job(&task, job.message),
            };
            if let Some(next) = next {
                task.queue.push(next);
            }
            drop(slot);
        });
    }
}

/// Sends the first callbacks of a message now, one after the other, with their repetitions, and
/// leaves the others to [`run`].
pub(crate) async fn send_early(sim: &Sim, message: usize, early: usize) {
    for _ in 0..early {
        let mut job = first_job(sim, message);
        while let Some(again) = job {
            sim.pause(u32::try_from(again.due_ms - now_ms()).unwrap_or(0))
                .await;
            job = attempt(sim, again).await;
        }
    }
    begin(sim, message);
}

/// Leaves the callbacks that a message is owed to [`run`].
pub(crate) fn begin(sim: &Sim, message: usize) {
    if let Some(job) = first_job(sim, message) {
        sim.queue.push(job);
    }
}

fn first_job(sim: &Sim, message: usize) -> Option<Job> {
    let (_, callback) = sim.ledger.read(message, Message::owed)?;
    Some(Job::first(message, callback.due_ms))
}

/// Tries to send the message's next callback. `None` once it is delivered or given up.
async fn attempt(sim: &Sim, job: Job) -> Option<Job> {
    let started_ms = if job.attempt == 0 {
        now_ms()
    } else {
        job.started_ms
    };
    let live = sim.live();
    let (index, notice, inbound) = sim.ledger.read(job.message, |message| {
        let (index, callback) = message.owed()?;
        let notice = Notice::new(account(sim, &live), message, index, callback)?;
        Some((index, notice, message.direction == Direction::Inbound))
    })?;
    let overrides = Overrides::of(notice.url());
    let left_ms = overrides.total_ms - (now_ms() - started_ms);
    let read_ms = overrides.read_ms.min(left_ms).max(1);
    let posted = sim.sender.post(&notice, &live.auth_token, read_ms).await;
    let failure = match posted {
        Ok(answer) => {
            if inbound {
                heed(sim, job.message, &answer);
            }
            settle(sim, job.message, index, Ok(()));
            return None;
        }
        Err(failure) => failure,
    };
    let due_ms = now_ms() + (FIRST_PAUSE_MS << job.attempt);
    let in_time = due_ms < started_ms + overrides.total_ms;
    if in_time && job.attempt < overrides.retries && overrides.repeats(failure) {
        return Some(Job {
            due_ms,
            attempt: job.attempt + 1,
            started_ms,
            ..job
        });
    }
    tracing::debug!(?failure, attempts = job.attempt + 1, "callback given up");
    settle(sim, job.message, index, Err(failure));
    None
}

fn account<'a>(sim: &'a Sim, live: &Live) -> Account<'a> {
    Account {
        sid: &sim.account_sid,
        advanced_opt_out: live.settings.advanced_opt_out,
        shown: live.shown(),
    }
}

fn settle(sim: &Sim, message: usize, callback: usize, outcome: Result<(), Failure>) {
    count(match outcome {
        Ok(()) => &sim.stats.callbacks_delivered,
        Err(_) => &sim.stats.callbacks_failed,
    });
    let failed = outcome.is_err();
    if let Err(error) = sim.ledger.callback_done(message, callback, failed) {
        tracing::error!(%error, "a finished callback is not in the ledger: a restart repeats it");
    }
}
