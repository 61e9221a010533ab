//! How many sends may be in flight at once.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit that adapts: the provider's throttling halves it (at most once a second, never below
/// one), and each full window of successes raises it by one, up to the maximum.
#[derive(Debug, Clone)]
pub(crate) struct Concurrency {
    permits: Arc<Semaphore>,
    /// Half as many more messages may be claimed ahead of the sends in flight, so that a send begins as
    /// soon as another ends, without waiting for its claim. Only for providers that answer promptly:
    /// what is claimed has to begin within the start window.
    ahead: Arc<Semaphore>,
    /// What has a place in a slot of its sender's line is claimed for a moment that is still to come, and
    /// needs nothing in flight before; that much of it may wait, for providers that answer promptly.
    timed: Arc<Semaphore>,
    /// At most as many answers as sends may wait to be stored. Without a limit a slow ledger would let
    /// answers pile up in memory, each of which is a doubt if the process ends.
    answers: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    max: usize,
    limit: usize,
    /// Permits to withdraw as they come back: a lower limit cannot end sends that are in flight.
    debt: usize,
    successes: usize,
    halved_at: Option<Instant>,
    /// The latest answer came soon enough for claims to go ahead.
    prompt: bool,
}

/// The right to claim one message and have its send in flight, at once or after [`Permit::begin`].
#[derive(Debug)]
pub(crate) struct Permit {
    place: Option<Place>,
    owner: Concurrency,
}

#[derive(Debug)]
enum Place {
    InFlight(OwnedSemaphorePermit),
    Ahead(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit),
}

/// The right to store what the provider answered.
#[derive(Debug)]
pub(crate) struct Answered {
    _permit: Option<OwnedSemaphorePermit>,
}

/// The sends that were in flight when the provider began to throttle are throttled too; together they
/// say so once.
const HALVING_PAUSE: Duration = Duration::from_secs(1);

/// How many times as many texts may wait for their place as may be in flight.
const TIMED: usize = 8;

impl Concurrency {
    pub(crate) fn new(max: usize) -> Self {
        let max = max.max(1);
        Self {
            permits: Arc::new(Semaphore::new(max)),
            ahead: Arc::new(Semaphore::new(max / 2)),
            timed: Arc::new(Semaphore::new(max.saturating_mul(TIMED))),
            answers: Arc::new(Semaphore::new(max)),
            state: Arc::new(Mutex::new(State {
                max,
                limit: max,
                debt: 0,
                successes: 0,
                halved_at: None,
                prompt: false,
            })),
        }
    }

    /// Waits for one permit and takes as many more as are free, up to `most`. Waiters are served in
    /// the order in which they came, so several sources of work take turns.
    ///
    /// Sends that one write has settled end at the same moment. It yields once before it counts, so that
    /// all of them have returned their permits and one claim can use them.
    pub(crate) async fn acquire(&self, most: usize) -> Vec<Permit> {
        let mut permits = Vec::new();
        permits.extend(self.first().await.map(|place| self.permit(place)));
        tokio::task::yield_now().await;
        while permits.len() < most
            && let Some(more) = self.another()
        {
            permits.push(self.permit(more));
        }
        permits
    }

    /// Takes up to `most` permits for texts that have a place in a slot, without waiting for any.
    pub(crate) fn for_slot(&self, most: usize) -> Vec<Permit> {
        let place = || self.timed().or_else(|| self.another());
        let places = std::iter::from_fn(place).take(most);
        places.map(|place| self.permit(place)).collect()
    }

    fn timed(&self) -> Option<Place> {
        let permit = self
            .may_go_ahead()
            .then(|| Arc::clone(&self.timed).try_acquire_owned());
        permit?.ok().map(Place::Ahead)
    }

    async fn first(&self) -> Option<Place> {
        let in_flight = Arc::clone(&self.permits).acquire_owned();
        if !self.may_go_ahead() {
            return in_flight.await.ok().map(Place::InFlight);
        }
        tokio::select! {
            // A permit in flight comes first: a claim made ahead uses up its start window while it waits.
            // Neither semaphore is ever closed.
            biased;
            permit = in_flight => permit.ok().map(Place::InFlight),
            permit = Arc::clone(&self.ahead).acquire_owned() => permit.ok().map(Place::Ahead),
        }
    }

    fn another(&self) -> Option<Place> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Some(Place::InFlight(permit));
        }
        let permit = self
            .may_go_ahead()
            .then(|| Arc::clone(&self.ahead).try_acquire_owned());
        permit?.ok().map(Place::Ahead)
    }

    /// With a provider that throttles or is slow, what is claimed ahead would miss its start window.
    fn may_go_ahead(&self) -> bool {
        let state = self.state();
        state.prompt && state.limit == state.max
    }

    /// How many permits are free now.
    pub(crate) fn free(&self) -> usize {
        let ahead = if self.may_go_ahead() {
            self.ahead.available_permits()
        } else {
            0
        };
        self.permits.available_permits() + ahead
    }

    pub(crate) fn limit(&self) -> usize {
        self.state().limit
    }

    /// Whether the provider answered promptly, or at all.
    pub(crate) fn answered(&self, promptly: bool) {
        self.state().prompt = promptly;
    }

    /// The provider took a message.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state();
        state.successes += 1;
        if state.limit < state.max && state.successes >= state.limit {
            state.successes = 0;
            state.limit += 1;
            // A permit that was still to be withdrawn stays instead, or more would be in flight than the limit.
            if state.debt > 0 {
                state.debt -= 1;
            } else {
                self.permits.add_permits(1);
            }
        }
    }

    /// The provider asked to slow down.
    pub(crate) fn throttled(&self, now: Instant) {
        let mut state = self.state();
        let recently = |at: Instant| now.saturating_duration_since(at) < HALVING_PAUSE;
        if state.halved_at.is_some_and(recently) {
            return;
        }
        state.halved_at = Some(now);
        state.successes = 0;
        let lower = (state.limit / 2).max(1);
        let withdrawn = state.limit - lower;
        state.limit = lower;
        // Free permits are withdrawn at once, those of sends in flight when they come back.
        state.debt += withdrawn - self.permits.forget_permits(withdrawn);
        tracing::info!(limit = lower, "throttled by the provider, sending slower");
    }

    fn permit(&self, place: Place) -> Permit {
        Permit {
            place: Some(place),
            owner: self.clone(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Waits until the send may begin, behind those that were claimed before.
    pub(crate) async fn begin(&mut self) {
        if matches!(self.place, Some(Place::Ahead(_))) {
            let permit = Arc::clone(&self.owner.permits).acquire_owned().await;
            // The place ahead is free for the next claim only now.
            self.place = permit.ok().map(Place::InFlight);
        }
    }

    /// Lets the next send begin while the answer to this one is being stored.
    pub(crate) async fn answered(self) -> Answered {
        // Its place in flight is given back at the end: while too many answers wait, no send begins.
        let answers = Arc::clone(&self.owner.answers);
        Answered {
            _permit: answers.acquire_owned().await.ok(),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // The limit counts sends in flight alone, so a place ahead pays no debt.
        let Some(Place::InFlight(permit)) = self.place.take() else {
            return;
        };
        let mut state = self.owner.state();
        if state.debt > 0 {
            state.debt -= 1;
            permit.forget();
        }
    }
}
