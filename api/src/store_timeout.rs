//! How long the API waits for a store before it says that it cannot be reached.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use mysms_core::schedule::Schedule;
use mysms_core::store::{Result, StoreError};
use tokio::time::{Instant, sleep, timeout_at};

/// Between the tries of an unclear operation.
const PAUSES: Schedule = Schedule {
    initial: Duration::from_millis(50),
    max: Duration::from_secs(2),
};

tokio::task_local! {
    /// How long the request that is being answered has waited for the store.
    static WAITED: Cell<Duration>;
}

/// Lets all that is done to answer one request wait for the store no longer than one timeout in all.
pub(crate) async fn as_one_request<T>(answer: impl Future<Output = T>) -> T {
    WAITED.scope(Cell::new(Duration::ZERO), answer).await
}

/// The time that a request gives the store in all, whatever number of steps it takes. What is done for
/// no request gives it so much each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoreTimeout(pub Duration);

impl Default for StoreTimeout {
    /// Less than the 3 seconds within which every request is answered while the store is away.
    fn default() -> Self {
        Self(Duration::from_millis(2500))
    }
}

impl StoreTimeout {
    /// Waits for an operation; too late is [`StoreError::Unavailable`], so it may still happen.
    pub(crate) async fn once<T>(self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        let wait = self.begin();
        let result = before(wait.deadline, operation).await;
        wait.end();
        result
    }

    /// Repeats an operation that may be repeated, as long as its outcome is unclear and there is
    /// time.
    pub(crate) async fn repeat<T, F>(self, operation: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let wait = self.begin();
        let mut tries = 0;
        let result = loop {
            tries += 1;
            let pause = PAUSES.delay(tries);
            match before(wait.deadline, operation()).await {
                Err(StoreError::Unavailable { .. }) if Instant::now() + pause < wait.deadline => {
                    sleep(pause).await;
                }
                result => break result,
            }
        };
        wait.end();
        result
    }

    fn begin(self) -> Wait {
        let begun = Instant::now();
        let waited = WAITED.try_with(Cell::get).unwrap_or_default();
        let deadline = begun + self.0.saturating_sub(waited);
        Wait { begun, deadline }
    }
}

/// A wait for the store.
struct Wait {
    begun: Instant,
    deadline: Instant,
}

impl Wait {
    fn end(self) {
        // Outside of a request nobody counts.
        let _ = WAITED.try_with(|waited| waited.set(waited.get() + self.begun.elapsed()));
    }
}

/// Once the time is over nothing is begun any more.
async fn before<T>(deadline: Instant, operation: impl Future<Output = Result<T>>) -> Result<T> {
    if deadline <= Instant::now() {
        let why = "the steps before it took too long";
        return Err(StoreError::unavailable("the store", why));
    }
    match timeout_at(deadline, operation).await {
        Ok(result) => result,
        Err(elapsed) => Err(StoreError::unavailable("the store", elapsed)),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn away() -> StoreError {
        StoreError::unavailable("the store", "no route")
    }

    #[tokio::test(start_paused = true)]
    async fn an_unclear_operation_is_repeated_until_it_is_clear() {
        let tries = Cell::new(0);
        let result = StoreTimeout::default()
            .repeat(async || {
                tries.set(tries.get() + 1);
                if tries.get() < 4 {
                    Err(away())
                } else {
                    Ok(tries.get())
                }
            })
            .await;
        assert_eq!(result.unwrap(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_before_three_seconds_whatever_the_store_does() {
        let start = Instant::now();
        let refused = StoreTimeout::default()
            .repeat(async || Err::<(), _>(away()))
            .await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
        assert!(start.elapsed() < Duration::from_secs(3));

        let start = Instant::now();
        let silent = StoreTimeout::default()
            .repeat(std::future::pending::<Result<()>>)
            .await;
        assert!(matches!(silent, Err(StoreError::Unavailable { .. })));
        assert!(start.elapsed() < Duration::from_secs(3));
    }

    /// A step that takes so long and succeeds.
    async fn slow(step: Duration) -> Result<()> {
        sleep(step).await;
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn all_steps_of_a_request_share_one_timeout() {
        let (store_timeout, second) = (StoreTimeout::default(), Duration::from_secs(1));
        let start = Instant::now();
        as_one_request(async {
            store_timeout.once(slow(second)).await.unwrap();
            store_timeout.repeat(|| slow(second)).await.unwrap();
            // What it does meanwhile, other than wait for the store, does not count.
            sleep(second).await;
            let third = store_timeout.repeat(|| slow(second)).await;
            assert!(matches!(third, Err(StoreError::Unavailable { .. })));
            assert_eq!(start.elapsed(), Duration::from_millis(3500));
            let fourth = store_timeout.once(async { unreachable!("nothing more is begun") });
            let fourth: Result<()> = fourth.await;
            assert!(matches!(fourth, Err(StoreError::Unavailable { .. })));
        })
        .await;
        as_one_request(store_timeout.once(slow(second)))
            .await
            .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_not_read_again() {
        let tries = Cell::new(0);
        let result = StoreTimeout::default()
            .repeat(async || {
                tries.set(tries.get() + 1);
                Err::<(), _>(StoreError::corrupt("a message", "bad row"))
            })
            .await;
        assert!(matches!(result, Err(StoreError::Corrupt { .. })));
        assert_eq!(tries.get(), 1);
    }
}
