//! Looking at what is stored, again and again or beside a client that is slow.

use std::future::Future;
use std::time::Duration;

use shared::lifecycle::TaskResult;
use shared::store::{Result, StoreError};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Looks until `stop`, with a pause after each look. Of failures in a row only the first is told.
pub(crate) async fn keep_looking<F>(
    pause: Duration,
    stop: CancellationToken,
    look: impl Fn() -> F,
    tell: impl Fn(&StoreError),
) -> TaskResult
where
    F: Future<Output = Result<()>>,
{
    let looks = async {
        let mut failing = false;
        loop {
            let looked = look().await;
            if let (Err(error), false) = (&looked, failing) {
                tell(error);
            }
            failing = looked.is_err();
            sleep(pause).await;
        }
    };
    stop.run_until_cancelled(looks).await;
    Ok(())
}

/// Reads in a task of its own, which ends when nobody waits for it any more.
///
/// What makes the body of an answer is asked only while its client takes it. A read that stood still
/// with it would hold a connection to the store for as long, and there are few.
pub(crate) async fn by_itself<T: Send + 'static>(
    read: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it lasts no longer than whoever waits for it, and they are tracked"
    )]
    let reading = AbortOnDropHandle::new(tokio::spawn(read));
    reading
        .await
        .unwrap_or_else(|error| Err(StoreError::unavailable("the store", error)))
}
