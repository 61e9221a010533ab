//! Looking again and again at what other processes have stored.

use std::future::Future;
use std::time::Duration;

use mysms_core::store::{Result, StoreError};
use runtime::lifecycle::TaskResult;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Looks until `stop`, with a pause after each look. Of failures in a row only the first is told.
pub(crate) async fn poll_store<F>(
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
