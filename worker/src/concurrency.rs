//! How many sends may be in flight at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit that adapts: the provider's throttling halves it (at most once a second, never below
/// one), and each full window of successes raises it by one, up to the maximum.
#[derive(Debug, Clone)]
pub(crate) struct Concurrency {
    permits: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    max: usize,
    limit: usize,
    /// Permits to withdraw as they come back.
    debt: usize,
    successes: usize,
    halved_at: Option<Instant>,
}

/// The right to have one send in flight.
#[derive(Debug)]
pub(crate) struct Permit {
    permit: Option<OwnedSemaphorePermit>,
    owner: Concurrency,
}

const HALVING_PAUSE: Duration = Duration::from_secs(1);

impl Concurrency {
    pub(crate) fn new(max: usize) -> Self {
        let max = max.max(1);
        Self {
            permits: Arc::new(Semaphore::new(max)),
            state: Arc::new(Mutex::new(State {
                max,
                limit: max,
                debt: 0,
                successes: 0,
                halved_at: None,
            })),
        }
    }

    /// Waits for one permit and takes as many more as are free, up to `most`. Waiters are served in
    /// the order in which they came, so several sources of work take turns.
    pub(crate) async fn acquire(&self, most: usize) -> Vec<Permit> {
        let mut permits = Vec::new();
        if let Ok(first) = Arc::clone(&self.permits).acquire_owned().await {
            permits.push(self.permit(first));
        }
        while permits.len() < most
            && let Ok(more) = Arc::clone(&self.permits).try_acquire_owned()
        {
            permits.push(self.permit(more));
        }
        permits
    }

    /// How many permits are free now.
    pub(crate) fn free(&self) -> usize {
        self.permits.available_permits()
    }

    pub(crate) fn limit(&self) -> usize {
        self.state().limit
    }

    /// The provider took a message.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state();
        state.successes += 1;
        if state.limit < state.max && state.successes >= state.limit {
            state.successes = 0;
            state.limit += 1;
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
        state.debt += withdrawn - self.permits.forget_permits(withdrawn);
        tracing::info!(limit = lower, "throttled by the provider, sending slower");
    }

    fn permit(&self, permit: OwnedSemaphorePermit) -> Permit {
        Permit {
            permit: Some(permit),
            owner: self.clone(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let mut state = self.owner.state();
        if state.debt > 0 {
            state.debt -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn throttling_halves_the_limit_once_a_second_down_to_one() {
        let concurrency = Concurrency::new(8);
        let held = concurrency.acquire(8).await;
        let start = Instant::now();
        concurrency.throttled(start);
        concurrency.throttled(start);
        assert_eq!(concurrency.limit(), 4);
        drop(held);
        assert_eq!(concurrency.free(), 4);
        for second in 1..5 {
            concurrency.throttled(start + Duration::from_secs(second));
        }
        assert_eq!((concurrency.limit(), concurrency.free()), (1, 1));
    }

    #[tokio::test]
    async fn each_full_window_of_successes_adds_one() {
        let concurrency = Concurrency::new(4);
        concurrency.throttled(Instant::now());
        assert_eq!(concurrency.limit(), 2);
        for _ in 0..2 {
            concurrency.succeeded();
        }
        assert_eq!((concurrency.limit(), concurrency.free()), (3, 3));
        for _ in 0..100 {
            concurrency.succeeded();
        }
        assert_eq!((concurrency.limit(), concurrency.free()), (4, 4));
    }

    #[tokio::test]
    async fn a_raise_during_debt_forgives_it() {
        let concurrency = Concurrency::new(4);
        let held = concurrency.acquire(4).await;
        concurrency.throttled(Instant::now());
        for _ in 0..2 {
            concurrency.succeeded();
        }
        drop(held);
        assert_eq!((concurrency.limit(), concurrency.free()), (3, 3));
    }
}
