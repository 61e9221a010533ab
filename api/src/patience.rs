//! How long the API waits for a store before it says that it cannot be reached.

use std::future::Future;
use std::time::Duration;

use shared::store::{Result, StoreError};
use tokio::time::{Instant, sleep, timeout_at};

/// Before the second try of an unclear operation; each later pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The time that a request gives a store in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience(pub Duration);

impl Default for Patience {
    /// Less than the 3 seconds within which every request is answered while the store is away.
    fn default() -> Self {
        Self(Duration::from_millis(2500))
    }
}

impl Patience {
    /// Waits for an operation; too late is [`StoreError::Unavailable`], so it may still happen.
    pub(crate) async fn once<T>(self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        before(Instant::now() + self.0, operation).await
    }

    /// Repeats an operation that may be repeated, as long as its outcome is unclear and there is
    /// time.
    pub(crate) async fn repeat<T, F>(self, operation: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let deadline = Instant::now() + self.0;
        let mut pause = FIRST_PAUSE;
        loop {
            match before(deadline, operation()).await {
                Err(StoreError::Unavailable { .. }) if Instant::now() + pause < deadline => {
                    sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
    }
}

async fn before<T>(deadline: Instant, operation: impl Future<Output = Result<T>>) -> Result<T> {
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
        let result = Patience::default()
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
    async fn patience_ends_before_three_seconds_whatever_the_store_does() {
        let start = Instant::now();
        let refused = Patience::default()
            .repeat(async || Err::<(), _>(away()))
            .await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
        assert!(start.elapsed() < Duration::from_secs(3));

        let start = Instant::now();
        let silent = Patience::default()
            .repeat(std::future::pending::<Result<()>>)
            .await;
        assert!(matches!(silent, Err(StoreError::Unavailable { .. })));
        assert!(start.elapsed() < Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_not_read_again() {
        let tries = Cell::new(0);
        let result = Patience::default()
            .repeat(async || {
                tries.set(tries.get() + 1);
                Err::<(), _>(StoreError::corrupt("a message", "bad row"))
            })
            .await;
        assert!(matches!(result, Err(StoreError::Corrupt { .. })));
        assert_eq!(tries.get(), 1);
    }
}
